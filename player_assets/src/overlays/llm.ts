// The panel beside the page: a card for each LLM call so far, the newest on top.
//
// Cards must not pump: which of them are open is decided by what calls there are and what was thought of them, with the height
// that each has in the end. So it changes when a call begins or an answer is disliked, and at no other time.
import type { Box } from "../layout";
import type { Card, Scene } from "../protocol.gen";
import { cardOf, evidenceCardOf, foldedCardOf, isRated, stateOf, timeOf } from "./card";
import { lastAt } from "./moments";
import { make, putInto, show, type Moment, type Part } from "./part";
import type { ToastsPart } from "./toasts";
import { clock, write } from "./words";

/** More than fit into any panel, and few enough to lay out at every tick. */
const MOST_CARDS = 24;

/** A panel lower than this (design pixels) has room for one short card, and for one line of toasts. */
const LOW = 320;

/** When all is known of every call. */
const END: Moment = { now: Infinity, tick: Infinity, skipped: 0 };

/** How much an older card says about what went wrong: 2 for a disliked answer, 1 for a call that failed, 0: it is folded for good. */
function evidence(card: Card, now: number): number {
  if (card.rating === "down" && isRated(card, now)) return 2;
  const state = stateOf(card, now);
  return state === "failed" || state === "unanswered" ? 1 : 0;
}

function drawnAs(index: number, open: ReadonlySet<number>): typeof cardOf {
  if (!open.has(index)) return foldedCardOf;
  return index === 0 ? cardOf : evidenceCardOf;
}

export class LlmPart implements Part {
  readonly panel: HTMLElement;
  private readonly count: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly cards: HTMLElement;
  private readonly earlier: HTMLElement;
  /** Room for them is kept at the bottom, whether any is there or not. */
  toasts: ToastsPart | null = null;

  constructor(
    frame: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.panel = make("panel", frame);
    const head = make("panel-head", this.panel);
    write(make("panel-title", head), "LLM calls");
    this.count = make("panel-count", head);
    this.empty = make("empty", this.panel);
    write(this.empty, `First call at ${clock(scene.cards[0]?.start_ms ?? 0, scene.tenths)}`);
    this.cards = make("cards", this.panel);
    this.earlier = make("earlier", this.panel);
  }

  arrange(box: Box, unit: number): void {
    putInto(this.panel, box);
    const isLow = box.height < LOW * unit;
    this.panel.classList.toggle("low", isLow);
    const reserve = this.toasts?.reserve(box.height, unit, isLow ? 1 : undefined) ?? 0;
    this.panel.style.setProperty("--reserve", `${reserve}px`);
  }

  looks(moment: Moment): string {
    const cards = this.begun(moment.now).map((card) => [stateOf(card, moment.now), timeOf(card, moment), isRated(card, moment.now)]);
    return JSON.stringify([cards, this.begunCount(moment.now)]);
  }

  draw(moment: Moment): void {
    const begun = this.begun(moment.now);
    const total = this.begunCount(moment.now);
    write(this.count, total > 0 ? `${total} of ${this.scene.cards.length}` : "");
    show(this.empty, total === 0);
    const open = this.open(begun, moment.now);
    const shown = begun.map((card, index) => drawnAs(index, open)(card, moment));
    this.cards.replaceChildren(...shown);
    this.tellEarlier(total - shown.length);
    while (shown.length > 1 && this.overflows()) {
      shown.pop()!.remove();
      this.tellEarlier(total - shown.length);
    }
  }

  *boundaries(): Iterable<number> {
    for (const { start_ms, end_ms, first_token_ms, rated_at_ms } of this.scene.cards) {
      yield* [start_ms, end_ms];
      if (first_token_ms !== null) yield start_ms + first_token_ms;
      if (rated_at_ms !== null) yield rated_at_ms;
    }
  }

  /** Indices of the cards that are open: the newest, and what went wrong as far as there is room with all that came after it. */
  private open(begun: readonly Card[], now: number): ReadonlySet<number> {
    const open = new Set([0]);
    const worth = begun.map((card, index) => ({ index, worth: evidence(card, now) })).filter(({ index, worth }) => index > 0 && worth > 0);
    this.tellEarlier(begun.length);
    for (const { index } of worth.sort((one, other) => other.worth - one.worth)) {
      open.add(index);
      const last = Math.max(...open);
      const shown = begun.slice(0, last + 1).map((card, number) => drawnAs(number, open)(card, END));
      this.cards.replaceChildren(...shown);
      if (this.overflows()) open.delete(index);
    }
    return open;
  }

  private begunCount(now: number): number {
    return lastAt(this.scene.cards, now, ({ start_ms }) => start_ms) + 1;
  }

  private begun(now: number): Card[] {
    const count = this.begunCount(now);
    return this.scene.cards.slice(Math.max(0, count - MOST_CARDS), count).reverse();
  }

  private overflows(): boolean {
    return this.cards.scrollHeight > this.cards.clientHeight;
  }

  private tellEarlier(count: number): void {
    show(this.earlier, count > 0);
    write(this.earlier, `and ${count} earlier`);
  }
}
