import { describe, expect, it } from "vitest";
import { spritesOf, type Drawn } from "../src/sprites";
import { UserHand } from "../src/user";

const ALL: Drawn = { pointer: true, ripples: true, width: 640, height: 360 };
const half = ({ x, y }: { x: number; y: number }): { x: number; y: number } => ({ x: x / 2, y: y / 2 });

function hand(state: Partial<UserHand>, ...clicks: { at: number; point: { x: number; y: number } }[]): UserHand {
  return Object.assign(new UserHand(), state, { clicks });
}

describe("spritesOf", () => {
  const at = { x: 31, y: 20 };
  const drawn = (own: UserHand, now = 0, shown = ALL): unknown[] => spritesOf(own, now, shown, 1, half).map(({ kind, step }) => (kind === "ring" ? `ring ${step}` : kind));

  it("is an arrow for a mouse, a finger that is down, and nothing before the first position", () => {
    expect(drawn(hand({}))).toEqual([]);
    expect(drawn(hand({ point: at }))).toEqual(["arrow"]);
    expect(drawn(hand({ point: at, touch: true, pressed: true }))).toEqual(["finger"]);
    expect(drawn(hand({ point: at, touch: true }))).toEqual([]);
  });

  it("lies at whole pixels of the picture", () => {
    expect(spritesOf(hand({ point: at }), 0, ALL, 1.5, half)).toEqual([{ kind: "arrow", x_px: 16, y_px: 10, scale: 1.5, step: 0 }]);
  });

  it("has the steps of every ripple that is open, under the pointer", () => {
    const clicked = hand({ point: at }, { at: 1000, point: at }, { at: 1250, point: at });
    expect(drawn(clicked, 1299)).toEqual(["ring 2", "ring 0", "arrow"]);
    expect(drawn(clicked, 1700)).toEqual(["ring 4", "arrow"]);
    expect(drawn(clicked, 1950)).toEqual(["arrow"]);
  });

  it("is only what was asked for", () => {
    const clicked = hand({ point: at }, { at: 0, point: at });
    expect(drawn(clicked, 0, { ...ALL, pointer: false })).toEqual(["ring 0"]);
    expect(drawn(clicked, 0, { ...ALL, ripples: false })).toEqual(["arrow"]);
  });

  it.each([
    [-60, 50, true],
    [-200, 50, false],
    [100, 1e300, false],
    [NaN, 50, false],
    [100, -Infinity, false],
    [1330, 50, true],
    [1500, 50, false],
  ])("a pointer at %d, %d of 1280 x 720 is drawn: %s", (x, y, seen) => {
    expect(drawn(hand({ point: { x, y } })).length === 1).toBe(seen);
  });
});
