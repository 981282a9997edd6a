// The line under the page: what the user just did, or what just happened. It stays, dimmed, until the next.
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
    Object.assign(this.line.dataset, { level: "info", over: "false" });
    this.line.append(icon("step"), icon("warning"), icon("error"));
    this.text = make("told", this.line);
  }

  arrange(box: Box): void {
    putInto(this.bar, box);
  }

  looks({ now }: Moment): string {
    const index = this.lineAt(now);
    return `${index} ${this.isOver(index, now)}`;
  }

  draw({ now }: Moment): void {
    const index = this.lineAt(now);
    const line = this.scene.lines[index];
    this.line.hidden = !line;
    write(this.text, line?.text ?? "");
    this.line.dataset["level"] = line?.level ?? "info";
    this.line.dataset["over"] = String(this.isOver(index, now));
  }

  *boundaries(): Iterable<number> {
    for (const line of this.scene.lines) yield* [line.from_ms, line.to_ms];
  }

  private lineAt(now: number): number {
    return lastAt(this.scene.lines, now, ({ from_ms }) => from_ms);
  }

  private isOver(index: number, now: number): boolean {
    const line = this.scene.lines[index];
    return !!line && now >= line.to_ms;
  }
}
