import { describe, expect, it } from "vitest";
import { layOut, wantedBy, type Box, type Layout, type PartName, type Size } from "../src/layout";
import { ALL, BUSY, NOTHING, setup } from "./scene";

const WINDOW: Size = { width: 1280, height: 720 };
const every: PartName[] = ["header", "panel", "steps", "timeline"];
const wanted = (parts: PartName[], lanes = 2) => ({ parts: new Set(parts), lanes });
const scaleOf = ({ stage }: Layout, window: Size): number => Math.min(stage.width / window.width, stage.height / window.height);
const overlap = (one: Box, other: Box): boolean =>
  one.left < other.left + other.width && other.left < one.left + one.width && one.top < other.top + other.height && other.top < one.top + one.height;

describe("layOut", () => {
  it("leaves the page the whole picture when nothing else is wanted", () => {
    const layout = layOut({ width: 801, height: 601 }, wanted([]), WINDOW);
    expect(layout.stage).toEqual({ left: 0, top: 0, width: 801, height: 601 });
    expect([layout.header, layout.panel, layout.steps, layout.timeline]).toEqual([null, null, null, null]);
  });

  it.each([
    ["with the panel", every, 3, 0.77],
    ["without the panel", ["header", "steps", "timeline"] as PartName[], 2, 0.83],
    ["with the panel alone", ["panel"] as PartName[], 1, 0.77],
    ["with the header alone", ["header"] as PartName[], 1, 0.94],
  ])("shows a window of 1280x720 large: %s", (_, parts, lanes, scale) => {
    expect(scaleOf(layOut(WINDOW, wanted(parts, lanes), WINDOW), WINDOW)).toBeGreaterThanOrEqual(scale);
  });

  it("gives a tall window's room to the panel", () => {
    const phone = { width: 390, height: 844 };
    const layout = layOut(WINDOW, wanted(every, 3), phone);
    expect(layout.panel!.width).toBe(440);
    expect(scaleOf(layout, phone)).toBeGreaterThan(0.69);
  });

  it("puts the panel under the page in a picture that is taller than wide", () => {
    const layout = layOut({ width: 720, height: 1280 }, wanted(every, 3), WINDOW);
    expect(layout.panel!.top).toBe(layout.stage.top + layout.stage.height);
    expect(layout.panel!.width).toBe(720);
    expect(scaleOf(layout, WINDOW)).toBeCloseTo(720 / 1280);
  });

  const pictures: Size[] = [WINDOW, { width: 640, height: 360 }, { width: 1920, height: 1080 }, { width: 720, height: 1280 }, { width: 481, height: 271 }, { width: 800, height: 450 }];
  const windows: Size[] = [WINDOW, { width: 390, height: 844 }, { width: 3840, height: 1080 }, { width: 50, height: 50 }];
  const cases = pictures.flatMap((picture) => windows.map((window) => [picture, window] as const));

  it.each(cases)("tiles a picture %j around a window %j without overlap or hole", (picture, window) => {
    for (const parts of [every, every.slice(1), ["timeline", "panel"] as PartName[], ["steps"] as PartName[]]) {
      const layout = layOut(picture, wanted(parts, 3), window);
      const boxes = [layout.stage, layout.header, layout.panel, layout.steps, layout.timeline].filter((box): box is Box => box !== null);
      expect(boxes).toHaveLength(parts.length + 1);
      boxes.forEach((one, index) => boxes.slice(index + 1).forEach((other) => expect(overlap(one, other)).toBe(false)));
      expect(boxes.reduce((sum, { width, height }) => sum + width * height, 0)).toBe(picture.width * picture.height);
      for (const box of boxes) for (const side of Object.values(box)) expect(Number.isInteger(side) && side >= 0).toBe(true);
      expect(layout.stage.width).toBeGreaterThan(picture.width / 5);
      expect(layout.stage.height).toBeGreaterThan(picture.height / 5);
    }
  });

  it("never makes letters smaller than can be read", () => {
    expect(layOut({ width: 640, height: 360 }, wanted(every), WINDOW).unit).toBe(0.7);
    expect(layOut({ width: 1920, height: 1080 }, wanted(every), WINDOW).unit).toBe(1.5);
  });

  it("puts toasts beside a narrow page when there is no panel", () => {
    const phone = { width: 390, height: 844 };
    const { toasts, stage } = layOut(WINDOW, wanted(["header"]), phone);
    const pageEnds = stage.left + (stage.width + phone.width * (stage.height / phone.height)) / 2;
    expect(toasts!.left).toBeGreaterThanOrEqual(pageEnds);
  });
});

describe("wantedBy", () => {
  it("wants a panel only for cards", () => {
    expect([...wantedBy(setup(), 3).parts]).toEqual(["header", "steps", "timeline", "panel"]);
    expect([...wantedBy(setup({ scene: NOTHING }), 1).parts]).toEqual(["header", "steps", "timeline"]);
    expect([...wantedBy(setup({ overlays: ALL.filter((name) => name !== "llm"), scene: BUSY }), 3).parts]).toEqual(["header", "steps", "timeline"]);
  });

  it("wants nothing in a picture that has no room for it", () => {
    for (const small of [setup({ width_px: 318 }), setup({ height_px: 238 })]) {
      const { parts, hasRoom } = wantedBy(small, 3);
      expect([parts.size, hasRoom]).toEqual([0, false]);
    }
    expect(wantedBy(setup({ width_px: 400, height_px: 300 }), 3).parts.has("panel")).toBe(false);
    expect(wantedBy(setup({ width_px: 360, height_px: 640 }), 3).parts.has("panel")).toBe(true);
  });
});
