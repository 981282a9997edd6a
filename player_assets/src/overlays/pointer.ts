// The pointer, drawn above the page: an arrow for a mouse, a disc for a finger.
import { place, type Point } from "../stage";

const ARROW = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 32" width="100%" height="100%">
<path d="M2 2 L2 25 L8 19.6 L12 29 L16.4 27.1 L12.4 18 L20.4 18 Z" fill="#0b0f19" stroke="#ffffff" stroke-width="2" stroke-linejoin="round"/></svg>`;

export class PointerOverlay {
  private readonly arrow = document.createElement("div");
  private readonly finger = document.createElement("div");

  constructor(layer: HTMLElement, unit: number) {
    this.arrow.className = "pointer-arrow";
    this.arrow.innerHTML = ARROW;
    Object.assign(this.arrow.style, { width: `${18 * unit}px`, height: `${24 * unit}px` });
    this.finger.className = "pointer-finger";
    Object.assign(this.finger.style, { width: `${40 * unit}px`, height: `${40 * unit}px` });
    layer.append(this.arrow, this.finger);
  }

  draw(at: Point | null, touch: boolean, pressed: boolean): void {
    this.arrow.style.display = at && !touch ? "block" : "none";
    this.finger.style.display = at && touch && pressed ? "block" : "none";
    if (!at) return;
    // The arrow's tip is at (2, 2) of its 24 x 32 box, the finger's is its middle.
    place(this.arrow, at, 2 / 24, 2 / 32);
    place(this.finger, at, 1 / 2, 1 / 2);
  }
}
