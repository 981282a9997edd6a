// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { Frame } from "../src/frame";
import { ClickNames, NAME_MS } from "../src/overlays/names";
import type { Setup } from "../src/protocol.gen";
import { ALL, BUSY, card, NOTHING, setup } from "./scene";

const WINDOW = { width: 1280, height: 720 };
beforeEach(() => {
  document.body.innerHTML = "";
});

function open(more: Partial<Setup> = {}): Frame {
  document.body.innerHTML = "";
  const frame = new Frame(setup(more));
  frame.arrange(WINDOW);
  return frame;
}
const drawn = (): string => document.querySelector(".frame")?.outerHTML ?? "";
const words = (selector: string): string => document.querySelector(selector)?.textContent ?? "";
const isShown = (selector: string): boolean => !(document.querySelector(selector) as HTMLElement).hidden;

describe("Frame", () => {
  it("depends on the time and not on the way there", () => {
    const times = [0, 3210, 5000, 5778, 9499, 11_000, 12_340, 30_015, 33_999, 45_000, 59_999];
    const there = times.map((at) => {
      open().draw(at, 0);
      return drawn();
    });
    const frame = open();
    times.forEach((at, index) => {
      frame.draw(at, 0);
      expect(drawn()).toBe(there[index]);
    });
    for (const index of [5, 2, 9, 0]) {
      frame.draw(times[index]!, 0);
      expect(drawn(), `back to ${times[index]}`).toBe(there[index]);
    }
  });

  it("says what it shows: the same words, the same picture; and it changes only when it said so", () => {
    const frame = open();
    let [said, picture, next] = ["", "", 0 as number | null];
    for (let at = 0; at < 60_000; at += 10) {
      const now = frame.draw(at, 0);
      if (next === null || at < next) {
        expect(now, String(at)).toBe(said);
        expect(drawn(), String(at)).toBe(picture);
      }
      [said, picture, next] = [now, drawn(), frame.nextChange(at)];
    }
  }, 30_000);

  it("costs one picture a tick and none else while nothing happens", () => {
    const ticks_ms = Array.from({ length: 60 }, (_, second) => second * 1000);
    const frame = open({ scene: { ...NOTHING, ticks_ms, places: BUSY.places.slice(0, 1) } });
    const looks: number[] = [];
    for (let at: number | null = 0; at !== null; at = frame.nextChange(at)) looks.push(at);
    expect(looks).toEqual(ticks_ms);
    expect(new Set(looks.map((at) => frame.draw(at, 0))).size).toBe(60);
  });

  it("tells tenths of a second of a session of some seconds, in its clock and at the ends of its timeline", () => {
    const short = { ...NOTHING, from_ms: 300, to_ms: 2460, duration_ms: 3460, tenths: true, ticks_ms: [300, 400, 600] };
    open({ scene: short }).draw(650, 0);
    const said = (selector: string): (string | null)[] => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);
    expect(said(".time")).toEqual(["0:00.6"]);
    expect(said(".whole")).toEqual(["/ 0:03.4"]);
    expect(said(".scale .end")).toEqual(["0:00.3", "0:02.4"]);
  });

  it("does not tick where nothing has a clock", () => {
    const frame = open({ overlays: ["steps"], scene: { ...BUSY, toasts: [] } });
    expect([0, 3210, 9210, 30_000, 36_000].map((at) => frame.nextChange(at))).toEqual([3210, 9210, 30_000, 36_000, null]);
  });

  it("is exact whenever a line, a card or a toast changes", () => {
    const counters = (at: number): string[] => {
      open().draw(at, 0);
      return [...document.querySelectorAll(".card-time")].map(({ textContent }) => textContent!);
    };
    expect(counters(5776)[0], "the tick before").toBe("0.0 s");
    expect(counters(5777)[0], "its first token came").toBe("0.8 s");
    expect(counters(5999)[0]).toBe("0.8 s");
    expect(counters(30_015)[0], "a toast came").toBe("2.0 s");
    open({ scene: { ...BUSY, ticks_ms: [] } }).draw(30_000, 0);
    const left = (selector: string): number => Number.parseInt((document.querySelector(selector) as HTMLElement).style.left, 10);
    // A mark is 10 wide, and begins half of that before its time.
    expect(Math.abs(left(".playhead") - left(".mark.error") - 5), "a line came, and it is under its mark").toBeLessThanOrEqual(1);
  });

  it("is not there for a bare replay", () => {
    const frame = open({ overlays: ["pointer", "ripples", "labels", "skips"] });
    expect(frame.draw(30_015, 5000)).toBe("");
    expect(frame.nextChange(0)).toBeNull();
    expect(document.body.innerHTML).toBe("");
  });

  it("has a part for each name and no more", () => {
    const parts = { header: ".header", timeline: ".timeline", steps: ".steps", llm: ".panel" };
    for (const [name, selector] of Object.entries(parts)) {
      open({ overlays: [name as Setup["overlays"][number]] });
      const there = Object.values(parts).filter((other) => document.querySelector(other));
      expect(there, name).toEqual([selector]);
    }
  });
});

