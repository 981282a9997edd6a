// The line under the page: what the user just did, or what just happened. It looks the same for as long as it stands.
import type { Box } from "../layout";
import type { Scene } from "../protocol.gen";
import { icon } from "./icons";
import { lastAt } from "./moments";
import { make, putInto, type Moment, type Part } from "./part";
import { write } from "./words";

export class StepsPart implements Part {
  readonly bar: HTMLElement;
  private readonly line: HTMLElement;
  private readonly text: HTMLElement;

  constructor(
    frame: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.bar = make("bar steps", frame);
    this.line = make("step", this.bar);
    Object.assign(this.line.dataset, { level: "info" });
    this.line.append(icon("step"), icon("warning"), icon("error"));
    this.text = make("told", this.line);
  }

  arrange(box: Box): void {
    putInto(this.bar, box);
  }

  looks({ now }: Moment): string {
    return String(this.lineAt(now));
  }

  draw({ now }: Moment): void {
    const line = this.scene.lines[this.lineAt(now)];
    this.line.hidden = !line;
    write(this.text, line?.text ?? "");
    this.line.dataset["level"] = line?.level ?? "info";
  }

  *boundaries(): Iterable<number> {
    for (const line of this.scene.lines) yield* [line.from_ms, line.to_ms];
  }

  /** Index of the line that stands at `now`, or -1. */
  private lineAt(now: number): number {
    const index = lastAt(this.scene.lines, now, ({ from_ms }) => from_ms);
    return index >= 0 && now < this.scene.lines[index]!.to_ms ? index : -1;
  }
}
