// One call of a model as a card: what was asked, how long it took, what came of it.
import type { Card } from "../protocol.gen";
import { icon } from "./icons";
import { make, type Moment } from "./part";
import { counter, duration, write } from "./words";

export type CardState = "waiting" | "answering" | "answered" | "failed" | "unanswered";

/** What is known of the call at `now`. */
export function stateOf({ start_ms, end_ms, status, first_token_ms }: Card, now: number): CardState {
  if (now >= end_ms) return status;
  return first_token_ms !== null && now >= start_ms + first_token_ms ? "answering" : "waiting";
}

export function isRated({ rating, feedback, rated_at_ms, end_ms }: Card, now: number): boolean {
  return (rating !== null || feedback !== "") && now >= (rated_at_ms ?? end_ms);
}

/** A pending call's counter runs; afterwards stands what was told. */
export function timeOf(card: Card, { now, tick }: Moment): string {
  if (now < card.end_ms) return counter(tick - card.start_ms);
  if (card.status === "unanswered") return "";
  return duration(card.latency_ms ?? card.end_ms - card.start_ms);
}

const SAID: Record<CardState, string> = {
  waiting: "Waiting for an answer",
  answering: "Answering",
  answered: "",
  failed: "Failed",
  unanswered: "No answer",
};

export function cardOf(card: Card, moment: Moment): HTMLElement {
  const state = stateOf(card, moment.now);
  const over = moment.now >= card.end_ms;
  const box = make("card");
  box.dataset["state"] = state;
  const head = make("card-head", box);
  make("dot", head, "span");
  write(make("model told", head), card.model || "Unknown model");
  write(make("card-time", head), timeOf(card, moment));
  if (card.prompt) passage(box, "Asked", card.prompt, "prompt");
  const begun = card.first_token_ms !== null && state !== "waiting" ? `first token after ${duration(card.first_token_ms)}` : "";
  const tellsAnswer = over && card.answer !== "";
  if (tellsAnswer) passage(box, both("Answered", begun), card.answer, "answer");
  if (!over || state === "unanswered") write(make("state told", box), both(SAID[state], begun));
  if (over && card.error) {
    const failure = make("failure", box);
    failure.append(icon("error"));
    write(make("told clamped", failure), card.error);
  }
  if (over) {
    const known = [...(state === "answered" && !tellsAnswer && begun ? [begun] : []), ...card.facts];
    if (known.length > 0) write(make("facts told clamped", box), known.join(" · "));
  }
  if (isRated(card, moment.now)) {
    const verdict = make("verdict", box);
    verdict.dataset["rating"] = card.rating ?? "none";
    if (card.rating) verdict.append(icon(card.rating));
    write(make("told clamped", verdict), card.feedback || (card.rating === "up" ? "Thumbs up" : "Thumbs down"));
  }
  return box;
}

/** The same in one line, for calls that others came after. */
export function foldedCardOf(card: Card, moment: Moment): HTMLElement {
  const box = make("card folded");
  box.dataset["state"] = stateOf(card, moment.now);
  make("dot", box, "span");
  write(make("told", box), card.prompt || card.model || "Unknown model");
  if (isRated(card, moment.now) && card.rating) box.append(icon(card.rating));
  write(make("card-time", box), timeOf(card, moment) || "no answer");
  return box;
}

function both(one: string, other: string): string {
  return [one, other].filter((text) => text !== "").join(" · ");
}

function passage(box: HTMLElement, label: string, text: string, className: string): void {
  const passage = make(`passage ${className}`, box);
  write(make("label", passage), label);
  write(make("told clamped", passage), text);
}
