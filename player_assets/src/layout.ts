// Where everything lies in the picture: the replayed page as large as it can be, and what explains it around it.
//
//   header                        title, address, clock
//   stage                | panel  the page               | cards of LLM calls
//   steps                         what the user just did
//   timeline                      marks in lanes
//
// What a window's shape leaves over goes to the parts: height to timeline and steps, width to the panel.
import type { Setup } from "./protocol.gen";

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  left: number;
  top: number;
}

export type PartName = "header" | "panel" | "steps" | "timeline";

export interface Wanted {
  parts: ReadonlySet<PartName>;
  /** How many lanes the timeline has. */
  lanes: number;
  /** False in a picture that is too small for words of ours, toasts included. */
  hasRoom: boolean;
}

export interface Layout {
  /** Design pixels are multiplied by this; 1 for a picture of 1280x720. */
  unit: number;
  /** The replayed page is letterboxed into this. */
  stage: Box;
  header: Box | null;
  panel: Box | null;
  steps: Box | null;
  timeline: Box | null;
  /** Where toasts are stacked; null: the panel has room for them. */
  toasts: Box | null;
}

/** The frame is designed for this picture. A narrow one counts as low: its lines of text are as long as those of one 960 wide. */
const DESIGN: Size = { width: 960, height: 720 };

/** Smaller than this, letters of 14 design pixels cannot be read. */
const LEAST_UNIT = 0.7;

/** A picture smaller than this has no room for a frame: it shows the page alone. */
const LEAST_PICTURE: Size = { width: 320, height: 240 };

/** The panel needs this much along the picture's longer side. */
const LEAST_WITH_PANEL = 480;

const HEADER = 36;
const STEPS = { least: 32, most: 56 };
const LANE = { least: 15, most: 20 };
/** Above and below the lanes: the scale of times. */
const LANES_AROUND = 20;
const PANEL_WIDTH = { least: 288, most: 440 };
const PANEL_HEIGHT = { least: 240, most: 640 };
const TOASTS_WIDTH = 360;

/** Which parts `setup` asks for and has something for. */
export function wantedBy({ overlays, scene, width_px, height_px }: Setup, lanes: number): Wanted {
  const on = new Set<string>(overlays);
  const parts = new Set<PartName>();
  const hasRoom = width_px >= LEAST_PICTURE.width && height_px >= LEAST_PICTURE.height;
  if (hasRoom) {
    if (on.has("header")) parts.add("header");
    if (on.has("steps")) parts.add("steps");
    if (on.has("timeline")) parts.add("timeline");
    if (on.has("llm") && scene.cards.length > 0 && Math.max(width_px, height_px) >= LEAST_WITH_PANEL) parts.add("panel");
  }
  return { parts, lanes, hasRoom };
}

/** Lays out a picture that shows a window of size `window` (CSS pixels). */
export function layOut(picture: Size, { parts, lanes }: Pick<Wanted, "parts" | "lanes">, window: Size): Layout {
  const unit = Math.max(LEAST_UNIT, Math.min(picture.width / DESIGN.width, picture.height / DESIGN.height));
  const px = (design: number): number => Math.round(design * unit);
  const has = (part: PartName, length: number): number => (parts.has(part) ? px(length) : 0);
  const beside = picture.width >= picture.height;

  const header = has("header", HEADER);
  let steps = has("steps", STEPS.least);
  let timeline = has("timeline", lanes * LANE.least + LANES_AROUND);
  let panelWidth = beside ? has("panel", PANEL_WIDTH.least) : 0;
  let panelHeight = beside ? 0 : has("panel", PANEL_HEIGHT.least);

  const room = (): Size => ({
    width: picture.width - panelWidth,
    height: picture.height - header - steps - timeline - panelHeight,
  });
  const scale = Math.min(room().width / window.width, room().height / window.height);
  const over = {
    width: () => Math.floor(room().width - window.width * scale),
    height: () => Math.floor(room().height - window.height * scale),
  };
  const grow = (now: number, most: number, spare: number): number => now + Math.max(0, Math.min(px(most) - now, spare));
  if (parts.has("panel") && beside) panelWidth = grow(panelWidth, PANEL_WIDTH.most, over.width());
  if (parts.has("timeline")) timeline = grow(timeline, lanes * LANE.most + LANES_AROUND, over.height());
  if (parts.has("steps")) steps = grow(steps, STEPS.most, over.height());
  if (parts.has("panel") && !beside) panelHeight = grow(panelHeight, PANEL_HEIGHT.most, over.height());

  const { width, height } = room();
  const stage = { left: 0, top: header, width, height };
  const belowPanel = header + height + panelHeight;
  const whole = picture.width;
  const panel = beside
    ? { left: width, top: header, width: panelWidth, height }
    : { left: 0, top: header + height, width: whole, height: panelHeight };
  const part = (name: PartName, box: Box): Box | null => (parts.has(name) ? box : null);
  return {
    unit,
    stage,
    header: part("header", { left: 0, top: 0, width: whole, height: header }),
    panel: part("panel", panel),
    steps: part("steps", { left: 0, top: belowPanel, width: whole, height: steps }),
    timeline: part("timeline", { left: 0, top: belowPanel + steps, width: whole, height: timeline }),
    toasts: parts.has("panel") ? null : toastsIn(stage, window, scale, px(TOASTS_WIDTH)),
  };
}

/** At the right end of the stage's bottom, where a letterbox is wide or high enough that nothing of the page is covered. */
function toastsIn(stage: Box, window: Size, scale: number, width: number): Box {
  const side = Math.floor((stage.width - window.width * scale) / 2);
  const own = side >= width * 0.6 ? Math.min(side, width) : Math.min(width, Math.floor(stage.width * 0.45));
  return { left: stage.left + stage.width - own, top: stage.top, width: own, height: stage.height };
}
