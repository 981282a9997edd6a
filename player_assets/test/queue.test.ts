import { describe, expect, it } from "vitest";
import { EventQueue, unpack } from "../src/queue";
import type { RrwebEvent } from "../src/rrweb";

const moves = (positions: unknown): RrwebEvent =>
  ({ type: 3, timestamp: 0, data: { source: 1, positions } }) as unknown as RrwebEvent;
const named = (name: string): RrwebEvent => ({ type: 5, timestamp: 0, data: { tag: name, payload: {} } }) as RrwebEvent;
const names = (events: RrwebEvent[]): string[] => events.map((event) => (event as { data: { tag: string } }).data.tag);

describe("unpack", () => {
  it("gives each position of a batch its own time", () => {
    const batch = moves([
      { x: 1, y: 2, id: 3, timeOffset: -480.4 },
      { x: 4, y: 5, id: 3, timeOffset: 0 },
    ]);
    const timed = unpack(1000, batch);
    expect(timed.map(({ at }) => at)).toEqual([520, 1000]);
    expect(timed.map(({ event }) => (event.data as { positions: unknown[] }).positions)).toEqual([
      [{ x: 1, y: 2, id: 3, timeOffset: 0 }],
      [{ x: 4, y: 5, id: 3, timeOffset: 0 }],
    ]);
    expect(timed.map(({ event }) => event.timestamp)).toEqual([520, 1000]);
  });

  it("never puts a position after its batch", () => {
    expect(unpack(1000, moves([{ x: 1, y: 2, id: 3, timeOffset: 700 }]))[0]?.at).toBe(1000);
  });

  it("drops what is not a position", () => {
    const good = { x: 1, y: 2, id: 3, timeOffset: 0 };
    const bad = [null, 7, {}, { x: "1", y: 2, timeOffset: 0 }, { x: NaN, y: 2, timeOffset: 0 }, { x: 1, y: 2, timeOffset: null }];
    expect(unpack(10, moves([...bad, good]))).toHaveLength(1);
    expect(unpack(10, moves([]))).toEqual([]);
  });

  it("leaves other events alone and trusts the given time only", () => {
    const event = { ...named("a"), timestamp: 1_760_000_000_000 };
    expect(unpack(5, event)).toEqual([{ at: 5, event }]);
    expect(event.timestamp).toBe(5);
    expect(unpack(5, moves("many"))).toHaveLength(1);
  });
});

describe("EventQueue", () => {
  it("gives groups of one time in the order of recording", () => {
    const queue = new EventQueue();
    queue.add([[5, named("a")], [5, named("b")], [9, named("c")]]);
    expect(queue.nextAt()).toBe(5);
    expect(names(queue.takeGroup())).toEqual(["a", "b"]);
    expect(queue.nextAt()).toBe(9);
    expect(names(queue.takeGroup())).toEqual(["c"]);
    expect(queue.nextAt()).toBeNull();
    expect(queue.takeGroup()).toEqual([]);
  });

  it("sorts positions that reach back among what was loaded before them", () => {
    const queue = new EventQueue();
    queue.add([[100, named("first")], [600, named("second")]]);
    queue.takeGroup();
    queue.add([[700, moves([{ x: 1, y: 1, id: 1, timeOffset: -400 }])]]);
    expect(queue.nextAt()).toBe(300);
    queue.takeGroup();
    expect(names(queue.takeGroup())).toEqual(["second"]);
  });

  it("keeps the order of recording for equal times of two chunks", () => {
    const queue = new EventQueue();
    queue.add([[5, named("a")]]);
    queue.add([[5, named("b")]]);
    expect(names(queue.takeGroup())).toEqual(["a", "b"]);
  });
});
