// The user's hand: where the pointer is, and the clicks whose ripples are still open. All a function of the events so far.
import { NAME_MS } from "./overlays/names";
import type { Pointer } from "./protocol.gen";
import type { Replay } from "./replay";
import { dataOf, EventType, Interaction, sourceOf, Source, type RrwebEvent } from "./rrweb";
import type { Point } from "./stage";

/** A ring opens where the user clicked or tapped, in steps that renderer/sprites.py draws. */
export const RIPPLE_MS = 700;

/** At 25 frames a second a step is a frame that need not be drawn twice. */
export const RIPPLE_STEP_MS = 100;

/** Drawn at once, the newest: whoever clicks faster does so in one place, and each takes the encoder a layer. */
const MOST_RIPPLES = 3;

/** Which step a ripple that began at `at` is in. */
export function stepOf(at: number, now: number): number {
  return Math.floor((now - at) / RIPPLE_STEP_MS);
}

export interface Click {
  at: number;
  /** In the recorded window's CSS pixels. */
  point: Point;
  /** The page that was clicked was replaced since. */
  gone?: boolean;
}

const CLICKS: ReadonlySet<number | undefined> = new Set([Interaction.Click, Interaction.ContextMenu, Interaction.TouchStart]);

export class UserHand {
  point: Point | null = null;
  touch = false;
  pressed = false;
  private clicks: Click[] = [];

  /** What was known of the hand before the first event. */
  takeOver({ x, y, touch, pressed }: Pointer): void {
    this.point = { x, y };
    this.touch = touch;
    this.pressed = pressed;
  }

  /** Call with each group of events after the replay has applied it. */
  follow(events: readonly RrwebEvent[], at: number, replay: Replay): void {
    for (const event of events) {
      if (event.type !== EventType.Incremental) continue;
      const data = dataOf(event);
      const source = sourceOf(event);
      const position = data.positions?.[0];
      if (position && (source === Source.MouseMove || source === Source.Drag || source === Source.TouchMove)) {
        // A finger that moves is down, whether its start was recorded or not.
        this.touch = this.pressed = source === Source.TouchMove;
        this.point = replay.placeOf(position.id, position);
      } else if (source === Source.MouseInteraction) {
        this.interact(data.type, data.id, data.x, data.y, at, replay);
      }
    }
  }

  /** The page is built anew: what was clicked before may not be there any more. */
  letGo(): void {
    this.clicks = this.clicks.map((click) => ({ ...click, gone: true }));
  }

  ripples(now: number): Click[] {
    return this.recent(now)
      .filter((click) => now - click.at < RIPPLE_MS)
      .slice(-MOST_RIPPLES);
  }

  /** The clicks of the last NAME_MS, ripples included. */
  recent(now: number): readonly Click[] {
    this.clicks = this.clicks.filter((click) => now - click.at < NAME_MS);
    return this.clicks;
  }

  nextChange(now: number): number | null {
    const steps = this.ripples(now).map(({ at }) => at + (stepOf(at, now) + 1) * RIPPLE_STEP_MS);
    return steps.length > 0 ? Math.min(...steps) : null;
  }

  private interact(type: number | undefined, id: number | undefined, x: number | undefined, y: number | undefined, at: number, replay: Replay): void {
    if (type === Interaction.TouchStart) this.touch = this.pressed = true;
    if (type === Interaction.TouchEnd || type === Interaction.TouchCancel) this.pressed = false;
    if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return;
    // A click made with Enter or Space has no place of its own: rrweb records 0, 0.
    const keyboard = x === 0 && y === 0;
    const point = keyboard ? replay.middleOf(id) : replay.placeOf(id, { x, y });
    if (!point) return;
    if (!keyboard) this.point = point;
    if (CLICKS.has(type)) this.clicks.push({ at, point });
  }
}
