// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { AnimationClock, ENTRY_ANIMATION_MS } from "../src/animations";
import type { Root } from "../src/documents";

/** What the clock uses of a browser's Animation. */
class FakeAnimation {
  currentTime: number | null = 0;
  playState = "running";
  readonly timeline = TIMELINE;
  readonly effect: object;
  keyframe: Record<string, string> = { marginLeft: "0px" };
  /** What it shows at its current time. */
  shows = (time: number): string => String(time);

  constructor(endTime: number, { delay = 0, transition = false } = {}) {
    this.effect = {
      target: { isConnected: true, checkVisibility: () => true, getBoundingClientRect: () => ({ width: 0, height: 0 }), ownerDocument: { defaultView: { getComputedStyle: () => ({ animationPlayState: "running", getPropertyValue: (name: string) => `${name} ${this.shows(this.currentTime ?? 0)}` }) } } },
      getTiming: () => ({ delay }),
      getKeyframes: () => [{ offset: 0, computedOffset: 0, easing: "linear", composite: "auto", ...this.keyframe }],
      getComputedTiming: () => ({ endTime }),
    };
    if (!transition) Object.assign(this, { animationName: "move" });
  }
  pause(): void {
    this.playState = "paused";
  }
  finish(): void {
    this.playState = "finished";
    this.currentTime = null;
  }
}

const TIMELINE = {};
const rootOf = (...animations: FakeAnimation[]): Root =>
  ({ timeline: TIMELINE, ownerDocument: null, getAnimations: () => animations, querySelectorAll: () => [] }) as unknown as Root;

describe("AnimationClock", () => {
  it("shows each animation at session time less the time at which it appeared", () => {
    const clock = new AnimationClock();
    const endless = new FakeAnimation(Infinity);
    clock.adopt([rootOf(endless)], 500, 0);
    expect(endless.playState).toBe("paused");
    clock.setTime(500);
    expect(endless.currentTime).toBe(0);
    clock.setTime(1740);
    expect(endless.currentTime).toBe(1240);
  });

  it("looks at what a changed @keyframes rule moves now", () => {
    const clock = new AnimationClock();
    const endless = new FakeAnimation(Infinity);
    endless.shows = () => "still";
    clock.adopt([rootOf(endless)], 0, 0);
    expect(clock.looks(0)).toBe("margin-left still");
    endless.keyframe = { opacity: "0" };
    clock.adopt([rootOf(endless)], 40, 0);
    expect(clock.looks(40)).toBe("opacity still");
  });

  it("does not depend on how often it was asked", () => {
    const times = (steps: number[]): number | null => {
      const clock = new AnimationClock();
      const endless = new FakeAnimation(Infinity);
      clock.adopt([rootOf(endless)], 100, 0);
      for (const now of steps) {
        clock.adopt([rootOf(endless)], now, 0);
        clock.setTime(now);
      }
      return endless.currentTime;
    };
    expect(times([100, 140, 180, 220])).toBe(times([220]));
  });

  it("looks the same while what it shows is the same, though it runs", () => {
    const clock = new AnimationClock();
    const caret = new FakeAnimation(Infinity);
    caret.shows = (time) => (time % 1000 < 500 ? "1" : "0");
    clock.adopt([rootOf(caret)], 0, 0);
    const looks = [0, 40, 480, 500, 960, 1000].map((now) => {
      clock.setTime(now);
      return clock.looks(now);
    });
    expect(looks[1]).toBe(looks[0]);
    expect(looks[2]).toBe(looks[0]);
    expect(looks[3]).not.toBe(looks[2]);
    expect(looks[4]).toBe(looks[3]);
    expect(looks[5]).toBe(looks[0]);
  });

  it("ends what is over and never starts it again", () => {
    const clock = new AnimationClock();
    const entry = new FakeAnimation(400);
    clock.adopt([rootOf(entry)], 0, 0);
    clock.setTime(399);
    expect(entry.currentTime).toBe(399);
    expect(clock.nextChange(399)).toBe(400);
    clock.setTime(400);
    expect(entry.playState).toBe("finished");
    expect(clock.nextChange(400)).toBeNull();
    clock.adopt([rootOf(entry)], 500, 0);
    expect(entry.playState).toBe("finished");
  });

  it("takes short entry animations of a page that opens as played, and all that end of one that is long there", () => {
    const [short, long, endless] = [new FakeAnimation(ENTRY_ANIMATION_MS), new FakeAnimation(5000), new FakeAnimation(Infinity)];
    new AnimationClock().adopt([rootOf(short, long, endless)], 0, ENTRY_ANIMATION_MS);
    expect([short, long, endless].map(({ playState }) => playState)).toEqual(["finished", "paused", "paused"]);
    const [later, forever] = [new FakeAnimation(5000), new FakeAnimation(Infinity)];
    new AnimationClock().adopt([rootOf(later, forever)], 0, Infinity);
    expect([later, forever].map(({ playState }) => playState)).toEqual(["finished", "paused"]);
  });

  it("need not be looked at before a delay is over", () => {
    const clock = new AnimationClock();
    clock.adopt([rootOf(new FakeAnimation(1400, { delay: 1000 }))], 200, 0);
    expect(clock.nextChange(200)).toBe(1200);
    expect(clock.nextChange(1250)).toBe(1251);
  });

  it("moves transitions alone before a style change that starts from them", () => {
    const clock = new AnimationClock();
    const [animation, transition] = [new FakeAnimation(Infinity), new FakeAnimation(400, { transition: true })];
    clock.adopt([rootOf(animation, transition)], 0, 0);
    clock.setTransitions(130);
    expect([animation.currentTime, transition.currentTime]).toEqual([0, 130]);
  });

  it("leaves scroll-driven animations to the scroll position", () => {
    const clock = new AnimationClock();
    const scrolled = Object.assign(new FakeAnimation(Infinity), { timeline: {} });
    clock.adopt([rootOf(scrolled)], 0, 0);
    expect(scrolled.playState).toBe("running");
  });

  it("forgets everything with the page", () => {
    const clock = new AnimationClock();
    const endless = new FakeAnimation(Infinity);
    clock.adopt([rootOf(endless)], 0, 0);
    clock.reset();
    clock.setTime(900);
    expect(endless.currentTime).toBe(0);
    expect(clock.nextChange(900)).toBeNull();
  });
});
