// A ring that opens where the user clicked or tapped.
import { place, type Point } from "../stage";

export const RIPPLE_MS = 700;

/** A ring grows in steps: at 25 frames a second each step is a picture that need not be taken twice. */
export const RIPPLE_STEP_MS = 100;

export interface Ripple {
  at: number;
  point: Point;
}

/** Which step a ripple that began at `at` is in. */
export function stepOf(at: number, now: number): number {
  return Math.floor((now - at) / RIPPLE_STEP_MS);
}

export class RippleOverlay {
  private readonly rings: HTMLElement[] = [];

  constructor(
    private readonly layer: HTMLElement,
    private readonly unit: number,
  ) {}

  /** Draws the ripples as they are at session time `now`; `points` in the picture's pixels. */
  draw(ripples: readonly Ripple[], now: number): void {
    while (this.rings.length < ripples.length) {
      const ring = document.createElement("div");
      ring.className = "ripple";
      this.layer.append(ring);
      this.rings.push(ring);
    }
    this.rings.forEach((ring, index) => {
      const ripple = ripples[index];
      ring.style.display = ripple ? "block" : "none";
      if (!ripple) return;
      const progress = Math.min(1, Math.max(0, (stepOf(ripple.at, now) * RIPPLE_STEP_MS) / RIPPLE_MS));
      const eased = 1 - (1 - progress) ** 3;
      const diameter = 2 * Math.round((6 + 22 * eased) * this.unit);
      Object.assign(ring.style, {
        width: `${diameter}px`,
        height: `${diameter}px`,
        opacity: String(1 - progress),
        borderWidth: `${Math.max(1, Math.round(4 * this.unit * (1 - 0.6 * eased)))}px`,
      });
      place(ring, ripple.point, 1 / 2, 1 / 2);
    });
  }
}
