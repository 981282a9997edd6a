// "42 s skipped": shown for a moment where an idle stretch was left out.

import type { Box } from "../layout";
import { place } from "../stage";
import { ICONS } from "./icons";

export function skipText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s skipped`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s skipped`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min skipped`;
}

export class SkipOverlay {
  private readonly badge = document.createElement("div");
  private readonly text = document.createElement("span");

  constructor(
    layer: HTMLElement,
    unit: number,
    /** Where the page is shown. */
    private readonly area: () => Box,
  ) {
    this.badge.className = "skip";
    this.badge.style.fontSize = `${20 * unit}px`;
    this.badge.innerHTML = ICONS.chevrons;
    this.badge.append(this.text);
    layer.append(this.badge);
  }

  draw(skippedMs: number): void {
    this.badge.style.display = skippedMs > 0 ? "flex" : "none";
    if (skippedMs <= 0) return;
    this.text.textContent = skipText(skippedMs);
    const { left, top, width, height } = this.area();
    place(this.badge, { x: left + width / 2, y: top + height * 0.94 }, 1 / 2, 1);
  }
}
