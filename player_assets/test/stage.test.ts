// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";
import { Stage } from "../src/stage";

const PICTURE = { width: 1280, height: 720 };
const AREA = { left: 0, top: 36, width: 1280, height: 620 };

beforeEach(() => {
  document.body.innerHTML = "";
});

function edges(element: HTMLElement): number[] {
  return ["left", "top", "width", "height"].map((side) => Number.parseFloat(element.style.getPropertyValue(side)));
}

describe("a phone's frame", () => {
  it("lies around the screen, within the page's part of the picture, and behind it", () => {
    const stage = new Stage(PICTURE.width, PICTURE.height, () => AREA);
    stage.resize(390, 844);
    stage.setPhone(true);
    const phone = document.querySelector<HTMLElement>(".phone")!;
    const [left, top, width, height] = edges(phone) as [number, number, number, number];
    expect(phone.nextElementSibling).toBe(stage.element);
    expect(top).toBe(AREA.top);
    expect(height).toBe(AREA.height);
    expect(left).toBeGreaterThan(AREA.left);
    expect(left + width).toBeLessThan(AREA.left + AREA.width);
    const corner = stage.toPicture({ x: 0, y: 0 });
    const end = stage.toPicture({ x: 390, y: 844 });
    expect([corner.x - left, corner.y - top]).toEqual([10, 10]);
    expect(Math.abs(left + width - end.x - 10)).toBeLessThan(1);
    expect(Math.abs(top + height - end.y - 10)).toBeLessThan(1);
    // Its rounded corners do not reach the screen's own, which are square.
    const radius = Number.parseFloat(phone.style.borderRadius);
    expect(Math.SQRT2 * (radius - 10)).toBeLessThan(radius);
  });

  it("turns with the screen, and is gone when the page is none of a phone", () => {
    const stage = new Stage(PICTURE.width, PICTURE.height, () => AREA);
    stage.resize(390, 844);
    const plain = stage.toPicture({ x: 390, y: 844 });
    stage.setPhone(true);
    stage.resize(844, 390);
    const [, , width, height] = edges(document.querySelector<HTMLElement>(".phone")!) as [number, number, number, number];
    expect(width).toBeGreaterThan(height);
    stage.setPhone(false);
    expect(document.querySelector(".phone")).toBeNull();
    stage.resize(390, 844);
    expect(stage.toPicture({ x: 390, y: 844 })).toEqual(plain);
  });
});
