// The clip on one line: what happened when, in lanes, and where the picture is.
import type { Box } from "../layout";
import type { Mark, Scene } from "../protocol.gen";
import { Axis } from "./axis";
import { THUMB } from "./icons";
import { make, putInto, type Moment, type Part } from "./part";
import { brief, clock, write } from "./words";

type Lane = "User" | "Model" | "Errors";

/** Lanes from top to bottom, and what lies in them. A lane without marks is left out. */
const LANES: Record<Lane, ReadonlySet<Mark["kind"]>> = {
  User: new Set(["user", "navigation", "up", "down", "feedback"]),
  Model: new Set(["llm", "llm_failed", "disliked"]),
  Errors: new Set(["warning", "error"]),
};

/** In design pixels; 10 if not named here. A thumb has more of a shape to show. */
const SIZES: Partial<Record<Mark["kind"], number>> = { up: 14, down: 14, disliked: 17 };

/** As far in as the header's title and the text of the steps (frame.css). */
const LEFT = 28;
const RIGHT = 12;
const LABELS = 60;
const BREAK = 16;
/** Under the lanes: the session's time at both ends, and how much each break leaves out. */
const SCALE = 17;
const TOP = 3;
/** Between two words of the scale. */
const APART = 8;

const THUMB_IN_10 = `<g transform="translate(-.9 -1) scale(.49)">${THUMB}</g>`;

/** Drawn in a box of 10x10, told apart by shape as well as by colour. */
const SHAPES: Record<Mark["kind"], string> = {
  user: `<circle cx="5" cy="5" r="4"/>`,
  navigation: `<path d="M5 0 10 5 5 10 0 5Z"/>`,
  feedback: `<path d="M1 0H9Q10 0 10 1V6Q10 7 9 7H6L3 10V7H1Q0 7 0 6V1Q0 0 1 0Z"/>`,
  up: THUMB_IN_10,
  down: `<g transform="rotate(180 5 5)">${THUMB_IN_10}</g>`,
  llm: `<rect x="0" y="1" width="10" height="8" rx="2"/>`,
  llm_failed: `<path d="M2 1H8Q10 1 10 3V7Q10 9 8 9H2Q0 9 0 7V3Q0 1 2 1ZM1.5 7 3 8.2 8.5 3 7 1.8Z" fill-rule="evenodd"/>`,
  disliked: `<circle cx="5" cy="5" r="5" fill="#0b0e14"/><g transform="rotate(180 5 5) translate(.9 .7) scale(.82)">${THUMB_IN_10}</g>`,
  warning: `<path d="M5 .5 10 9.5H0Z"/>`,
  error: `<path d="M1.5 0 5 3.5 8.5 0 10 1.5 6.5 5 10 8.5 8.5 10 5 6.5 1.5 10 0 8.5 3.5 5 0 1.5Z"/>`,
};

export function lanesOf(marks: readonly Mark[]): Lane[] {
  const there = (Object.keys(LANES) as Lane[]).filter((lane) => marks.some(({ kind }) => LANES[lane].has(kind)));
  return there.length > 0 ? there : ["User"];
}

export class TimelinePart implements Part {
  private readonly bar: HTMLElement;
  private readonly lanes: Lane[];
  private axis: Axis | null = null;
  private playhead = make("playhead");
  private played = make("played");

  constructor(
    frame: HTMLElement,
    private readonly scene: Scene,
  ) {
    this.bar = make("bar timeline", frame);
    this.lanes = lanesOf(scene.marks);
  }

  arrange(box: Box, unit: number): void {
    const { from_ms, to_ms, gaps } = this.scene;
    const px = (design: number): number => Math.round(design * unit);
    putInto(this.bar, box);
    const left = px(LEFT + LABELS);
    const width = box.width - left - px(RIGHT);
    const [top, height] = [px(TOP), box.height - px(TOP) - px(SCALE)];
    this.axis = new Axis(from_ms, to_ms, gaps, width, px(BREAK));
    const track = make("track");
    putInto(track, { left, top: 0, width, height: top + height });
    this.played = make("played", track);
    const lane = height / this.lanes.length;
    const labels = this.lanes.map((name, index) => {
      const own = { top: Math.round(top + lane * index), height: Math.round(lane) };
      const label = make("lane-name");
      write(label, name);
      putInto(label, { left: px(LEFT), width: px(LABELS), ...own });
      this.drawLane(make("lane", track), name, { left: 0, width, ...own }, unit);
      return label;
    });
    for (const gap of this.axis.gaps()) {
      const drawn = make(gap.skipped ? "gap skipped" : "gap", track);
      const [from, to] = [Math.round(gap.left), Math.max(Math.round(gap.left) + 1, Math.round(gap.left + gap.width))];
      putInto(drawn, { left: from, top, width: to - from, height });
    }
    this.playhead = make("playhead", track);
    const scale = make("scale");
    putInto(scale, { left, top: top + height, width, height: px(SCALE) });
    this.bar.replaceChildren(...labels, track, scale);
    this.drawScale(scale, width, px(APART));
  }

  looks({ tick }: Moment): string {
    return String(this.place(tick));
  }

  draw({ tick }: Moment): void {
    const at = this.place(tick);
    this.playhead.style.left = `${at}px`;
    this.played.style.width = `${at}px`;
  }

  *boundaries(): Iterable<number> {}

  private place(at: number): number {
    return Math.round(this.axis?.place(at) ?? 0);
  }

  /** The ends first; a break's words only where there is room between those that stand already. */
  private drawScale(scale: HTMLElement, width: number, apart: number): void {
    const taken: [number, number][] = [];
    const put = (className: string, text: string, middle: number): boolean => {
      const word = make(className, scale);
      write(word, text);
      const own = Math.ceil(word.offsetWidth);
      const left = Math.max(0, Math.min(width - own, Math.round(middle - own / 2)));
      if (taken.some(([from, to]) => left < to + apart && from < left + own + apart)) {
        word.remove();
        return false;
      }
      word.style.left = `${left}px`;
      return taken.push([left, left + own]) > 0;
    };
    put("end", clock(this.scene.from_ms, this.scene.tenths), 0);
    put("end", clock(this.scene.to_ms, this.scene.tenths), width);
    for (const { left, width, lengthMs, skipped } of this.axis!.gaps()) {
      const middle = left + width / 2;
      if (skipped && !put("left-out", `${brief(lengthMs)} skipped`, middle)) put("left-out", brief(lengthMs), middle);
    }
  }

  private drawLane(element: HTMLElement, name: Lane, box: Box, unit: number): void {
    putInto(element, box);
    for (const mark of this.scene.marks) {
      if (!LANES[name].has(mark.kind) || mark.at_ms > this.scene.to_ms || (mark.until_ms ?? mark.at_ms) < this.scene.from_ms) continue;
      const size = Math.round((SIZES[mark.kind] ?? 10) * unit);
      const [from, to] = [this.place(mark.at_ms), this.place(mark.until_ms ?? mark.at_ms)];
      const drawn = make(`mark ${mark.kind}`, element);
      const top = Math.round((box.height - size) / 2);
      if (mark.until_ms !== null && to - from > size) {
        drawn.classList.add("lasting");
        putInto(drawn, { left: from, top, width: to - from, height: size });
      } else {
        drawn.innerHTML = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" fill="currentColor">${SHAPES[mark.kind]}</svg>`;
        const most = box.width - size;
        putInto(drawn, { left: Math.max(0, Math.min(most, from - Math.round(size / 2))), top, width: size, height: size });
      }
    }
  }
}
