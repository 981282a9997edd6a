// Scenes and setups for tests.
import type { Card, Scene, Setup } from "../src/protocol.gen";

export const NOTHING: Scene = {
  from_ms: 0, to_ms: 60_000, duration_ms: 60_000, tenths: false, ticks_ms: [], places: [], tabs: [], marks: [], gaps: [], lines: [], cards: [], toasts: [], clicks: [],
};

export const ALL: Setup["overlays"] = ["pointer", "ripples", "labels", "skips", "header", "timeline", "steps", "llm", "console", "network"];

export function card(start_ms: number, end_ms: number, more: Partial<Card> = {}): Card {
  return {
    start_ms, end_ms, status: "answered", latency_ms: null, first_token_ms: null, model: "nora-4-mini", prompt: "Is it refunded?", answer: "It is.",
    facts: ["12 tokens"], error: "", rating: null, rated_at_ms: null, feedback: "", ...more,
  };
}

/** A scene with something of everything. */
export const BUSY: Scene = {
  ...NOTHING,
  ticks_ms: Array.from({ length: 60 }, (_, second) => second * 1000),
  places: [
    { at_ms: 0, url: "https://shop.example/", title: "Shop" },
    { at_ms: 12_340, url: "https://shop.example/cart", title: "" },
  ],
  marks: [
    { at_ms: 0, until_ms: null, kind: "navigation" },
    { at_ms: 3210, until_ms: null, kind: "user" },
    { at_ms: 5000, until_ms: 9500, kind: "llm" },
    { at_ms: 9500, until_ms: null, kind: "disliked" },
    { at_ms: 11_000, until_ms: null, kind: "down" },
    { at_ms: 28_000, until_ms: 33_300, kind: "llm_failed" },
    { at_ms: 30_000, until_ms: null, kind: "error" },
  ],
  gaps: [
    { from_ms: 15_000, to_ms: 25_000, speed: 0 },
    { from_ms: 40_000, to_ms: 50_000, speed: 1 },
  ],
  lines: [
    { from_ms: 3210, to_ms: 9210, text: "Clicked “Buy”", level: "info" },
    { from_ms: 30_000, to_ms: 36_000, text: "POST /cart failed with 500", level: "error" },
  ],
  cards: [
    card(5000, 9500, { first_token_ms: 777, rating: "down", rated_at_ms: 11_000 }),
    card(28_000, 33_300, { status: "failed", error: "overloaded", answer: "" }),
    card(51_000, 55_000, { status: "unanswered" }),
  ],
  toasts: [
    { from_ms: 30_010, to_ms: 34_010, kind: "network", level: "error", text: "POST /cart failed with 500", count: 1 },
    { from_ms: 30_020, to_ms: 34_020, kind: "console", level: "warning", text: "slow", count: 3 },
  ],
  clicks: [{ at_ms: 3210, until_ms: 3210, text: "Buy" }],
};

export function setup(more: Partial<Setup> = {}): Setup {
  return { width_px: 1280, height_px: 720, overlays: ALL, pointer: null, opening: true, canvases: [], scene: BUSY, ...more };
}
