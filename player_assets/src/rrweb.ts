// The parts of the rrweb event format that the page looks at itself, and the handle on the Replayer.
import { Replayer } from "@rrweb/replay";
import type { eventWithTime } from "@rrweb/types";

export type RrwebEvent = eventWithTime;

export const EventType = { FullSnapshot: 2, Incremental: 3, Meta: 4 } as const;

export const Source = {
  Mutation: 0,
  MouseMove: 1,
  MouseInteraction: 2,
  Scroll: 3,
  ViewportResize: 4,
  Input: 5,
  TouchMove: 6,
  MediaInteraction: 7,
  StyleSheetRule: 8,
  CanvasMutation: 9,
  Font: 10,
  Drag: 12,
  StyleDeclaration: 13,
  Selection: 14,
  AdoptedStyleSheet: 15,
  CustomElement: 16,
} as const;

export const Interaction = {
  MouseUp: 0,
  MouseDown: 1,
  Click: 2,
  ContextMenu: 3,
  DblClick: 4,
  TouchStart: 7,
  TouchEnd: 9,
  TouchCancel: 10,
} as const;

/** What rrweb records in `positions[]` of mouse moves, touch moves and drags; `timeOffset` is negative. */
export interface Position {
  x: number;
  y: number;
  id: number;
  timeOffset: number;
}

/** An event's `data`, read leniently: recordings are hostile input, so nothing is taken for granted. */
export interface LooseData {
  source?: number;
  type?: number;
  id?: number;
  x?: number;
  y?: number;
  width?: number;
  height?: number;
  initialOffset?: { left?: number; top?: number };
  positions?: Position[];
  adds?: { node?: { type?: number; isShadow?: boolean } }[];
  attributes?: unknown[];
}

export function dataOf(event: RrwebEvent): LooseData {
  return (event as { data?: LooseData }).data ?? {};
}

export function sourceOf(event: RrwebEvent): number | undefined {
  return event.type === EventType.Incremental ? dataOf(event).source : undefined;
}

/**
 * rrweb's public way in for single events, `addEvent`, applies them in a microtask and swallows what they throw.
 * The Replayer's own synchronous path (the one that it uses to seek) lets us count failures and know when an event is in.
 */
export interface ReplayerInternals {
  applyEventsSynchronously(events: RrwebEvent[]): void;
  emitter: { emit(name: string): void };
  lastHoveredRootNode: Document | ShadowRoot | undefined;
  lastMouseDownEvent: unknown;
  mousePos: unknown;
  lastSelectionData: unknown;
}

export { Replayer };
