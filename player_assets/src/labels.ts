// Labels where a session's content was not recorded. They are put into the replayed page itself, so that they scroll, are clipped
// and are covered as the missing content would be.
/** A cross-origin frame that records itself sends its content a moment after it appears: do not flash a label meanwhile. */
const FRAME_PATIENCE_MS = 1000;

/** rrweb-snapshot's serialized node, as far as it is looked at here. */
export interface Meta {
  tagName?: string;
  attributes?: Record<string, unknown>;
  needBlock?: boolean;
}

interface Waiting {
  frame: HTMLIFrameElement;
  id: number;
  due: number;
}

export class Labels {
  private built: { node: Node; id: number; meta: Meta }[] = [];
  private frames: Waiting[] = [];
  private drawing = 0;
  readonly labelled = { iframe: new Set<number>(), canvas: new Set<number>(), media: new Set<number>() };

  constructor(private readonly visible: boolean) {}

  /** Pictures of canvases that are still being decoded. */
  get pending(): number {
    return this.drawing;
  }

  /** rrweb has built this node; it may not be in the document yet. */
  onBuild(node: Node, id: number, meta: Meta | null): void {
    if (!meta?.tagName) return;
    const kind = meta.tagName.toLowerCase();
    if (kind === "iframe" || kind === "canvas" || kind === "video" || kind === "audio" || meta.needBlock) this.built.push({ node, id, meta });
    if (kind === "canvas" && !meta.attributes?.["rr_dataURL"]) this.labelled.canvas.add(id);
    if (kind === "video" || kind === "audio") this.labelled.media.add(id);
  }

  /** Label what was built by the events of session time `at`. */
  apply(at: number): void {
    for (const { node, id, meta } of this.built.splice(0)) {
      const kind = meta.tagName?.toLowerCase();
      if (kind === "iframe") this.frames.push({ frame: node as HTMLIFrameElement, id, due: at + FRAME_PATIENCE_MS });
      else if (kind === "canvas") this.canvas(node as HTMLCanvasElement, meta);
      else if (kind === "video") this.video(node as HTMLVideoElement);
    }
  }

  /** Label the frames whose time is up. */
  setTime(now: number): void {
    this.frames = this.frames.filter(({ frame, id, due }) => {
      if (due > now) return frame.isConnected;
      this.frame(frame, id);
      return false;
    });
  }

  /** Session time at which the next label falls due, or null. */
  nextChange(): number | null {
    return this.frames.length > 0 ? Math.min(...this.frames.map(({ due }) => due)) : null;
  }

  private frame(frame: HTMLIFrameElement, id: number): void {
    const document = frame.contentDocument;
    if (!frame.isConnected || !document?.body || document.body.childNodes.length > 0) return;
    this.labelled.iframe.add(id);
    if (!this.visible) return;
    const note = document.createElement("div");
    note.textContent = "Embedded page: not recorded";
    note.setAttribute("style", `${BOX}; position: fixed; inset: 0; font: 14px/1.4 "Liberation Sans", Arial, sans-serif`);
    document.body.append(note);
  }

  private canvas(canvas: HTMLCanvasElement, meta: Meta): void {
    const recorded = meta.attributes?.["rr_dataURL"];
    if (typeof recorded === "string") {
      // rrweb draws it too, but without a way to know when: drawn here again, counted, so that the picture waits for it.
      const image = new Image();
      this.drawing += 1;
      const settled = (): void => void (this.drawing -= 1);
      image.onload = () => {
        canvas.getContext("2d")?.drawImage(image, 0, 0, image.width, image.height);
        settled();
      };
      image.onerror = settled;
      image.src = recorded;
      return;
    }
    const context = this.visible ? canvas.getContext("2d") : null;
    if (!context) return;
    const { width, height } = canvas;
    context.fillStyle = "#eef0f4";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#4b5563";
    context.font = `14px "Liberation Sans", Arial, sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText("Canvas: not recorded", width / 2, height / 2, width);
  }

  private video(video: HTMLVideoElement): void {
    // A poster that was recorded tells more than our label.
    if (!this.visible || video.poster) return;
    const text = `<text x="50%" y="50%" text-anchor="middle" dominant-baseline="middle" font-family="Liberation Sans, Arial, sans-serif" font-size="14" fill="#4b5563">Video: not recorded</text>`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${video.clientWidth || 320}" height="${video.clientHeight || 180}"><rect width="100%" height="100%" fill="#eef0f4"/>${text}</svg>`;
    video.poster = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  }
}

const BOX =
  "display: flex; align-items: center; justify-content: center; text-align: center; background: #eef0f4; color: #4b5563; overflow: hidden; z-index: 2147483647";
