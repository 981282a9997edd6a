// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { SkipOverlay, skipText } from "../src/overlays/skips";
import { Stage } from "../src/stage";

let layer: HTMLElement;
beforeEach(() => {
  document.body.innerHTML = "";
  layer = document.createElement("div");
  document.body.append(layer);
});
const shown = (element: Element | null): boolean => (element as HTMLElement).style.display !== "none";

describe("skipText", () => {
  it.each([
    [1500, "2 s skipped"],
    [42_000, "42 s skipped"],
    [59_400, "59 s skipped"],
    [59_600, "1 min 0 s skipped"],
    [184_000, "3 min 4 s skipped"],
    [3_599_600, "1 h 0 min skipped"],
    [7_380_000, "2 h 3 min skipped"],
  ])("%d ms is %s", (milliseconds, text) => expect(skipText(milliseconds)).toBe(text));
});

describe("SkipOverlay", () => {
  it("is there while time was skipped", () => {
    const overlay = new SkipOverlay(layer, 1, () => ({ left: 0, top: 0, width: 640, height: 360 }));
    overlay.draw(0);
    expect(shown(layer.querySelector(".skip"))).toBe(false);
    overlay.draw(42_000);
    expect(shown(layer.querySelector(".skip"))).toBe(true);
    expect(layer.textContent).toContain("42 s skipped");
    overlay.draw(0);
    expect(shown(layer.querySelector(".skip"))).toBe(false);
  });
});

describe("Stage", () => {
  it.each([
    [640, 360, 1920, 1080, { x: 640, y: 360 }, { x: 0, y: 0 }],
    [640, 360, 800, 600, { x: 560, y: 360 }, { x: 80, y: 0 }],
    [640, 360, 320, 100, { x: 640, y: 280 }, { x: 0, y: 80 }],
  ])("%dx%d shows a window of %dx%d as large as it fits", (width, height, windowWidth, windowHeight, end, start) => {
    const stage = new Stage(width, height);
    stage.resize(windowWidth, windowHeight);
    expect(stage.toPicture({ x: 0, y: 0 })).toEqual(start);
    const far = stage.toPicture({ x: windowWidth, y: windowHeight });
    expect(far.x).toBeCloseTo(end.x);
    expect(far.y).toBeCloseTo(end.y);
  });

  it("keeps text on whole pixels when nothing is scaled", () => {
    const stage = new Stage(800, 600);
    expect(stage.element.style.transform).toBe("none");
  });

  it.each([[0, 600], [-5, 600], [NaN, 600], [800, Infinity], [800, 99_999]])("ignores a window of %d x %d", (width, height) => {
    const stage = new Stage(640, 360);
    stage.resize(800, 600);
    stage.resize(width, height);
    expect(stage.toPicture({ x: 0, y: 0 })).toEqual({ x: 80, y: 0 });
  });
});
