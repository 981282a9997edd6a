// The name of what was clicked, beside the ripple.
import type { Box } from "../layout";
import type { ClickName, Place } from "../protocol.gen";
import { place, type Point } from "../stage";
import { make } from "./part";
import { lastAt } from "./moments";
import { write } from "./words";

/** Long enough to be read, and shorter than what a segment sees of the time before it (LEAD_MS in renderer/player/feed.py). */
export const NAME_MS = 1000;

/** Times of a click in the recording and in the timeline are the same but for rounding. */
const SAME_MS = 20;

const GAP = 18;

interface Click {
  at: number;
  point: Point;
  gone?: boolean;
}

export class ClickNames {
  private readonly label: HTMLElement;
  /** When the window went to another address: what was clicked before is not there any more. */
  private readonly left: readonly number[];

  constructor(
    layer: HTMLElement,
    private readonly unit: number,
    private readonly names: readonly ClickName[],
    places: readonly Place[],
  ) {
    this.left = places.filter(({ url }, index) => index > 0 && url !== places[index - 1]!.url).map(({ at_ms }) => at_ms);
    this.label = make("click-name told", layer);
    this.label.style.setProperty("--u", `${unit}px`);
    this.label.hidden = true;
  }

  /** The newest of `clicks` that has a name and is still young enough. */
  current(clicks: readonly Click[], now: number): { click: Click; text: string } | null {
    const click = clicks.findLast(({ at, gone }) => !gone && at <= now && now < this.endOf(at) && this.nameOf(at) !== "");
    return click ? { click, text: this.nameOf(click.at) } : null;
  }

  nextChange(clicks: readonly Click[], now: number): number | null {
    const current = this.current(clicks, now);
    return current && this.endOf(current.click.at);
  }

  /** `toPicture` gives the place of a click in the picture's pixels; the label stays inside `stage`, and above `toasts` if it meets them. */
  draw(clicks: readonly Click[], now: number, toPicture: (point: Point) => Point, stage: Box, toasts: Box | null): void {
    const current = this.current(clicks, now);
    this.label.hidden = !current;
    if (!current) return;
    write(this.label, current.text);
    const { x, y } = toPicture(current.click.point);
    const gap = GAP * this.unit;
    this.label.style.maxWidth = `${Math.floor(stage.width * 0.4)}px`;
    const [width, height] = [this.label.offsetWidth, this.label.offsetHeight];
    const right = stage.left + stage.width;
    const left = x + gap + width <= right ? x + gap : x - gap - width;
    // Above the finger: under it lies what was clicked, and the pointer.
    const top = y - gap - height >= stage.top ? y - gap - height : y + gap * 1.5;
    const at = { x: Math.max(stage.left, Math.min(left, right - width)), y: top };
    if (toasts && at.x + width > toasts.left && top + height > toasts.top) at.y = Math.max(stage.top, toasts.top - height - gap / 2);
    place(this.label, at, 0, 0);
  }

  private endOf(at: number): number {
    return Math.min(at + NAME_MS, this.left[lastAt(this.left, at, (time) => time) + 1] ?? Infinity);
  }

  private nameOf(at: number): string {
    const name = this.names[lastAt(this.names, at + SAME_MS, ({ at_ms }) => at_ms)];
    return name && at <= name.until_ms + SAME_MS ? name.text : "";
  }
}
