// The timeline's axis. A viewer watches the video, so it is the video's time: what was left out is a break of fixed width, what is
// shown fast is as short as it is in the video.
import type { Gap } from "../protocol.gen";

/** All breaks together take at most this share of the axis. */
const MOST_BREAKS = 0.25;

interface Piece {
  from: number;
  to: number;
  start: number;
  width: number;
  gap: Gap | null;
}

/** A gap as it is drawn, in pixels from the axis' left end. */
export interface DrawnGap {
  left: number;
  width: number;
  /** Session time that it stands for. */
  lengthMs: number;
  skipped: boolean;
}

export class Axis {
  private readonly pieces: Piece[] = [];

  /** `width` and `breakWidth` in pixels. Gaps outside `from`…`to` are not on it. */
  constructor(
    private readonly from: number,
    private readonly to: number,
    gaps: readonly Gap[],
    private readonly width: number,
    breakWidth: number,
  ) {
    let at = from;
    const add = (until: number, gap: Gap | null): void => {
      if (until > at) this.pieces.push({ from: at, to: until, start: 0, width: 0, gap });
      at = Math.max(at, until);
    };
    for (const gap of gaps) {
      if (gap.to_ms <= at || gap.from_ms >= to) continue;
      add(Math.min(gap.from_ms, to), null);
      add(Math.min(gap.to_ms, to), gap);
    }
    add(to, null);
    const breaks = this.pieces.filter((piece) => piece.gap?.speed === 0).length;
    const shown = this.pieces.reduce((sum, piece) => sum + shownMs(piece), 0);
    const cut = shown > 0 ? Math.min(breakWidth, (width * MOST_BREAKS) / Math.max(1, breaks)) : width / Math.max(1, breaks);
    const perMs = shown > 0 ? (width - breaks * cut) / shown : 0;
    let start = 0;
    for (const piece of this.pieces) {
      piece.start = start;
      piece.width = piece.gap?.speed === 0 ? cut : shownMs(piece) * perMs;
      start += piece.width;
    }
  }

  /** Where session time `at` lies, in pixels from the left end. Times outside lie at the ends. */
  place(at: number): number {
    if (at <= this.from) return 0;
    if (at >= this.to) return this.width;
    const piece = this.pieces.find(({ to }) => at < to)!;
    return piece.start + (piece.width * (at - piece.from)) / (piece.to - piece.from);
  }

  gaps(): DrawnGap[] {
    return this.pieces.flatMap(({ gap, start, width, from, to }) =>
      gap ? [{ left: start, width, lengthMs: to - from, skipped: gap.speed === 0 }] : [],
    );
  }
}

function shownMs({ from, to, gap }: Piece): number {
  if (!gap) return to - from;
  return gap.speed > 0 ? (to - from) / gap.speed : 0;
}