describe("the header", () => {
  it("tells title, address and the session's clock, which stands still between ticks", () => {
    const frame = open();
    frame.draw(12_339, 0);
    expect([words(".title"), words(".url"), words(".clock-name"), words(".time"), words(".whole")]).toEqual(["Shop", "shop.example", "Session", "0:12", "/ 1:00"]);
    frame.draw(12_340, 0);
    expect([isShown(".title"), words(".url"), words(".time")]).toEqual([false, "shop.example/cart", "0:12"]);
  });

  it("says which tab is shown, from when it is shown, for a moment", () => {
    const tabs = [{ from_ms: 0, to_ms: 3000, number: 1, count: 3 }, { from_ms: 12_340, to_ms: 15_340, number: 3, count: 3 }];
    const frame = open({ scene: { ...BUSY, tabs } });
    const said = (at: number): string => {
      frame.draw(at, 0);
      return isShown(".tab") ? words(".tab-text") : "";
    };
    const asked = [0, 2999, 3000, 12_339, 12_340, 15_339, 15_340];
    expect(asked.map(said)).toEqual(["Tab 1 of 3", "Tab 1 of 3", "", "", "Tab 3 of 3", "Tab 3 of 3", ""]);
    expect([frame.nextChange(2500), frame.nextChange(15_000)]).toEqual([3000, 15_340]);
    open().draw(0, 0);
    expect(isShown(".tab"), "nothing is said of the only one").toBe(false);
  });

  it("says when time is odd", () => {
    const fast = [{ from_ms: 40_000, to_ms: 50_000, speed: 8 }];
    const frame = open();
    const chip = (at: number, skipped = 0): string => {
      frame.draw(at, skipped);
      return isShown(".chip") ? words(".chip-text") : "";
    };
    expect([39_999, 40_000, 49_999, 50_000].map((at) => chip(at))).toEqual(["", "Idle", "Idle", ""]);
    expect(chip(25_000, 10_000)).toBe("10 s skipped");
    expect(chip(16_000), "what is left out is never shown").toBe("");
    const other = open({ scene: { ...BUSY, gaps: fast } });
    other.draw(41_000, 0);
    expect(words(".chip-text")).toBe("Idle, 8× speed");
  });
});

