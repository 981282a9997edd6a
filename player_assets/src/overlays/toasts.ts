// Console errors and failed requests, for a glance: in the panel, in the line of steps, or at the stage's corner.
import type { Box } from "../layout";
import type { Scene, Toast } from "../protocol.gen";
import { icon } from "./icons";
import { make, putInto, type Moment, type Part } from "./part";
import { write } from "./words";

/** No more at once: the newest. */
const MOST = 3;

/** Of a panel's height toasts are left so much, each about so high: in design pixels, two lines of text. */
const MOST_OF_PANEL = 0.3;
const TOAST = 48;
const BETWEEN = 8;

export class ToastsPart implements Part {
  readonly stack: HTMLElement;
  private readonly shown: readonly Toast[];

  /** Toasts of `kinds` are put into `home`, a part with room for them, or float where `arrange` says. */
  constructor(
    frame: HTMLElement,
    scene: Scene,
    kinds: ReadonlySet<string>,
    private readonly home: HTMLElement | null,
  ) {
    this.shown = scene.toasts.filter(({ kind }) => kinds.has(kind));
    this.stack = make(home ? "toasts" : "toasts floating", home ?? frame);
  }

  arrange(box: Box): void {
    if (!this.home) putInto(this.stack, box);
  }

  /** Pixels to keep free for toasts at the bottom of a panel `height` high: for as many rows as are ever there at once, `rows` at most. */
  reserve(height: number, unit: number, rows = MOST): number {
    const most = Math.min(rows, Math.max(0, ...this.shown.map(({ from_ms }) => this.at(from_ms).length)));
    const wanted = most * TOAST + Math.max(0, most - 1) * BETWEEN;
    return Math.round(Math.min(wanted * unit, height * MOST_OF_PANEL));
  }

  /** Where on the stage they lie, in the picture's pixels; null: nowhere. */
  floating(): Box | null {
    const first = this.home ? null : this.stack.firstElementChild;
    if (!first) return null;
    const [{ left, right, bottom }, { top }] = [this.stack.getBoundingClientRect(), first.getBoundingClientRect()];
    return { left, top, width: right - left, height: bottom - top };
  }

  looks({ now }: Moment): string {
    return this.at(now).join(" ");
  }

  draw({ now }: Moment): void {
    this.stack.replaceChildren(...this.at(now).map((index) => toast(this.shown[index]!)));
  }

  *boundaries(): Iterable<number> {
    for (const { from_ms, to_ms } of this.shown) yield* [from_ms, to_ms];
  }

  private at(now: number): number[] {
    const indices: number[] = [];
    for (const [index, { from_ms, to_ms }] of this.shown.entries()) {
      if (from_ms > now) break;
      if (now < to_ms) indices.push(index);
    }
    return indices.slice(-MOST);
  }
}

function toast({ level, text, count }: Toast): HTMLElement {
  const box = make("toast");
  box.dataset["level"] = level;
  box.append(icon(level));
  write(make("told", box), text);
  if (count > 1) write(make("toast-count", box), `×${count}`);
  return box;
}
