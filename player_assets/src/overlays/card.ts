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
  if (card.prompt) asked(box, card.prompt);
  const begun = card.first_token_ms !== null && state !== "waiting" ? `first token after ${duration(card.first_token_ms)}` : "";
  const tellsAnswer = over && card.answer !== "";
  if (tellsAnswer) {
    const answer = make("passage answer", box);
    write(make("label", answer), both("Answered", begun));
    write(make("told clamped", answer), card.answer);
  }
  if (!over || state === "unanswered") write(make("state told", box), both(SAID[state], begun));
  if (over && card.error) failed(box, card.error);
  if (over) {
    const known = [...(state === "answered" && !tellsAnswer && begun ? [begun] : []), ...card.facts];
    if (known.length > 0) write(make("facts told clamped", box), known.join(" · "));
  }
  if (isRated(card, moment.now)) {
    if (card.rating) box.dataset["rating"] = card.rating;
    const verdict = make("verdict", box);
    verdict.dataset["rating"] = card.rating ?? "none";
    if (card.rating) verdict.append(icon(card.rating));
    write(make("told clamped", verdict), card.feedback || (card.rating === "up" ? "Thumbs up" : "Thumbs down"));
  }
  return box;
}

/** What went wrong with a call that others came after, without what it took: a disliked answer, a failure. */
export function evidenceCardOf(card: Card, moment: Moment): HTMLElement {
  const box = make("card evidence");
  const isDown = card.rating === "down" && isRated(card, moment.now);
  box.dataset["state"] = stateOf(card, moment.now);
  if (isDown) box.dataset["rating"] = "down";
  const head = make("card-head", box);
  make("dot", head, "span");
  write(make("model told", head), card.model || "Unknown model");
  if (isDown) head.append(icon("down"));
  write(make("card-time", head), timeOf(card, moment) || "no answer");
  if (card.prompt) asked(box, card.prompt);
  if (card.answer) write(make("passage answer told clamped", box), card.answer);
  if (card.error) failed(box, card.error);
  if (isDown && card.feedback) write(make("verdict told clamped", box), card.feedback);
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

function asked(box: HTMLElement, prompt: string): void {
  const passage = make("passage prompt told clamped", box);
  write(passage, prompt);
  const label = make("label", undefined, "span");
  write(label, "Asked");
  passage.prepend(label, " ");
}

function failed(box: HTMLElement, error: string): void {
  const failure = make("failure", box);
  failure.append(icon("error"));
  write(make("told clamped", failure), error);
}
