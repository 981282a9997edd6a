// One recorded canvas, drawn again. Decoding takes time of its own, so what is to be drawn waits in line.
import type { Command } from "./commands";
import { imageOf, valueOf } from "./values";

/** Of a canvas larger than this Chromium makes no bitmap. */
const MAX_SIDE_PX = 16384;
const MAX_AREA_PX = 1 << 26;

const METHODS: ReadonlySet<string> = new Set([
  "arc", "arcTo", "beginPath", "bezierCurveTo", "clearRect", "clip", "closePath", "drawImage", "ellipse", "fill", "fillRect", "fillText",
  "lineTo", "moveTo", "putImageData", "quadraticCurveTo", "rect", "reset", "resetTransform", "restore", "rotate", "roundRect", "save",
  "scale", "setLineDash", "setTransform", "stroke", "strokeRect", "strokeText", "transform", "translate",
]);
const PROPERTIES: ReadonlySet<string> = new Set([
  "direction", "fillStyle", "filter", "font", "fontKerning", "fontStretch", "fontVariantCaps", "globalAlpha", "globalCompositeOperation",
  "imageSmoothingEnabled", "imageSmoothingQuality", "letterSpacing", "lineCap", "lineDashOffset", "lineJoin", "lineWidth", "miterLimit",
  "shadowBlur", "shadowColor", "shadowOffsetX", "shadowOffsetY", "strokeStyle", "textAlign", "textBaseline", "textRendering", "wordSpacing",
]);
/** They draw nothing, and what they give is not kept: rrweb tells of calls alone. */
const ASKS: ReadonlySet<string> = new Set([
  "createConicGradient", "createImageData", "createLinearGradient", "createPattern", "createRadialGradient", "drawFocusIfNeeded",
  "getContextAttributes", "getImageData", "getLineDash", "getTransform", "isContextLost", "isPointInPath", "isPointInStroke", "measureText",
]);

type Job = { picture: string } | { commands: readonly Command[] } | { width: number; height: number };

export class Surface {
  /** In the replayed document, for its fonts; never in its tree, where a canvas without scripts is not drawn. */
  private readonly bitmap: HTMLCanvasElement;
  private jobs: Job[] = [];
  private working = false;
  /** A picture of the whole that is not on the bitmap yet; most never need be. */
  private whole: { image: HTMLImageElement; url: string } | null = null;
  /** Whether anything was drawn on it. */
  used = false;

  /** `shows` takes each new picture of the canvas as a URL; `fails` is told of whatever cannot be drawn again. */
  constructor(
    private readonly document: Document,
    width: number,
    height: number,
    private readonly shows: (url: string) => void,
    private readonly fails: () => void,
  ) {
    this.bitmap = document.createElement("canvas");
    this.take(width, height);
  }

  get pending(): boolean {
    return this.working;
  }

  /**
   * As in the page, a new size clears the bitmap; but a picture of the whole stays until the next, as the page drew the canvas again
   * at once, and its recorder looked some ms later.
   */
  resize(width: number, height: number): void {
    if (this.used) this.add({ width, height });
    else this.take(width, height);
  }

  /** The whole canvas looks like this picture; what waits to be drawn would not be seen. */
  showPicture(url: string): void {
    this.jobs = this.jobs.filter((job) => "width" in job);
    this.add({ picture: url });
  }

  draw(commands: readonly Command[]): void {
    this.add({ commands });
  }

  /** Tells once more what the canvas looks like. */
  showAgain(): void {
    this.start();
  }

  private add(job: Job): void {
    this.used = true;
    this.jobs.push(job);
    this.start();
  }

  private take(width: number, height: number): void {
    const [w, h] = drawable(width, height) ? [width, height] : [1, 1];
    if (this.bitmap.width !== w) this.bitmap.width = w;
    if (this.bitmap.height !== h) this.bitmap.height = h;
  }

  private start(): void {
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    try {
      for (let job = this.jobs.shift(); job; job = this.jobs.shift()) {
        if ("picture" in job) this.whole = { url: job.picture, image: await imageOf(job.picture, this.document) };
        else if ("commands" in job) await this.run(job.commands);
        else this.take(job.width, job.height);
      }
      const url = this.url();
      // Decoded before it is shown: the page has it with the next frame.
      await imageOf(url, this.document);
      this.shows(url);
    } catch {
      this.fails(); // a damaged picture
    } finally {
      this.working = false;
    }
    if (this.jobs.length > 0) this.start();
  }

  private url(): string {
    const { image, url } = this.whole ?? {};
    if (url && image?.naturalWidth === this.bitmap.width && image.naturalHeight === this.bitmap.height) return url;
    this.settle();
    return this.bitmap.toDataURL();
  }

  /** Puts the picture of the whole on the bitmap. */
  private settle(): void {
    const context = this.whole && this.bitmap.getContext("2d");
    if (!this.whole || !context) return;
    context.reset();
    context.drawImage(this.whole.image, 0, 0, this.bitmap.width, this.bitmap.height);
    this.whole = null;
  }

  private async run(commands: readonly Command[]): Promise<void> {
    // Together: a page may draw a hundred pictures in one go.
    const made = await Promise.all(commands.map(({ args }) => valueOf(args, this.document).catch(() => null)));
    this.settle();
    const context = this.bitmap.getContext("2d");
    commands.forEach((command, index) => {
      const args = made[index] as unknown[] | null;
      if (ASKS.has(command.property)) return;
      if (!context || !args || !apply(context, command, args)) this.fails();
    });
  }
}

function apply(context: CanvasRenderingContext2D, { property, setter }: Command, args: unknown[]): boolean {
  const methods = context as unknown as Record<string, (...args: unknown[]) => void>;
  try {
    if (setter) {
      if (!PROPERTIES.has(property) || /url\(/i.test(String(args[0]))) return false;
      (context as unknown as Record<string, unknown>)[property] = args[0];
      return true;
    }
    if (!METHODS.has(property)) return false;
    methods[property]!(...args);
    return true;
  } catch {
    return false;
  }
}

function drawable(width: number, height: number): boolean {
  return width > 0 && height > 0 && width <= MAX_SIDE_PX && height <= MAX_SIDE_PX && width * height <= MAX_AREA_PX;
}
