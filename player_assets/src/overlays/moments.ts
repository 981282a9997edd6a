// Finding one's way in sorted lists of times.

/** Index of the last of `items` whose time is not after `now`, or -1. */
export function lastAt<Item>(items: readonly Item[], now: number, timeOf: (item: Item) => number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeOf(items[middle]!) <= now) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Times at which something changes, each once. */
export class Boundaries {
  private readonly times: number[];

  constructor(times: Iterable<number>) {
    this.times = [...new Set(times)].sort((a, b) => a - b);
  }

  /** The last that is not after `now`, or null. */
  upTo(now: number): number | null {
    return this.times[lastAt(this.times, now, (time) => time)] ?? null;
  }

  /** The first after `now`, or null. */
  after(now: number): number | null {
    return this.times[lastAt(this.times, now, (time) => time) + 1] ?? null;
  }
}
