// CSS animations and transitions of the replayed page, driven by session time instead of the browser's clock.
//
// Left to itself Chromium starts an animation with the first frame after the style change, so its phase depends on when frames
// were taken: three runs of one plan differed in 1-5 frames of 1,075, and a segment that starts with a seek differs from one that
// does not. Here every animation is paused as soon as it exists and its currentTime is set from the session time at which it
// appeared: a pure function, the same whatever the frame rate, the capture method or the place where a segment begins.

import type { Root } from "./documents";

/** When a page opens, entry animations of up to this length are taken as over (they played when the page was built). */
export const ENTRY_ANIMATION_MS = 2000;

interface Running {
  /** The properties that it animates, as computed style names them. */
  properties: string[];
  /** Session time at which currentTime was 0. */
  start: number;
  /** currentTime at which the page itself paused it (animation-play-state), or null. */
  heldAt: number | null;
}

const styledAnimation = (animation: Animation): boolean => "animationName" in animation;

export class AnimationClock {
  private running = new Map<Animation, Running>();
  private over = new WeakSet<Animation>();

  /** Forget everything: the document was rebuilt. */
  reset(): void {
    this.running.clear();
  }

  /**
   * Take over what has appeared in these roots at session time `at`. Finite animations that are over after `playedMs` have been
   * seen already: 0 for what is new to the page, more for what a full snapshot has just put in place.
   */
  adopt(roots: Iterable<Root>, at: number, playedMs: number): void {
    for (const root of roots) {
      const timeline = (root.ownerDocument ?? (root as Document)).timeline;
      for (const animation of root.getAnimations()) {
        // Scroll- and view-driven timelines follow the scroll position, which is already a function of session time.
        if (animation.timeline !== timeline) continue;
        if (!this.running.has(animation) && !this.over.has(animation)) this.take(animation, at, playedMs);
      }
    }
    for (const [animation, state] of this.running) {
      state.properties = animatedProperties(animation); // a rule may have changed its keyframes
      this.holdOrRelease(animation, state, at);
    }
  }

  /** Only transitions: a style change that follows starts from what a transition shows at that very moment. */
  setTransitions(at: number): void {
    for (const [animation, state] of this.running) if (!styledAnimation(animation)) this.show(animation, state, at);
  }

  setTime(at: number): void {
    for (const [animation, state] of this.running) this.show(animation, state, at);
  }

  /**
   * What the visible animations show, in words: two equal ones look alike. A caret that blinks in two steps and dots that rest
   * for most of their cycle run all the time but seldom change; a look at the style costs a tenth of a picture.
   */
  looks(now: number): string {
    const words: string[] = [];
    for (const [animation, { properties }] of this.running) {
      const effect = animation.effect as KeyframeEffect | null;
      const target = effect?.target;
      if (!target || !isVisible(animation)) continue;
      const style = target.ownerDocument.defaultView?.getComputedStyle(target, effect.pseudoElement);
      words.push(properties.length > 0 ? properties.map((name) => style?.getPropertyValue(name)).join(";") : String(now));
    }
    return words.join("|");
  }

  /** Earliest session time after `now` at which an animation can change the picture, or null. */
  nextChange(now: number): number | null {
    let next: number | null = null;
    for (const [animation, state] of this.running) {
      if (state.heldAt !== null || !isVisible(animation)) continue;
      const delay = Number(animation.effect?.getTiming().delay ?? 0);
      const from = Math.max(now + 1, Math.ceil(state.start + delay));
      if (next === null || from < next) next = from;
    }
    return next;
  }

  private take(animation: Animation, at: number, playedMs: number): void {
    if (animation.playState === "paused") return; // by the page: looked at again when it is released
    const end = endTime(animation);
    if (end <= playedMs && playedMs > 0 && end < Infinity) {
      this.finish(animation);
      return;
    }
    animation.pause();
    this.running.set(animation, { start: at, heldAt: null, properties: animatedProperties(animation) });
    animation.currentTime = 0;
  }

  private show(animation: Animation, state: Running, at: number): void {
    if (animation.playState === "idle" || state.heldAt !== null) {
      if (animation.playState === "idle") this.running.delete(animation);
      return;
    }
    const time = at - state.start;
    if (time < endTime(animation)) animation.currentTime = time;
    else this.finish(animation);
  }

  private finish(animation: Animation): void {
    this.running.delete(animation);
    this.over.add(animation);
    animation.finish();
  }

  /** pause() makes a CSS animation deaf to animation-play-state, so that is read from the computed style. */
  private holdOrRelease(animation: Animation, state: Running, at: number): void {
    if (!styledAnimation(animation)) return;
    const effect = animation.effect as KeyframeEffect | null;
    const target = effect?.target;
    if (!target?.isConnected) return;
    const style = target.ownerDocument.defaultView?.getComputedStyle(target, effect?.pseudoElement ?? null);
    const held = style ? style.animationPlayState.split(",").every((word) => word.trim() === "paused") : false;
    if (held && state.heldAt === null) {
      state.heldAt = at - state.start;
      animation.currentTime = state.heldAt;
    } else if (!held && state.heldAt !== null) {
      state.start = at - state.heldAt;
      state.heldAt = null;
    }
  }
}

function animatedProperties(animation: Animation): string[] {
  const named = new Set<string>();
  for (const frame of (animation.effect as KeyframeEffect | null)?.getKeyframes() ?? []) Object.keys(frame).forEach((name) => named.add(name));
  for (const own of ["offset", "computedOffset", "easing", "composite"]) named.delete(own);
  // Keyframes name properties as JavaScript does, but for `offset` and `float`, which are taken there.
  return [...named].map((name) => {
    if (name.startsWith("--")) return name;
    if (name === "cssOffset" || name === "cssFloat") return name.slice(3).toLowerCase();
    return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^(webkit|moz)-/, "-$1-");
  });
}

function endTime(animation: Animation): number {
  const end = animation.effect?.getComputedTiming().endTime;
  return typeof end === "number" ? end : 0;
}

/** An endless spinner in a hidden panel or far below the fold must not cost 25 pictures a second. */
function isVisible(animation: Animation): boolean {
  const target = (animation.effect as KeyframeEffect | null)?.target;
  return !!target && isSeen(target);
}

function isSeen(target: Element): boolean {
  if (!target.isConnected) return false;
  if (!target.checkVisibility({ visibilityProperty: true })) return false;
  const box = target.getBoundingClientRect();
  const view = target.ownerDocument.defaultView;
  if (!view || box.width === 0 || box.height === 0) return true; // children may well overflow an empty box
  const margin = 200;
  return (
    box.bottom > -margin && box.right > -margin && box.top < view.innerHeight + margin && box.left < view.innerWidth + margin
  );
}
