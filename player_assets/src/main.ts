// The page: a pure function of the events loaded, the setup and the session time. No clock, no randomness, no network.
import { AnimationClock, ENTRY_ANIMATION_MS } from "./animations";
import { Canvases } from "./canvas/canvases";
import { showsSomething } from "./content";
import { Dressing } from "./dressing";
import { Labels } from "./labels";
import { hasLazy, pending } from "./loading";
import { Frame } from "./frame";
import { ClickNames } from "./overlays/names";
import { SkipOverlay } from "./overlays/skips";
import type { Pending, Report, Setup, Step, Stepped } from "./protocol.gen";
import { EventQueue } from "./queue";
import { Replay } from "./replay";
import type { RrwebEvent } from "./rrweb";
import { spritesOf, type Drawn } from "./sprites";
import { Stage } from "./stage";
import { UserHand } from "./user";

/** Groups of events applied in one call, so that a long way to go stays a series of short calls. */
const GROUPS_A_CALL = 400;

/** Overlays are drawn for a picture 720 high and scaled with it. */
const DESIGN_HEIGHT_PX = 720;

class Player {
  private readonly queue = new EventQueue();
  private readonly animations = new AnimationClock();
  private readonly hand = new UserHand();
  private readonly stage: Stage;
  private readonly frame: Frame;
  private readonly dressing = new Dressing();
  private readonly labels: Labels;
  private readonly canvases: Canvases;
  private readonly replay: Replay;
  private readonly drawn: Drawn;
  private readonly unit: number;
  private readonly names: ClickNames | null;
  private readonly skips: SkipOverlay | null;
  private readonly tellsSkips: boolean;
  private mayLoad = false;
  /** The next full snapshot is the window's first. */
  private opening: boolean;
  private shown = false;
  private changed = true;
  private looks = "";

  constructor(setup: Setup) {
    this.opening = setup.opening;
    const shown = new Set(setup.overlays);
    this.unit = Math.max(0.5, setup.height_px / DESIGN_HEIGHT_PX);
    this.frame = new Frame(setup);
    this.stage = new Stage(setup.width_px, setup.height_px, (window) => this.frame.arrange(window).stage);
    const layer = document.createElement("div");
    layer.className = "overlays";
    document.body.append(layer);
    this.labels = new Labels(shown.has("labels"), this.dressing);
    this.canvases = new Canvases(this.dressing, new Set(setup.canvases), (canvas, id, words) => this.labels.canvas(canvas, id, words));
    this.replay = new Replay(this.stage, this.labels, this.canvases);
    this.drawn = { pointer: shown.has("pointer"), ripples: shown.has("ripples"), width: setup.width_px, height: setup.height_px };
    this.names = shown.has("ripples") ? new ClickNames(layer, this.unit, setup.scene.clicks, setup.scene.places) : null;
    this.tellsSkips = shown.has("skips");
    this.skips = this.tellsSkips && !this.frame.tellsSkips ? new SkipOverlay(layer, this.unit, () => this.stage.area) : null;
    if (setup.pointer) this.hand.takeOver(setup.pointer);
  }

  load(events: readonly (readonly [number, RrwebEvent])[]): void {
    this.queue.add(events);
  }

  step({ session_ms: now, skipped_ms: skipped }: Step): Stepped {
    for (let groups = 0; ; groups += 1) {
      const at = this.queue.nextAt();
      if (at === null || at > now) break;
      if (groups === GROUPS_A_CALL) {
        const fonts = this.pending().fonts;
        return { done: false, session_ms: at, next_ms: at, loading: this.mayLoad, fonts, changed: true, sprites: [] };
      }
      this.applyGroup(at);
    }
    if (this.labels.setTime(now)) this.changed = true;
    this.animations.setTime(now);
    this.replay.scrolls.restore();
    this.shown ||= showsSomething(this.replay.documents.roots());
    const clicks = this.hand.recent(now);
    this.skips?.draw(skipped);
    const named = this.names?.current(clicks, now)?.click;
    const around = this.frame.draw(now, this.tellsSkips ? skipped : 0);
    this.names?.draw(clicks, now, (point) => this.stage.toPicture(point), this.stage.area, this.frame.overPage);
    const looks = `${this.animations.looks(now)} ${named?.at} ${skipped} ${around}`;
    const changed = this.changed || looks !== this.looks;
    // Only what an event brings can ask for a font; a step that merely moves an animation on need not look.
    const fonts = this.mayLoad || this.changed ? this.pending().fonts : 0;
    const loading = this.mayLoad || fonts > 0;
    this.mayLoad = this.changed = false;
    this.looks = looks;
    const sprites = spritesOf(this.hand, now, this.drawn, this.unit, (point) => this.stage.toPicture(point));
    return { done: true, session_ms: now, next_ms: this.nextChange(now), loading, fonts, changed, sprites };
  }

  pending(): Pending {
    const documents = this.replay.documents.documents();
    // Fonts are asked for when text is laid out.
    for (const document of documents) void document.documentElement?.offsetHeight;
    this.replay.scrolls.restore(); // what has come may have made room
    return pending(documents, this.canvases.pending);
  }

  report(): Report {
    const { applied, failed, missing, firstProblem } = this.replay.counts;
    const { iframe, canvas, media } = this.labels.labelled;
    return {
      events_applied: applied,
      events_failed: failed,
      nodes_missing: missing,
      unrecorded_iframes: iframe.size,
      unrecorded_canvases: canvas.size,
      partial_canvases: this.canvases.partial.size,
      unrecorded_media: media.size,
      shown: this.shown,
      first_problem: firstProblem,
    };
  }

  private applyGroup(at: number): void {
    const events = this.queue.takeGroup();
    this.animations.setTransitions(at);
    const effect = this.replay.apply(events);
    if (effect.changed) this.changed = true;
    if (effect.rebuilt) {
      this.animations.reset();
      this.hand.letGo();
      this.stage.setPhone(this.frame.framesPhones && this.replay.documents.isPhone());
    }
    this.labels.apply(at);
    this.dressing.refresh();
    this.hand.follow(events, at, this.replay);
    this.mayLoad ||= effect.mayLoad || (effect.scrolled && hasLazy(this.replay.documents.documents()));
    if (!effect.restyled) return;
    const roots = this.replay.documents.roots();
    this.replay.documents.still(roots);
    if (this.replay.documents.fixFocus(roots)) this.changed = true;
    this.animations.adopt(roots, at, effect.rebuilt ? this.playedBefore() : 0);
  }

  /** A later snapshot of a page that is long there: whatever ends has been seen, a toast that faded out must not come back. */
  private playedBefore(): number {
    const played = this.opening ? ENTRY_ANIMATION_MS : Infinity;
    this.opening = false;
    return played;
  }

  private nextChange(now: number): number | null {
    const candidates = [
      this.queue.nextAt(),
      this.labels.nextChange(),
      this.animations.nextChange(now),
      this.drawn.ripples ? this.hand.nextChange(now) : null,
      this.names ? this.names.nextChange(this.hand.recent(now), now) : null,
      this.frame.nextChange(now),
    ].filter((at): at is number => at !== null);
    return candidates.length > 0 ? Math.min(...candidates) : null;
  }
}

declare global {
  interface Window {
    setUp(setup: Setup): void;
    player: Player;
  }
}

window.setUp = (setup) => {
  window.player = new Player(setup);
};
