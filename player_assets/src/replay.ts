// rrweb's Replayer, fed one event after another from outside.
import type { Canvases } from "./canvas/canvases";
import { Documents, STILL_RULES } from "./documents";
import { HoverWatch, type Hovered } from "./hover";
import { isBlocked, type Labels, type Meta } from "./labels";
import * as quirks from "./quirks";
import { dataOf, EventType, Interaction, Replayer, sourceOf, Source, type LooseData, type ReplayerInternals, type RrwebEvent } from "./rrweb";
import { Scrolls } from "./scrolls";
import type { Point, Stage } from "./stage";

/** What a group of events may have done to the page. */
export interface Effect {
  /** False: nothing but the pointer moved, and the page looks as it did. */
  changed: boolean;
  rebuilt: boolean;
  restyled: boolean;
  mayLoad: boolean;
  scrolled: boolean;
}

export interface Counts {
  applied: number;
  failed: number;
  missing: number;
  firstProblem: string;
}

const NEVER_RESTYLES: ReadonlySet<number | undefined> = new Set([
  Source.Scroll,
  Source.Selection,
  Source.CanvasMutation,
  Source.MediaInteraction,
]);
/** Those of which rrweb, stepped from outside, moves its class ":hover" and nothing else (replay.js, applyIncremental and flush). */
const MOVES: ReadonlySet<number | undefined> = new Set([Source.MouseMove, Source.TouchMove, Source.Drag]);
const POINTS: ReadonlySet<number | undefined> = new Set([
  Interaction.MouseUp,
  Interaction.Click,
  Interaction.TouchStart,
  Interaction.TouchEnd,
  Interaction.TouchCancel,
]);
const CHANGES_RULES: ReadonlySet<number | undefined> = new Set([Source.StyleSheetRule, Source.StyleDeclaration, Source.AdoptedStyleSheet]);
const MAY_LOAD: ReadonlySet<number | undefined> = new Set([
  Source.StyleSheetRule,
  Source.StyleDeclaration,
  Source.AdoptedStyleSheet,
  Source.Font,
  Source.ViewportResize,
  Source.CanvasMutation,
  Source.MediaInteraction,
]);

export class Replay {
  readonly documents: Documents;
  readonly scrolls = new Scrolls();
  readonly counts: Counts = { applied: 0, failed: 0, missing: 0, firstProblem: "" };
  private readonly replayer: Replayer;
  private readonly internals: ReplayerInternals;
  private readonly hover = new HoverWatch();

  constructor(
    private readonly stage: Stage,
    private readonly labels: Labels,
    private readonly canvases: Canvases,
  ) {
    // A first event gives the Replayer its time base (the media code reads events[0]); a custom event shows nothing.
    const first = { type: 5, timestamp: 0, data: { tag: "start", payload: {} } } as RrwebEvent;
    this.replayer = new Replayer([first], {
      root: stage.element,
      liveMode: true,
      useVirtualDom: false,
      pauseAnimation: false,
      mouseTail: false,
      showWarning: true,
      showDebug: true,
      insertStyleRules: STILL_RULES,
      logger: this.logger(),
      plugins: [
        {
          onBuild: (node, { id }) => {
            quirks.disarm(node as Node);
            quirks.keepUnloaded(node as Node);
            this.documents.onBuild(node as Node);
            const meta = this.replayer.getMirror().getMeta(node as Node) as Meta | null;
            labels.onBuild(node as Node, id, meta);
            this.scrolls.onBuild(node as Node, meta);
            if (meta?.tagName?.toLowerCase() === "canvas" && !isBlocked(meta)) canvases.onBuild(node as unknown as HTMLCanvasElement, id, meta);
          },
        },
      ],
    });
    this.internals = this.replayer as unknown as ReplayerInternals;
    quirks.fontsOf(this.replayer.iframe);
    this.replayer.startLive(Number.MAX_SAFE_INTEGER);
    this.replayer.on("resize", (size) => {
      const { width, height } = size as { width: number; height: number };
      this.stage.resize(width, height);
    });
    this.documents = new Documents(this.replayer.iframe);
  }

