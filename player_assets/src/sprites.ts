// What the host lays over the picture of the page: the pointer and the ripples of clicks. They move most, and a frame in which
// nothing else moved needs no picture of the page. What they look like: renderer/sprites.py.
import type { Sprite } from "./protocol.gen";
import type { Point } from "./stage";
import { stepOf, type UserHand } from "./user";

/** The largest, a finger, reaches 21 of these design pixels from its middle, the arrow's shadow 34 from its tip. */
const REACH = 64;

export interface Drawn {
  pointer: boolean;
  ripples: boolean;
  width: number;
  height: number;
}

/** The ripples first: the pointer lies on top. */
export function spritesOf(hand: UserHand, now: number, drawn: Drawn, scale: number, toPicture: (point: Point) => Point): Sprite[] {
  const sprites: Sprite[] = [];
  const add = (kind: Sprite["kind"], point: Point, step: number): void => {
    const { x, y } = toPicture(point);
    const sprite = { kind, x_px: Math.round(x), y_px: Math.round(y), scale, step };
    const reach = REACH * scale;
    // Not what lies outside of the picture, nor what is no place at all.
    if (sprite.x_px > -reach && sprite.y_px > -reach && sprite.x_px < drawn.width + reach && sprite.y_px < drawn.height + reach) sprites.push(sprite);
  };
  if (drawn.ripples) hand.ripples(now).forEach(({ at, point }) => add("ring", point, stepOf(at, now)));
  if (drawn.pointer && hand.point && (!hand.touch || hand.pressed)) add(hand.touch ? "finger" : "arrow", hand.point, 0);
  return sprites;
}