describe("cards", () => {
  const panel = (at: number): string[] => {
    open().draw(at, 0);
    return [...document.querySelectorAll(".card")].map((element) => element.textContent ?? "");
  };

  it("count while they wait, then tell what came of it, the newest on top", () => {
    expect(panel(4999)).toEqual([]);
    expect([isShown(".empty"), words(".empty")]).toEqual([true, "First call at 0:05"]);
    expect(panel(5500)).toEqual(["nora-4-mini0.0 sAsked Is it refunded?Waiting for an answer"]);
    expect(panel(8100)).toEqual(["nora-4-mini3.0 sAsked Is it refunded?Answering · first token after 777 ms"]);
    expect(panel(9500)).toEqual(["nora-4-mini4.5 sAsked Is it refunded?Answered · first token after 777 msIt is.12 tokens"]);
    expect(panel(11_000)[0]).toMatch(/Thumbs down$/);
    expect((document.querySelector(".card") as HTMLElement).dataset["rating"]).toBe("down");
    expect(document.querySelectorAll(".verdict .icon-down")).toHaveLength(1);
    expect(panel(34_000)[0]).toBe("nora-4-mini5.3 sAsked Is it refunded?overloaded12 tokens");
    expect(panel(55_000)[0]).toMatch(/No answer/);
    expect(document.querySelectorAll(".card")).toHaveLength(3);
    expect(words(".panel-count")).toBe("3 of 3");
  });

  /** happy-dom lays nothing out: a card is as high as it has lines, and the panel as `room` says. */
  const rows = (at: number, room: number, scene = BUSY): string[] => {
    const heights = { scrollHeight: 0, clientHeight: room };
    const frame = open({ scene });
    const cards = document.querySelector(".cards")!;
    Object.defineProperty(cards, "clientHeight", { get: () => heights.clientHeight });
    Object.defineProperty(cards, "scrollHeight", { get: () => [...cards.children].reduce((sum, { classList }) => sum + (classList.contains("folded") ? 1 : 5), 0) });
    frame.draw(at, 0);
    return [...cards.children].map((element) => (element.classList.contains("folded") ? "folded" : "whole"));
  };

  it("are whole if they are the newest or went wrong, and folded for good if not", () => {
    const cards = [
      card(1000, 2000, { rating: "up", rated_at_ms: 2500 }),
      card(3000, 4000, { rating: "down", rated_at_ms: 9000 }),
      card(5000, 6000, { status: "failed" }),
      card(7000, 8000),
      card(10_000, 11_000),
    ];
    const scene = { ...BUSY, cards };
    expect(rows(2600, 99, scene)).toEqual(["whole"]);
    expect(rows(3000, 99, scene)).toEqual(["whole", "folded"]);
    expect(rows(5000, 99, scene), "not disliked yet").toEqual(["whole", "folded", "folded"]);
    expect(rows(7000, 99, scene)).toEqual(["whole", "whole", "folded", "folded"]);
    expect(rows(9000, 99, scene)).toEqual(["whole", "whole", "whole", "folded"]);
    expect(rows(59_000, 99, scene)).toEqual(["whole", "folded", "whole", "whole", "folded"]);
    expect(rows(59_000, 13, scene), "what was disliked tells more than what failed").toEqual(["whole", "folded", "folded", "whole", "folded"]);
    expect(rows(59_000, 7, scene)).toEqual(["whole", "folded", "folded"]);
    expect(words(".earlier")).toBe("and 2 earlier");
  });

  it("do not change when toasts come and go", () => {
    const looks = new Set<string>();
    const frame = open({ scene: { ...BUSY, ticks_ms: [], cards: BUSY.cards.slice(0, 1) } });
    for (const at of [30_000, 30_010, 30_020, 34_010, 34_020]) {
      frame.draw(at, 0);
      looks.add(document.querySelector(".cards")!.innerHTML);
    }
    expect(looks.size).toBe(1);
    expect((document.querySelector(".panel") as HTMLElement).style.getPropertyValue("--reserve")).toBe("104px");
  });

  it("are bounded", () => {
    const cards = Array.from({ length: 200 }, (_, number) => card(number, number + 1));
    open({ scene: { ...BUSY, cards } }).draw(59_000, 0);
    expect(document.querySelectorAll(".card").length).toBe(24);
    expect(words(".earlier")).toBe("and 176 earlier");
  });
});

describe("toasts", () => {
  const shown = (more: Partial<Setup>, at: number): string[] => {
    open(more).draw(at, 0);
    return [...document.querySelectorAll(".toast")].map((element) => element.textContent ?? "");
  };

  it("are there for their time, in the part that has room", () => {
    expect(shown({}, 30_009)).toEqual([]);
    expect(shown({}, 30_020)).toEqual(["POST /cart failed with 500", "slow×3"]);
    expect(document.querySelectorAll(".panel .toast")).toHaveLength(2);
    expect(shown({}, 34_010)).toEqual(["slow×3"]);
    expect(shown({ overlays: ALL.filter((name) => name !== "llm") }, 30_020)).toHaveLength(2);
    expect(document.querySelectorAll(".steps .toast")).toHaveLength(2);
    expect(shown({ overlays: ["network"] }, 30_020)).toEqual(["POST /cart failed with 500"]);
    expect(document.querySelectorAll(".floating .toast")).toHaveLength(1);
  });

  it("are three at most, the newest", () => {
    const toasts = Array.from({ length: 300 }, (_, number) => ({ ...BUSY.toasts[0]!, from_ms: number, to_ms: 4000 + number, text: String(number) }));
    expect(shown({ scene: { ...BUSY, toasts } }, 500)).toEqual(["297", "298", "299"]);
  });
});

describe("steps", () => {
  it("stand for their time and look the same all the while", () => {
    const frame = open();
    const state = (at: number): string[] => {
      frame.draw(at, 0);
      const step = document.querySelector(".step") as HTMLElement;
      return step.hidden ? [] : [words(".step .told"), step.dataset["level"]!];
    };
    frame.draw(0, 0);
    expect(isShown(".step")).toBe(false);
    for (const at of [3210, 9209]) expect(state(at)).toEqual(["Clicked “Buy”", "info"]);
    expect(state(9210)).toEqual([]);
    expect(state(30_000)).toEqual(["POST /cart failed with 500", "error"]);
  });
});

