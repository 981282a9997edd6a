// What stands around the replayed page and explains it: a function of the scene and the session time.
import { layOut, wantedBy, type Box, type Layout, type Size, type Wanted } from "./layout";
import { HeaderPart } from "./overlays/header";
import { LlmPart } from "./overlays/llm";
import { Boundaries } from "./overlays/moments";
import { make, type Moment, type Part } from "./overlays/part";
import { StepsPart } from "./overlays/steps";
import { lanesOf, TimelinePart } from "./overlays/timeline";
import { ToastsPart } from "./overlays/toasts";
import type { Setup } from "./protocol.gen";

interface Placed {
  part: Part;
  box: (layout: Layout) => Box | null;
  drawn: string | null;
}

export class Frame {
  private readonly element = make("frame");
  private readonly picture: Size;
  private readonly wanted: Wanted;
  private readonly placed: Placed[] = [];
  private readonly toasts: ToastsPart | null;
  private readonly from: number;
  private readonly boundaries: Boundaries;

  constructor(setup: Setup) {
    const { scene } = setup;
    this.from = scene.from_ms;
    this.picture = { width: setup.width_px, height: setup.height_px };
    this.wanted = wantedBy(setup, lanesOf(scene.marks).length);
    const { parts, hasRoom } = this.wanted;
    const frame = this.element;
    const kinds = new Set(setup.overlays.filter((name) => name === "console" || name === "network"));
    const panel = parts.has("panel") ? new LlmPart(frame, scene) : null;
    const steps = parts.has("steps") ? new StepsPart(frame, scene) : null;
    const toasts = (this.toasts = hasRoom && kinds.size > 0 ? new ToastsPart(frame, scene, kinds, panel?.panel ?? steps?.bar ?? null) : null);
    if (panel) panel.toasts = toasts;
    const add = (part: Part | null, box: Placed["box"]): void => {
      if (part) this.placed.push({ part, box, drawn: null });
    };
    if (parts.has("header")) add(new HeaderPart(frame, scene), ({ header }) => header);
    add(steps, (layout) => layout.steps);
    add(toasts, (layout) => layout.toasts);
    add(panel, (layout) => layout.panel);
    if (parts.has("timeline")) add(new TimelinePart(frame, scene), ({ timeline }) => timeline);
    const moves = parts.has("header") || parts.has("timeline") || parts.has("panel");
    // Whatever else changes costs a picture anyway: clock, playhead and counters are exact in it.
    this.boundaries = new Boundaries([...(moves ? scene.ticks_ms : []), ...this.placed.flatMap(({ part }) => [...part.boundaries()])]);
    // A bare replay is the page and nothing else, down to the document.
    if (this.placed.length > 0) document.body.append(frame);
  }

  /** Whether the header says how much was left out: then nothing need be put over the page for it. */
  get tellsSkips(): boolean {
    return this.wanted.parts.has("header");
  }

  /** Whether phones get a frame: a bare replay is the screen and nothing else. */
  get framesPhones(): boolean {
    return this.wanted.parts.has("header");
  }

  /** What covers a corner of the page, if anything: toasts that have no other place. */
  get overPage(): Box | null {
    return this.toasts?.floating() ?? null;
  }

  /** Lays everything out around a window of size `window` (CSS pixels); gives where the page goes. */
  arrange(window: Size): Layout {
    const layout = layOut(this.picture, this.wanted, window);
    this.element.style.setProperty("--u", `${layout.unit}px`);
    for (const one of this.placed) {
      one.drawn = null;
      const box = one.box(layout);
      one.part.arrange(box ?? { left: 0, top: 0, width: 0, height: 0 }, layout.unit);
    }
    return layout;
  }

  /** Draws what has changed; the answer says in words what stands there now. */
  draw(now: number, skipped: number): string {
    // Before the first tick the clock stands where the clip begins.
    const tick = Math.max(this.from, this.boundaries.upTo(now) ?? this.from);
    const moment: Moment = { now, tick, skipped };
    for (const one of this.placed) {
      const looks = one.part.looks(moment);
      if (looks !== one.drawn) one.part.draw(moment);
      one.drawn = looks;
    }
    return this.placed.map(({ drawn }) => drawn).join(" ");
  }

  /** Earliest session time after `now` at which something here changes, or null. */
  nextChange(now: number): number | null {
    return this.boundaries.after(now);
  }
}
