import { describe, expect, it } from "vitest";
import { Axis } from "../src/overlays/axis";
import { Boundaries, lastAt } from "../src/overlays/moments";
import { address, brief, clock, counter, duration } from "../src/overlays/words";

describe("words", () => {
  it.each([[0, "0:00"], [999, "0:00"], [65_250, "1:05"], [3_599_999, "59:59"], [3_725_000, "1:02:05"], [-5, "0:00"]])("clock %d is %s", (ms, text) =>
    expect(clock(ms)).toBe(text),
  );
  it.each([[0, "0:00.0"], [99, "0:00.0"], [3460, "0:03.4"], [9999, "0:09.9"], [65_250, "1:05.2"], [-5, "0:00.0"]])("clock %d in tenths is %s", (ms, text) =>
    expect(clock(ms, true)).toBe(text),
  );
  it.each([[0, "0 ms"], [999, "999 ms"], [1000, "1.0 s"], [6408, "6.4 s"], [59_940, "59.9 s"], [59_960, "1 min 0 s"], [125_000, "2 min 5 s"]])("duration %d is %s", (ms, text) =>
    expect(duration(ms)).toBe(text),
  );
  it.each([[-104, "0.0 s"], [0, "0.0 s"], [396, "0.4 s"], [1680, "1.7 s"], [59_990, "1 min 0 s"], [61_400, "1 min 1 s"]])("counter %d is %s", (ms, text) => expect(counter(ms)).toBe(text));
  it("counters never read less than a duration that is told at the same time", () => {
    for (let ms = 1000; ms < 70_000; ms += 7) expect(counter(ms)).toBe(duration(ms));
  });
  it.each([[400, "0 s"], [6130, "6 s"], [59_499, "59 s"], [125_000, "2 min"], [3_569_000, "59 min"], [3_600_000, "1 h"], [9_100_000, "2.5 h"]])("a break of %d is %s", (ms, text) =>
    expect(brief(ms)).toBe(text),
  );
  it.each([
    ["https://a.example/", "a.example"],
    ["http://a.example/b?c=1#d", "a.example/b?c=1#d"],
    ["about:blank", "about:blank"],
    ["file:///x", "file:///x"],
    ["", ""],
  ])("address %s is %s", (url, text) => expect(address(url)).toBe(text));
});

describe("lastAt and Boundaries", () => {
  it("find their way", () => {
    const times = [10, 20, 20, 30];
    const at = (now: number): number => lastAt(times, now, (time) => time);
    expect([5, 10, 19, 20, 29, 99].map(at)).toEqual([-1, 0, 0, 2, 2, 3]);
    const boundaries = new Boundaries([30, 10, 30]);
    expect([0, 9, 10, 29, 30].map((now) => boundaries.after(now))).toEqual([10, 10, 30, 30, null]);
    expect([0, 9, 10, 29, 30].map((now) => boundaries.upTo(now))).toEqual([null, null, 10, 10, 30]);
  });
});

describe("Axis", () => {
  it("is straight without gaps", () => {
    const axis = new Axis(1000, 2000, [], 500, 16);
    expect([0, 1000, 1500, 2000, 9000].map((at) => axis.place(at))).toEqual([0, 0, 250, 500, 500]);
    expect(axis.gaps()).toEqual([]);
  });

  it("gives what was left out a break of fixed width", () => {
    const axis = new Axis(0, 110_000, [{ from_ms: 5000, to_ms: 105_000, speed: 0 }], 116, 16);
    expect([0, 5000, 55_000, 105_000, 110_000].map((at) => axis.place(at))).toEqual([0, 50, 58, 66, 116]);
    expect(axis.gaps()).toEqual([{ left: 50, width: 16, lengthMs: 100_000, skipped: true }]);
  });

  it("makes what is shown fast as short as it is in the video", () => {
    const axis = new Axis(0, 20_000, [{ from_ms: 5000, to_ms: 15_000, speed: 4 }], 125, 16);
    expect([5000, 10_000, 15_000].map((at) => axis.place(at))).toEqual([50, 62.5, 75]);
  });

  it("leaves out what lies outside and cuts what reaches over the ends", () => {
    const gaps = [{ from_ms: 0, to_ms: 500, speed: 1 }, { from_ms: 900, to_ms: 1200, speed: 1 }, { from_ms: 5000, to_ms: 6000, speed: 0 }];
    expect(new Axis(1000, 2000, gaps, 100, 16).gaps()).toEqual([{ left: 0, width: 20, lengthMs: 200, skipped: false }]);
  });

  it("never lets breaks take more than a quarter, and never goes back", () => {
    const gaps = Array.from({ length: 400 }, (_, number) => ({ from_ms: number * 100 + 50, to_ms: number * 100 + 90, speed: 0 }));
    const axis = new Axis(0, 40_000, gaps, 1000, 16);
    const cuts = axis.gaps().reduce((sum, { width }) => sum + width, 0);
    expect(cuts).toBeCloseTo(250);
    let before = 0;
    for (let at = 0; at <= 40_000; at += 7) {
      expect(axis.place(at)).toBeGreaterThanOrEqual(before);
      before = axis.place(at);
    }
    expect(axis.place(40_000)).toBe(1000);
  });
});
