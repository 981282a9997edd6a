// Labels where a session's content was not recorded. They are put into the replayed page itself, so that they scroll, are clipped
// and are covered as the missing content would be.
import type { Dressing } from "./dressing";
import { playback, standing } from "./media";
import { dataOf, type RrwebEvent } from "./rrweb";

/** A cross-origin frame that records itself sends its content a moment after it appears: do not flash a label meanwhile. */
const FRAME_PATIENCE_MS = 1000;

const GROUND = "#eef0f4";
const INK = "#4b5563";
const NO_VIDEO = "Video: not recorded";
const TYPEFACE = "Liberation Sans, Arial, sans-serif";

/** rrweb-snapshot's serialized node, as far as it is looked at here. */
export interface Meta {
  tagName?: string;
  attributes?: Record<string, unknown>;
  needBlock?: boolean;
}

interface Built {
  element: HTMLElement;
  id: number;
  meta: Meta;
}

/** Taken out by the recorder or by redaction; its place and size are left. */
export function isBlocked(meta: Meta): boolean {
  return !!meta.needBlock || "rr_width" in (meta.attributes ?? {});
}

export class Labels {
  private built: Built[] = [];
  private frames: { frame: HTMLIFrameElement; id: number; due: number }[] = [];
  private readonly recorded = new WeakSet<Node>();
  /** Videos that show our label in a poster's place. */
  private readonly videos = new WeakSet<Node>();
  readonly labelled = { iframe: new Set<number>(), canvas: new Set<number>(), media: new Set<number>() };

  constructor(
    private readonly visible: boolean,
    private readonly dressing: Dressing,
  ) {}

  /** rrweb has built this node; it may not be in the document yet. */
  onBuild(node: Node, id: number, meta: Meta | null): void {
    this.recorded.add(node.ownerDocument ?? node);
    const kind = meta?.tagName?.toLowerCase();
    if (!meta || !kind) return;
    if (isBlocked(meta) || kind === "iframe" || kind === "video" || kind === "audio") {
      this.built.push({ element: node as HTMLElement, id, meta });
    }
  }

  /** Label what was built by the events of session time `at`. */
  apply(at: number): void {
    for (const one of this.built.splice(0)) this.label(one, at);
  }

  /** Label the frames whose time is up; true when there were any. */
  setTime(now: number): boolean {
    const waiting = this.frames.length;
    this.frames = this.frames.filter(({ frame, id, due }) => {
      if (due > now) return frame.isConnected;
      this.frame(frame, id);
      return false;
    });
    return this.frames.length !== waiting;
  }

  /** Session time at which the next label falls due, or null. */
  nextChange(): number | null {
    return this.frames.length > 0 ? Math.min(...this.frames.map(({ due }) => due)) : null;
  }

  private label({ element, id, meta }: Built, at: number): void {
    const kind = meta.tagName?.toLowerCase();
    if (isBlocked(meta)) this.blocked(element, meta);
    else if (kind === "iframe") this.frames.push({ frame: element as HTMLIFrameElement, id, due: at + FRAME_PATIENCE_MS });
    else {
      this.labelled.media.add(id);
      if (kind === "video") this.video(element as HTMLVideoElement, standing(meta.attributes ?? {}));
    }
  }

  private frame(frame: HTMLIFrameElement, id: number): void {
    const document = frame.contentDocument;
    if (!frame.isConnected || !document?.body || this.recorded.has(document)) return;
    this.labelled.iframe.add(id);
    if (!this.visible) return;
    const note = document.createElement("div");
    note.textContent = "Embedded page: not recorded";
    note.setAttribute(
      "style",
      `display: flex; align-items: center; justify-content: center; text-align: center; position: fixed; inset: 0; overflow: hidden; background: ${GROUND}; color: ${INK}; font: 14px/1.4 ${TYPEFACE}`,
    );
    document.body.append(note);
  }

  /** A canvas that has nothing to show. */
  canvas(canvas: HTMLCanvasElement, id: number, words: string): void {
    this.labelled.canvas.add(id);
    if (this.visible) this.dressing.put(canvas, "content", picture(words, canvas.width, canvas.height));
  }

  /** The user, or the page, played a video, stopped it or moved in it. */
  media(event: RrwebEvent, node: Node | null): void {
    const words = playback(dataOf(event));
    if (words && node && this.videos.has(node)) poster(node as HTMLVideoElement, words);
  }

  private video(video: HTMLVideoElement, words: string): void {
    // A poster that was recorded tells more than our label.
    if (!this.visible || video.poster) return;
    this.videos.add(video);
    poster(video, words);
  }

  private blocked(element: HTMLElement, meta: Meta): void {
    if (!this.visible) return;
    const [width, height] = [Number.parseFloat(String(meta.attributes?.["rr_width"])), Number.parseFloat(String(meta.attributes?.["rr_height"]))];
    this.dressing.put(element, "background", `${picture("Hidden", width || 1, height || 1)} center / 100% 100% no-repeat`);
  }
}

function poster(video: HTMLVideoElement, words: string): void {
  const [width, height] = [video.clientWidth || 320, video.clientHeight || 180];
  const told = words ? `Video: not recorded (${words})` : NO_VIDEO;
  video.poster = dataUrl(fits(told, width, height) ? told : NO_VIDEO, width, height);
}

function picture(text: string, width: number, height: number): string {
  return `url("${dataUrl(text, width, height)}")`;
}

function dataUrl(text: string, width: number, height: number): string {
  // Too small for words: a plain box, as rrweb draws it.
  const words = !fits(text, width, height) ? "" : `<text x="50%" y="50%" text-anchor="middle" dominant-baseline="central" font-family="${TYPEFACE}" font-size="14" fill="${INK}">${text}</text>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="${GROUND}"/>${words}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}

/** Letters of 14 px are 7 px wide on average. */
function fits(text: string, width: number, height: number): boolean {
  return width >= text.length * 7 + 8 && height >= 20;
}
