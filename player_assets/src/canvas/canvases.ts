// Every recorded canvas, and the picture that stands in its place: without scripts a <canvas> has no bitmap to show, so it is drawn
// on a canvas of ours, and its picture given to the element as generated content. The replayed document never gets scripts
// (rrweb's own UNSAFE_replayCanvas would allow them).
import type { Dressing } from "../dressing";
import type { Meta } from "../labels";
import { dataOf, EventType, sourceOf, Source, type RrwebEvent } from "../rrweb";
import { drawingOf, frameOf } from "./commands";
import { Surface } from "./surface";

export class Canvases {
  private surfaces = new Map<number, { element: HTMLCanvasElement; surface: Surface }>();
  /** The picture of each canvas that was last drawn as a whole. */
  private frames = new Map<number, string>();
  private address: unknown = null;
  readonly partial = new Set<number>();

  /** `recorded`: canvases of which the recording holds drawings. `label` is told of those that have nothing to show. */
  constructor(
    private readonly dressing: Dressing,
    private readonly recorded: ReadonlySet<number>,
    private readonly label: (canvas: HTMLCanvasElement, id: number, words: string) => void,
  ) {}

  /** How many pictures are still on their way. */
  get pending(): number {
    return [...this.surfaces.values()].filter(({ surface }) => surface.pending).length;
  }

  /** Before rrweb is given the event. */
  before(event: RrwebEvent): void {
    if (event.type === EventType.FullSnapshot) this.surfaces.clear();
    if (event.type !== EventType.Meta) return;
    // Another page numbers its nodes anew.
    const address = (event.data as { href?: unknown }).href;
    if (this.address !== null && address !== this.address) this.frames.clear();
    this.address = address;
  }

  /** rrweb has built this canvas; it may not be in the document yet. */
  onBuild(element: HTMLCanvasElement, id: number, meta: Meta): void {
    const before = this.surfaces.get(id)?.surface;
    if (before?.used) {
      // Moved in the page: rrweb builds it anew, and what was drawn on it stays.
      this.surfaces.set(id, { element, surface: before });
      before.showAgain();
      return;
    }
    const surface = new Surface(
      element.ownerDocument,
      element.width,
      element.height,
      (url) => this.dressing.put(this.surfaces.get(id)?.element ?? element, "content", `url("${url}")`),
      () => this.partial.add(id),
    );
    this.surfaces.set(id, { element, surface });
    const told = meta.attributes?.["rr_dataURL"];
    const picture = typeof told === "string" && told.startsWith("data:image/") ? told.replaceAll('"', "%22") : this.frames.get(id);
    if (picture) surface.showPicture(picture);
    else if (!this.recorded.has(id)) this.label(element, id, "Canvas: not recorded");
  }

  /** After rrweb was given the event. */
  after(event: RrwebEvent): void {
    const source = sourceOf(event);
    if (source === Source.Mutation) this.resize(dataOf(event).attributes);
    if (source !== Source.CanvasMutation) return;
    const drawing = drawingOf(event);
    if (!drawing) return;
    const { id, flat, commands } = drawing;
    const canvas = this.surfaces.get(id);
    if (!flat) {
      this.partial.add(id);
      if (canvas && !canvas.surface.used) this.label(canvas.element, id, "3D drawing: not shown");
      return;
    }
    const frame = frameOf(commands);
    if (frame === null) this.frames.delete(id);
    else this.frames.set(id, frame);
    if (frame === null) canvas?.surface.draw(commands);
    else canvas?.surface.showPicture(frame);
  }

  private resize(attributes: unknown[] | undefined): void {
    if (!Array.isArray(attributes)) return;
    for (const change of attributes as ({ id?: number; attributes?: Record<string, unknown> } | null)[]) {
      const canvas = this.surfaces.get(change?.id ?? -1);
      if (!canvas || !change?.attributes || !("width" in change.attributes || "height" in change.attributes)) continue;
      canvas.surface.resize(canvas.element.width, canvas.element.height);
    }
  }
}
