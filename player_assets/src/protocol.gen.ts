// Generated from renderer/player/protocol.py by `make protocol`. Do not edit: a test fails when the two differ.

export interface Pointer {
  x: number;
  y: number;
  touch: boolean;
  pressed: boolean;
}

export interface Setup {
  width_px: number;
  height_px: number;
  overlays: ("pointer" | "ripples" | "labels" | "skips")[];
  pointer: Pointer | null;
  opening: boolean;
}

export interface Step {
  session_ms: number;
  skipped_ms: number;
}

export interface Sprite {
  kind: "arrow" | "finger" | "ring";
  x_px: number;
  y_px: number;
  scale: number;
  step: number;
}

export interface Stepped {
  done: boolean;
  session_ms: number;
  next_ms: number | null;
  loading: boolean;
  changed: boolean;
  sprites: Sprite[];
}

export interface Pending {
  images: number;
  fonts: number;
}

export interface Report {
  events_applied: number;
  events_failed: number;
  nodes_missing: number;
  unrecorded_iframes: number;
  unrecorded_canvases: number;
  unrecorded_media: number;
  shown: boolean;
  first_problem: string;
}
