// The recorded window, scaled into its part of the picture and letterboxed.
import type { Box, Size } from "./layout";

/** What Chromium lays out at most; a recorded size outside is a broken recording, and the host has refused it already. */
const MAX_SIDE_PX = 16384;

/** How thick a phone's frame is, of the shorter side of its place. */
const BEZEL = 1 / 60;
const LEAST_BEZEL_PX = 4;
/** The radius of its corners in its thicknesses; from 3.4 on it would cut into the corners of the screen. */
const BEZEL_ROUND = 2.4;

export interface Point {
  x: number;
  y: number;
}

/**
 * Puts an overlay's box at whole pixels, with the part (`dx`, `dy`) of it on the point. Not with a transform: what a layer at half
 * a pixel looks like depends on where Chromium drew it first, and two runs would differ.
 */
export function place(box: HTMLElement, { x, y }: Point, dx: number, dy: number): void {
  box.style.left = `${Math.round(x - box.offsetWidth * dx)}px`;
  box.style.top = `${Math.round(y - box.offsetHeight * dy)}px`;
}

export class Stage {
  readonly element: HTMLElement;
  private scale = 1;
  private left = 0;
  private top = 0;
  private window: Size | null = null;
  private readonly phone = document.createElement("div");
  private isPhone = false;
  /** The part of the picture that is left for the page. */
  area: Box;

  /** `areaFor` tells where in a picture of this size a window of a given size is shown. */
  constructor(
    widthPx: number,
    heightPx: number,
    private readonly areaFor: (window: Size) => Box = () => ({ left: 0, top: 0, width: widthPx, height: heightPx }),
  ) {
    this.area = areaFor({ width: widthPx, height: heightPx });
    this.element = document.createElement("div");
    this.element.className = "stage";
    this.phone.className = "phone";
    document.body.append(this.element);
    this.resize(widthPx, heightPx);
  }

  /** The recorded window has this inner size from now on (CSS pixels). */
  resize(width: number, height: number): void {
    if (!(width > 0 && height > 0 && width <= MAX_SIDE_PX && height <= MAX_SIDE_PX)) return;
    this.window = { width, height };
    this.area = this.areaFor({ width, height });
    const bezel = this.isPhone ? Math.max(LEAST_BEZEL_PX, Math.round(Math.min(this.area.width, this.area.height) * BEZEL)) : 0;
    this.scale = Math.min((this.area.width - 2 * bezel) / width, (this.area.height - 2 * bezel) / height);
    this.left = this.area.left + Math.round((this.area.width - width * this.scale) / 2);
    this.top = this.area.top + Math.round((this.area.height - height * this.scale) / 2);
    this.drawPhone(bezel, width, height);
    Object.assign(this.element.style, {
      width: `${width}px`,
      height: `${height}px`,
      // Not scale(1): even the identity keeps text from being snapped to whole pixels.
      transform: this.scale === 1 ? "none" : `scale(${this.scale})`,
      left: `${this.left}px`,
      top: `${this.top}px`,
    });
  }

  /** Whether the recorded window is a phone's screen: it gets a frame around it, which takes nothing of it away. */
  setPhone(isPhone: boolean): void {
    if (isPhone === this.isPhone) return;
    this.isPhone = isPhone;
    if (this.window) this.resize(this.window.width, this.window.height);
  }

  private drawPhone(bezel: number, width: number, height: number): void {
    if (bezel === 0) {
      this.phone.remove();
      return;
    }
    this.element.before(this.phone);
    Object.assign(this.phone.style, {
      left: `${this.left - bezel}px`,
      top: `${this.top - bezel}px`,
      width: `${Math.round(width * this.scale) + 2 * bezel}px`,
      height: `${Math.round(height * this.scale) + 2 * bezel}px`,
      borderRadius: `${Math.round(bezel * BEZEL_ROUND)}px`,
    });
  }

  /** From the recorded window's CSS pixels to the picture's pixels. */
  toPicture({ x, y }: Point): Point {
    return { x: this.left + x * this.scale, y: this.top + y * this.scale };
  }
}
