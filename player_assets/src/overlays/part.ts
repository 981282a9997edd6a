// What every part of the frame is: something that can say what it would show, and show it.
import type { Box } from "../layout";

/** The time for which a part is drawn. */
export interface Moment {
  /** Session time. */
  now: number;
  /** The last time up to `now` at which anything of ours changed: clocks, counters and the playhead show this. */
  tick: number;
  /** So much session time was left out just before; 0 for none. */
  skipped: number;
}

/** Drawn from the scene and the moment alone: what was drawn before must not matter, because segments start anywhere. */
export interface Part {
  /** Lays itself out in `box`; design pixels are multiplied by `unit`. */
  arrange(box: Box, unit: number): void;
  /** What it shows, in words: two equal ones look alike. */
  looks(moment: Moment): string;
  draw(moment: Moment): void;
  /** Session times at which `looks` may change, ticks aside. */
  boundaries(): Iterable<number>;
}

export function make(className: string, parent?: Element, tag = "div"): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  parent?.append(element);
  return element;
}

export function putInto(element: HTMLElement, { left, top, width, height }: Box): void {
  Object.assign(element.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
}

/** Shown or not, without losing the style sheet's own `display`. */
export function show(element: HTMLElement, visible: boolean): void {
  element.hidden = !visible;
}
