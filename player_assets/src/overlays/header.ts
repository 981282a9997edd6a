// The line above the page: its title and address, and the session's clock. Where time is odd the clock says so; where another
// tab is shown, which one.
import type { Box } from "../layout";
import type { Scene } from "../protocol.gen";
import { icon } from "./icons";
import { lastAt } from "./moments";
import { make, putInto, show, type Moment, type Part } from "./part";
import { skipText } from "./skips";
import { address, clock, write } from "./words";

export class HeaderPart implements Part {
  private readonly bar: HTMLElement;
  private readonly tab: HTMLElement;
  private readonly tabText: HTMLElement;
  private readonly title: HTMLElement;
  private readonly url: HTMLElement;
  private readonly chip: HTMLElement;
  private readonly chipText: HTMLElement;
  private readonly time: HTMLElement;

  constructor(
    frame: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.bar = make("bar header", frame);
    this.tab = make("tab", this.bar);
    this.tab.append(icon("tab"));
    this.tabText = make("tab-text", this.tab);
    this.title = make("title told", this.bar);
    this.url = make("url told", this.bar);
    this.chip = make("chip", this.bar);
    this.chip.dataset["kind"] = "chevrons";
    this.chip.append(icon("chevrons"), icon("pause"));
    this.chipText = make("chip-text", this.chip);
    write(make("clock-name", this.bar), "Session");
    this.time = make("time", this.bar);
    const whole = make("whole", this.bar);
    write(whole, `/ ${clock(scene.duration_ms, scene.tenths)}`);
  }

  arrange(box: Box): void {
    putInto(this.bar, box);
  }

  looks(moment: Moment): string {
    return JSON.stringify([this.placeAt(moment.now), clock(moment.tick, this.scene.tenths), this.oddity(moment), this.tabAt(moment.now)]);
  }

  draw(moment: Moment): void {
    const place = this.scene.places[this.placeAt(moment.now)];
    const shownAddress = address(place?.url ?? "");
    const tab = this.tabAt(moment.now);
    show(this.tab, tab !== "");
    write(this.tabText, tab);
    write(this.title, place?.title || "");
    show(this.title, !!place?.title);
    write(this.url, shownAddress);
    write(this.time, clock(moment.tick, this.scene.tenths));
    const words = this.oddity(moment);
    show(this.chip, words !== "");
    write(this.chipText, words);
    this.chip.dataset["kind"] = words === "Idle" ? "pause" : "chevrons";
  }

  *boundaries(): Iterable<number> {
    for (const place of this.scene.places) yield place.at_ms;
    for (const tab of this.scene.tabs) yield* [tab.from_ms, tab.to_ms];
    for (const gap of this.scene.gaps) yield* [gap.from_ms, gap.to_ms];
  }

  private placeAt(now: number): number {
    // Nobody has told of a place before the first: the page is the same one.
    return Math.max(0, lastAt(this.scene.places, now, ({ at_ms }) => at_ms));
  }

  private tabAt(now: number): string {
    const tab = this.scene.tabs[lastAt(this.scene.tabs, now, ({ from_ms }) => from_ms)];
    return tab && now < tab.to_ms ? `Tab ${tab.number} of ${tab.count}` : "";
  }

  private oddity({ now, skipped }: Moment): string {
    if (skipped > 0) return skipText(skipped);
    const gap = this.scene.gaps[lastAt(this.scene.gaps, now, ({ from_ms }) => from_ms)];
    if (!gap || now >= gap.to_ms || gap.speed === 0) return "";
    return gap.speed > 1 ? `Idle, ${Number(gap.speed.toFixed(1))}× speed` : "Idle";
  }
}
