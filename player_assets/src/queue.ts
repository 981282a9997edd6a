// Events waiting for their session time.
import { dataOf, sourceOf, Source, type Position, type RrwebEvent } from "./rrweb";

export interface Timed {
  at: number;
  event: RrwebEvent;
}

const BATCHED: ReadonlySet<number | undefined> = new Set([Source.MouseMove, Source.TouchMove, Source.Drag]);

/** rrweb sends pointer positions in batches of about 500 ms with negative offsets: each becomes an event at its own time. */
export function unpack(at: number, event: RrwebEvent): Timed[] {
  event.timestamp = at;
  const positions = dataOf(event).positions;
  if (!BATCHED.has(sourceOf(event)) || !Array.isArray(positions)) return [{ at, event }];
  return positions.filter(isPosition).map((position) => {
    const own = Math.round(at + Math.min(0, position.timeOffset));
    const single = { ...event, timestamp: own, data: { ...dataOf(event), positions: [{ ...position, timeOffset: 0 }] } };
    return { at: own, event: single as RrwebEvent };
  });
}

function isPosition(value: unknown): value is Position {
  const { x, y, timeOffset } = (value ?? {}) as Partial<Position>;
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(timeOffset);
}

/** A queue in time order; events of one time keep the order in which they were recorded. */
export class EventQueue {
  private waiting: Timed[] = [];
  private head = 0;

  add(events: readonly (readonly [number, RrwebEvent])[]): void {
    const rest = this.waiting.slice(this.head);
    for (const [at, event] of events) rest.push(...unpack(at, event));
    this.waiting = rest.sort((a, b) => a.at - b.at);
    this.head = 0;
  }

  /** Session time of the next event, or null when none is loaded. */
  nextAt(): number | null {
    return this.waiting[this.head]?.at ?? null;
  }

  /** Takes all events of the next time out of the queue. */
  takeGroup(): RrwebEvent[] {
    const at = this.nextAt();
    const group: RrwebEvent[] = [];
    while (this.head < this.waiting.length && this.waiting[this.head]!.at === at) {
      group.push(this.waiting[this.head++]!.event);
    }
    return group;
  }
}