describe("the timeline", () => {
  it("has lanes for what there is, marks of every kind, and a playhead", () => {
    const frame = open();
    frame.draw(30_000, 0);
    expect([...document.querySelectorAll(".lane-name")].map(({ textContent }) => textContent)).toEqual(["User", "Model", "Errors"]);
    expect([...document.querySelectorAll(".mark")].map(({ className }) => className)).toEqual([
      "mark navigation", "mark user", "mark down", "mark llm lasting", "mark disliked", "mark llm_failed lasting", "mark error",
    ]);
    expect([...document.querySelectorAll(".gap")].map(({ className }) => className)).toEqual(["gap skipped", "gap"]);
    expect([...document.querySelectorAll(".end")].map(({ textContent }) => textContent)).toEqual(["0:00", "1:00"]);
    const left = (): number => Number.parseInt((document.querySelector(".playhead") as HTMLElement).style.left, 10);
    const places = [0, 10_000, 26_000, 59_000].map((at) => {
      frame.draw(at, 0);
      return left();
    });
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(new Set(places).size).toBe(4);
    open({ scene: { ...NOTHING, marks: BUSY.marks.slice(0, 2) } });
    expect([...document.querySelectorAll(".lane-name")].map(({ textContent }) => textContent)).toEqual(["User"]);
  });
});

describe("hostile text", () => {
  it("is text, whatever it says and however long it is", () => {
    const evil = `<img src=x onerror="window.ran = 1"></style><script>window.ran = 1</script>\u202e${"w".repeat(1_000_000)}`;
    const scene = {
      ...BUSY,
      places: [{ at_ms: 0, url: evil, title: evil }],
      lines: [{ from_ms: 0, to_ms: 9000, text: evil, level: "info" as const }],
      cards: [card(0, 500, { prompt: evil, answer: evil, model: evil, facts: [evil], error: evil, rating: "up", feedback: evil })],
      toasts: [{ ...BUSY.toasts[0]!, from_ms: 0, text: evil }],
    };
    open({ scene }).draw(1000, 0);
    expect(document.querySelectorAll("img, script, style")).toHaveLength(0);
    expect(document.body.textContent).toContain("<img src=x");
    expect(document.body.innerHTML.length).toBeLessThan(40_000);
  });
});

describe("ClickNames", () => {
  const stage = { left: 0, top: 40, width: 640, height: 300 };
  const same = ({ x, y }: { x: number; y: number }) => ({ x, y });
  const clicks = [{ at: 3200, point: { x: 600, y: 50 } }, { at: 9000, point: { x: 5, y: 300 } }];

  it("name the newest click that has a name, for its time", () => {
    const names = new ClickNames(document.body, 1, [{ at_ms: 3210, until_ms: 3210, text: "Buy" }], []);
    expect(names.current(clicks, 3199)).toBeNull();
    expect(names.current(clicks, 3200)?.text).toBe("Buy");
    expect(names.nextChange(clicks, 3200)).toBe(3200 + NAME_MS);
    expect(names.current(clicks, 3200 + NAME_MS)).toBeNull();
    expect(names.current(clicks, 9000)).toBeNull();
    const several = new ClickNames(document.body, 1, [{ at_ms: 3200, until_ms: 9000, text: "Buy" }], []);
    expect([3200, 9000].map((now) => several.current(clicks, now)?.click.at)).toEqual([3200, 9000]);
    expect(several.current([{ at: 9021, point: { x: 1, y: 1 } }], 9021)).toBeNull();
    names.draw(clicks, 3300, same, stage, null);
    expect([words(".click-name"), isShown(".click-name")]).toEqual(["Buy", true]);
    names.draw(clicks, 9000, same, stage, null);
    expect(isShown(".click-name")).toBe(false);
  });

  it("go with the page that was clicked", () => {
    const place = (at_ms: number, url: string) => ({ at_ms, url, title: String(at_ms) });
    const names = new ClickNames(document.body, 1, [{ at_ms: 3200, until_ms: 3200, text: "Buy" }], [place(0, "/a"), place(3300, "/a"), place(3500, "/b")]);
    expect(names.nextChange(clicks, 3200), "a title is no other page").toBe(3500);
    expect([3499, 3500].map((now) => names.current(clicks, now)?.text)).toEqual(["Buy", undefined]);
    expect(names.current([{ ...clicks[0]!, gone: true }], 3210)).toBeNull();
  });

  it("lie above toasts that float over the page", () => {
    const names = new ClickNames(document.body, 1, [{ at_ms: 9000, until_ms: 9000, text: "Buy" }], []);
    const toasts = { left: 0, top: 270, width: 640, height: 70 };
    names.draw(clicks, 9000, same, stage, toasts);
    expect(Number.parseInt((document.querySelector(".click-name") as HTMLElement).style.top, 10)).toBeLessThan(270);
  });
});
