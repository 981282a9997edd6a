// Generated from renderer/player/protocol.py by `make protocol`. Do not edit: a test fails when the two differ.

export interface Pointer {
  x: number;
  y: number;
  touch: boolean;
  pressed: boolean;
}

export interface Place {
  at_ms: number;
  url: string;
  title: string;
}

export interface Tab {
  from_ms: number;
  to_ms: number;
  number: number;
  count: number;
}

export interface Mark {
  at_ms: number;
  until_ms: number | null;
  kind: "navigation" | "user" | "up" | "down" | "feedback" | "llm" | "llm_failed" | "disliked" | "warning" | "error";
}

export interface Gap {
  from_ms: number;
  to_ms: number;
  speed: number;
}

export interface Line {
  from_ms: number;
  to_ms: number;
  text: string;
  level: "info" | "warning" | "error";
}

export interface Card {
  start_ms: number;
  end_ms: number;
  status: "answered" | "failed" | "unanswered";
  latency_ms: number | null;
  first_token_ms: number | null;
  model: string;
  prompt: string;
  answer: string;
  facts: string[];
  error: string;
  rating: "up" | "down" | null;
  rated_at_ms: number | null;
  feedback: string;
}

export interface Toast {
  from_ms: number;
  to_ms: number;
  kind: "console" | "network";
  level: "warning" | "error";
  text: string;
  count: number;
}

export interface ClickName {
  at_ms: number;
  until_ms: number;
  text: string;
}

export interface Scene {
  from_ms: number;
  to_ms: number;
  duration_ms: number;
  tenths: boolean;
  ticks_ms: number[];
  places: Place[];
  tabs: Tab[];
  marks: Mark[];
  gaps: Gap[];
  lines: Line[];
  cards: Card[];
  toasts: Toast[];
  clicks: ClickName[];
}

export interface Setup {
  width_px: number;
  height_px: number;
  overlays: ("pointer" | "ripples" | "labels" | "skips" | "header" | "timeline" | "steps" | "llm" | "console" | "network")[];
  pointer: Pointer | null;
  opening: boolean;
  canvases: number[];
  scene: Scene;
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
  fonts: number;
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
  partial_canvases: number;
  unrecorded_media: number;
  shown: boolean;
  first_problem: string;
}