  /** Applies the events of one session time; an event that rrweb cannot take is counted, and the rest goes on. */
  apply(events: readonly RrwebEvent[]): Effect {
    const effect: Effect = { changed: !events.every(onlyPoints), rebuilt: false, restyled: false, mayLoad: false, scrolled: false };
    const before = effect.changed ? null : this.hovered();
    for (const event of events) {
      if (event.type === EventType.FullSnapshot) {
        effect.rebuilt = effect.mayLoad = true;
        const { left, top } = dataOf(event).initialOffset ?? {};
        const page = this.replayer.iframe.contentDocument;
        this.scrolls.reset();
        if (page) this.scrolls.note(page, left, top);
      }
      this.counts.applied += 1;
      this.guard(() => quirks.before(event, this.internals, this.replayer.iframe, (id) => this.nodeOf(id)));
      this.guard(() => this.canvases.before(event));
      // rrweb would play media, which are never there.
      if (sourceOf(event) === Source.MediaInteraction) this.labels.media(event, this.nodeOf(dataOf(event).id ?? -1));
      else if (sourceOf(event) === Source.Scroll) this.scroll(dataOf(event));
      else this.guard(() => this.internals.applyEventsSynchronously([event]));
      this.guard(() => this.canvases.after(event));
      this.note(event, effect);
    }
    this.guard(() => this.internals.emitter.emit("flush"));
    if (events.some((event) => CHANGES_RULES.has(sourceOf(event)))) this.hover.forget();
    if (before) effect.changed = this.hover.matters(before, this.hovered(), () => this.documents.roots());
    return effect;
  }

  /**
   * A place told in the document of a recorded node, in the recorded window's CSS pixels. Not rrweb's own pointer: that leaves the
   * borders of frames out, and scales by them.
   */
  placeOf(id: number | undefined, place: Point): Point {
    const node = this.nodeOf(id ?? -1);
    let document = node && (node.nodeType === Node.DOCUMENT_NODE ? (node as Document) : node.ownerDocument);
    let { x, y } = place;
    while (document && document !== this.replayer.iframe.contentDocument) {
      const frame = document.defaultView?.frameElement as HTMLElement | null | undefined;
      if (!frame) break;
      this.scrolls.restore();
      const box = frame.getBoundingClientRect();
      const { paddingLeft, paddingTop } = getComputedStyle(frame);
      const [inX, inY] = [frame.clientLeft + Number.parseFloat(paddingLeft), frame.clientTop + Number.parseFloat(paddingTop)];
      x = box.left + (inX + x) * (box.width / frame.offsetWidth || 1);
      y = box.top + (inY + y) * (box.height / frame.offsetHeight || 1);
      document = frame.ownerDocument;
    }
    return { x, y };
  }

  /** The middle of a recorded node in the recorded window's CSS pixels: for clicks made with the keyboard. */
  middleOf(id: number | undefined): Point | null {
    const node = this.nodeOf(id ?? -1);
    if (!node || node.nodeType !== Node.ELEMENT_NODE) return null;
    this.scrolls.restore();
    const box = (node as Element).getBoundingClientRect();
    return this.placeOf(id, { x: box.left + box.width / 2, y: box.top + box.height / 2 });
  }

  private scroll({ id, x, y }: LooseData): void {
    const node = this.nodeOf(id ?? -1);
    if (node) this.scrolls.note(node, x, y);
    else this.counts.missing += 1;
  }

  private nodeOf(id: number): Node | null {
    return this.replayer.getMirror().getNode(id) as unknown as Node | null;
  }

  private hovered(): Hovered {
    return this.hover.hovered(this.internals.lastHoveredRootNode ?? this.replayer.iframe.contentDocument);
  }

  private note(event: RrwebEvent, effect: Effect): void {
    const source = sourceOf(event);
    if (event.type !== EventType.Incremental) {
      effect.restyled = true;
      return;
    }
    if (source === Source.Scroll) effect.scrolled = true;
    if (!NEVER_RESTYLES.has(source)) effect.restyled = true;
    if (MAY_LOAD.has(source)) effect.mayLoad = true;
    if (source !== Source.Mutation) return;
    const { adds, attributes } = dataOf(event);
    // New elements and changed attributes may bring pictures; streamed text (type 3) does not.
    const elements = Array.isArray(adds) && adds.some((add) => add?.node?.type !== 3);
    if (elements || (Array.isArray(attributes) && attributes.length > 0)) effect.mayLoad = true;
  }

  private guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      quirks.afterFailure(this.internals);
      this.counts.failed += 1;
      this.counts.firstProblem ||= String(error instanceof Error ? error.message : error).slice(0, 300);
    }
  }

  private logger(): { log: (...words: unknown[]) => void; warn: (...words: unknown[]) => void } {
    const count = (...words: unknown[]): void => {
      const text = words.map((word) => (typeof word === "string" ? word : "")).join(" ");
      if (text.includes("not found") || text.includes("no parent")) this.counts.missing += 1;
      else if (text.includes("Exception in mutation")) {
        this.counts.failed += 1;
        this.counts.firstProblem ||= text.slice(0, 300);
      }
    };
    return { log: count, warn: count };
  }
}

function onlyPoints(event: RrwebEvent): boolean {
  const source = sourceOf(event);
  return MOVES.has(source) || (source === Source.MouseInteraction && POINTS.has(dataOf(event).type));
}
