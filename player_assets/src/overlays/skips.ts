// "42 s skipped": shown for a moment where an idle stretch was left out.

import { place } from "../stage";

export function skipText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s skipped`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s skipped`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min skipped`;
}

// Drawn, because fonts disagree about the fast-forward character (one makes it an emoji).
const CHEVRONS = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 16" width="1.1em" height="0.8em" fill="currentColor"><path d="M0 0 L10 8 L0 16 Z M10 0 L20 8 L10 16 Z"/></svg>`;

export class SkipOverlay {
  private readonly badge = document.createElement("div");
  private readonly text = document.createElement("span");

  constructor(
    layer: HTMLElement,
    unit: number,
    private readonly size: { width: number; height: number },
  ) {
    this.badge.className = "skip";
    this.badge.style.fontSize = `${20 * unit}px`;
    this.badge.innerHTML = CHEVRONS;
    this.badge.append(this.text);
    layer.append(this.badge);
  }

  draw(skippedMs: number): void {
    this.badge.style.display = skippedMs > 0 ? "flex" : "none";
    if (skippedMs <= 0) return;
    this.text.textContent = skipText(skippedMs);
    const { width, height } = this.size;
    place(this.badge, { x: width / 2, y: height * 0.94 }, 1 / 2, 1);
  }
}
