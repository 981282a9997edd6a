// The panel beside the page: a card for each LLM call so far, the newest on top; older ones fold to a line when room is short.
import type { Box } from "../layout";
import type { Card, Scene } from "../protocol.gen";
import { cardOf, foldedCardOf, isRated, stateOf, timeOf } from "./card";
import { lastAt } from "./moments";
import { make, putInto, type Moment, type Part } from "./part";
import { write } from "./words";

/** More than fit into any panel, and few enough to lay out at every tick. */
const MOST_CARDS = 24;

export class LlmPart implements Part {
  readonly panel: HTMLElement;
  private readonly count: HTMLElement;
  private readonly empty: HTMLElement;
  private readonly cards: HTMLElement;
  private readonly earlier: HTMLElement;
  /** Something else that takes room in the panel: its looks are part of ours. */
  tenant: Part | null = null;

  constructor(
    frame: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.panel = make("panel", frame);
    const head = make("panel-head", this.panel);
    write(make("panel-title", head), "LLM calls");
    this.count = make("panel-count", head);
    this.empty = make("empty", this.panel);
    write(this.empty, "None so far");
    this.cards = make("cards", this.panel);
    this.earlier = make("earlier", this.panel);
  }

  arrange(box: Box): void {
    putInto(this.panel, box);
  }

  looks(moment: Moment): string {
    const cards = this.begun(moment.now).map((card) => [stateOf(card, moment.now), timeOf(card, moment), isRated(card, moment.now)]);
    return JSON.stringify([cards, this.begunCount(moment.now), this.tenant?.looks(moment)]);
  }

  draw(moment: Moment): void {
    const begun = this.begun(moment.now);
    const total = this.begunCount(moment.now);
    write(this.count, total > 0 ? `${total} of ${this.scene.cards.length}` : "");
    this.empty.hidden = total > 0;
    const folded = begun.map((card) => foldedCardOf(card, moment));
    const shown = [...folded];
    this.tellEarlier(total - shown.length);
    // The newest is whole if it can be; then as many of the others as there is room for, and what has none is counted.
    for (const [index, card] of begun.entries()) {
      shown[index] = cardOf(card, moment);
      this.cards.replaceChildren(...(index === 0 ? shown.slice(0, 1) : shown));
      if (!this.overflows()) continue;
      shown[index] = folded[index]!;
      break;
    }
    this.cards.replaceChildren(...shown);
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
    this.earlier.hidden = count === 0;
    write(this.earlier, `and ${count} earlier`);
  }
}
