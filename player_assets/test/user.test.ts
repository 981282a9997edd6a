import { describe, expect, it } from "vitest";
import type { Replay } from "../src/replay";
import type { RrwebEvent } from "../src/rrweb";
import { stepOf, UserHand } from "../src/user";

const replay = {
  placeOf: (_: number | undefined, { x, y }: { x: number; y: number }) => ({ x: x + 100, y: y + 200 }),
  middleOf: (id: number | undefined) => (id === 7 ? { x: 1, y: 2 } : null),
} as unknown as Replay;
const event = (source: number, data: object): RrwebEvent => ({ type: 3, timestamp: 0, data: { source, ...data } }) as unknown as RrwebEvent;
const move = (x: number, y: number, source = 1): RrwebEvent => event(source, { positions: [{ x, y, id: 1, timeOffset: 0 }] });
const interaction = (type: number, more: object): RrwebEvent => event(2, { type, ...more });

const CLICK = 2;
const TOUCH_START = 7;
const TOUCH_END = 9;

describe("UserHand", () => {
  it("is where the last position was, as the page places it", () => {
    const hand = new UserHand();
    expect(hand.point).toBeNull();
    hand.follow([move(1, 2), move(3, 4)], 10, replay);
    expect(hand.point).toEqual({ x: 103, y: 204 });
    hand.follow([interaction(CLICK, { id: 1, x: 8, y: 9 })], 20, replay);
    expect(hand.point).toEqual({ x: 108, y: 209 });
  });

  it("opens a ripple per click for 700 ms", () => {
    const hand = new UserHand();
    hand.follow([interaction(CLICK, { id: 1, x: 8, y: 9 })], 1000, replay);
    expect(hand.ripples(1000)).toEqual([{ at: 1000, point: { x: 108, y: 209 } }]);
    expect(hand.nextChange(1000)).toBe(1100);
    expect([1000, 1099, 1100, 1699].map((now) => stepOf(1000, now))).toEqual([0, 0, 1, 6]);
    expect(hand.ripples(1699)).toHaveLength(1);
    expect(hand.ripples(1700)).toEqual([]);
    expect(hand.nextChange(1700)).toBeNull();
  });

  it("keeps the newest three of many ripples", () => {
    const hand = new UserHand();
    for (const at of [0, 50, 100, 150, 200]) hand.follow([interaction(CLICK, { id: 1, x: at, y: 9 })], at, replay);
    expect(hand.ripples(200).map(({ at }) => at)).toEqual([100, 150, 200]);
  });

  it("puts the ripple of a keyboard click on what was pressed and leaves the pointer", () => {
    const hand = new UserHand();
    hand.follow([move(3, 4)], 0, replay);
    hand.follow([interaction(CLICK, { id: 7, x: 0, y: 0 })], 10, replay);
    expect(hand.ripples(10)).toEqual([{ at: 10, point: { x: 1, y: 2 } }]);
    hand.follow([interaction(CLICK, { id: 8, x: 0, y: 0 })], 20, replay);
    expect(hand.ripples(20)).toHaveLength(1);
    expect(hand.point).toEqual({ x: 103, y: 204 });
  });

  it("knows a finger from a mouse", () => {
    const hand = new UserHand();
    const state = (): boolean[] => [hand.touch, hand.pressed];
    hand.follow([interaction(TOUCH_START, { id: 1, x: 5, y: 5 })], 0, replay);
    expect(state()).toEqual([true, true]);
    hand.follow([interaction(TOUCH_END, { id: 1 })], 10, replay);
    expect(state()).toEqual([true, false]);
    hand.follow([move(1, 1, 6)], 20, replay);
    expect(state()).toEqual([true, true]);
    hand.follow([move(1, 1)], 30, replay);
    expect(state()).toEqual([false, false]);
  });

  it("takes over what was known before the first event", () => {
    const hand = new UserHand();
    hand.takeOver({ x: 4, y: 5, touch: true, pressed: true });
    expect([hand.point, hand.touch, hand.pressed]).toEqual([{ x: 4, y: 5 }, true, true]);
  });

  it("ignores places that are none", () => {
    const hand = new UserHand();
    hand.follow([interaction(CLICK, { id: 1 }), interaction(CLICK, { id: 1, x: null, y: 3 }), interaction(CLICK, { id: 1, x: NaN, y: 3 })], 0, replay);
    expect(hand.point).toBeNull();
    expect(hand.ripples(0)).toEqual([]);
  });
});
