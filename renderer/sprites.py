"""What pointer and ripples look like, and what a frame looks like with them: the one truth for encoder, poster and checks.

Drawn from geometry at any scale, by supersampling: nothing depends on Chromium, on fonts or on where a sprite lies.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from renderer.frames import Sprite, SpriteKind

SUPERSAMPLED = 8
"""Times in both directions: 64 levels of coverage at the edges."""

LARGEST_SCALE = 6.0
"""Overlays are designed for a picture 720 high, and a picture has at most 4096 pixels a side."""

RING_STEPS = 7

Colour = tuple[int, int, int, float]
"""Red, green, blue up to 255, and opacity up to 1."""

_INK: Colour = (0x0B, 0x0F, 0x19, 1.0)
_WHITE: Colour = (255, 255, 255, 1.0)
_RING: Colour = (0x25, 0x63, 0xEB, 1.0)
_RING_EDGE: Colour = (255, 255, 255, 0.7)
_FINGER: Colour = (59, 130, 246, 0.4)
_FINGER_BORDER: Colour = (255, 255, 255, 0.9)
_FINGER_EDGE: Colour = (30, 64, 175, 0.8)

# The arrow in a box of 24 x 32 that is 18 x 24 pixels at scale 1; the first corner is the tip, its outline 2 wide.
_ARROW = ((2, 2), (2, 25), (8, 19.6), (12, 29), (16.4, 27.1), (12.4, 18), (20.4, 18))
_ARROW_UNIT_PX = 0.75
_SHADOW_OPACITY = 0.45
_SHADOW_BLUR_PX = 2
_SHADOW_DOWN_PX = 1


@dataclass(frozen=True, slots=True)
class Drawing:
    """An RGBA image (straight alpha) and where in it the hot spot lies: the upper left corner of that pixel."""

    image: Image.Image
    hot_px: int


@lru_cache(maxsize=256)
def drawing(kind: SpriteKind, scale: float, step: int = 0) -> Drawing:
    """The same for equal arguments, byte for byte. Do not write into it."""
    scale = min(max(scale, 0.1), LARGEST_SCALE)
    if kind == "arrow":
        return _arrow(scale)
    return _finger(scale) if kind == "finger" else _ring(scale, min(max(step, 0), RING_STEPS - 1))


def corner(sprite: Sprite) -> tuple[int, int]:
    """Where the drawing's upper left corner lies in the picture."""
    hot_px = drawing(sprite.kind, sprite.scale, sprite.step).hot_px
    return sprite.x_px - hot_px, sprite.y_px - hot_px


def paint(picture: Image.Image, sprites: Sequence[Sprite]) -> Image.Image:
    """The RGB `picture` with `sprites` over it, the last on top; the picture itself when there are none."""
    if not sprites:
        return picture
    painted = picture.copy()
    for sprite in sprites:
        image = drawing(sprite.kind, sprite.scale, sprite.step).image
        painted.paste(image, corner(sprite), image)
    return painted


def _arrow(scale: float) -> Drawing:
    unit = _ARROW_UNIT_PX * scale
    hot_px = 3 * _SHADOW_BLUR_PX + math.ceil(unit)
    canvas = _Canvas(hot_px + math.ceil(27 * unit) + 1 + _SHADOW_DOWN_PX + 3 * _SHADOW_BLUR_PX)
    points = [(hot_px + (x - 2) * unit, hot_px + (y - 2) * unit) for x, y in _ARROW]
    outline = canvas.line(points, 2 * unit)
    canvas.fill(ImageChops.lighter(canvas.polygon(points), outline), _INK)
    canvas.fill(outline, _WHITE)
    arrow = canvas.image()
    alpha = arrow.getchannel("A").filter(ImageFilter.GaussianBlur(_SHADOW_BLUR_PX))
    alpha = ImageChops.offset(alpha.point(lambda level: round(level * _SHADOW_OPACITY)), 0, _SHADOW_DOWN_PX)
    shadow = Image.new("RGBA", arrow.size)
    shadow.putalpha(alpha)
    return Drawing(Image.alpha_composite(shadow, arrow), hot_px)


def _finger(scale: float) -> Drawing:
    """A disc of 40 pixels, its border of two inside and an edge of one around."""
    radius = 20 * scale
    hot_px = math.ceil(radius) + 1
    canvas = _Canvas(2 * hot_px)
    canvas.fill(canvas.annulus(hot_px, radius, radius + 1), _FINGER_EDGE)
    canvas.fill(canvas.annulus(hot_px, 0, radius), _FINGER)
    canvas.fill(canvas.annulus(hot_px, radius - 2, radius), _FINGER_BORDER)
    return Drawing(canvas.image(), hot_px)


def _ring(scale: float, step: int) -> Drawing:
    """It opens from 6 to 28 pixels, slower and slower, and fades; a white line on both sides shows it on any ground."""
    progress = step / RING_STEPS
    eased = 1 - (1 - progress) ** 3
    radius = round((6 + 22 * eased) * scale)
    border = max(1, round(4 * scale * (1 - 0.6 * eased)))
    hot_px = radius + 1
    canvas = _Canvas(2 * hot_px)
    canvas.fill(canvas.annulus(hot_px, radius - border - 1, radius + 1), _RING_EDGE)
    canvas.fill(canvas.annulus(hot_px, radius - border, radius), _RING)
    image = canvas.image()
    image.putalpha(image.getchannel("A").point(lambda level: round(level * (1 - progress))))
    return Drawing(image, hot_px)


class _Canvas:
    """A square to draw on, in pixels that may be fractions."""

    def __init__(self, side_px: int) -> None:
        side = side_px * SUPERSAMPLED
        self._side_px = side_px
        self._image = Image.new("RGBA", (side, side))

    def polygon(self, points: Sequence[tuple[float, float]]) -> Image.Image:
        mask, draw = self._mask()
        draw.polygon([_finer(point) for point in points], fill=255)
        return mask

    def line(self, points: Sequence[tuple[float, float]], width_px: float) -> Image.Image:
        """A closed one with round joins."""
        mask, draw = self._mask()
        half = width_px * SUPERSAMPLED / 2
        for one, other in zip(points, [*points[1:], points[0]], strict=True):
            (ax, ay), (bx, by) = _finer(one), _finer(other)
            length = math.hypot(bx - ax, by - ay)
            dx, dy = (by - ay) / length * half, (ax - bx) / length * half
            draw.polygon([(ax + dx, ay + dy), (bx + dx, by + dy), (bx - dx, by - dy), (ax - dx, ay - dy)], fill=255)
            draw.ellipse((ax - half, ay - half, ax + half, ay + half), fill=255)
        return mask

    def annulus(self, middle_px: float, inner_px: float, outer_px: float) -> Image.Image:
        mask, draw = self._mask()
        for radius_px, level in ((outer_px, 255), (inner_px, 0)):
            if radius_px > 0:
                low, high = (middle_px - radius_px) * SUPERSAMPLED, (middle_px + radius_px) * SUPERSAMPLED - 1
                draw.ellipse((low, low, high, high), fill=level)
        return mask

    def fill(self, mask: Image.Image, colour: Colour) -> None:
        layer = Image.new("RGBA", self._image.size, colour[:3])
        layer.putalpha(mask.point(lambda level: round(level * colour[3])))
        self._image = Image.alpha_composite(self._image, layer)

    def image(self) -> Image.Image:
        """At its own size; colours count by their opacity (Pillow resizes RGBA with premultiplied alpha)."""
        return self._image.resize((self._side_px, self._side_px), Image.Resampling.BOX)

    def _mask(self) -> tuple[Image.Image, ImageDraw.ImageDraw]:
        mask = Image.new("L", self._image.size)
        return mask, ImageDraw.Draw(mask)


def _finer(point: tuple[float, float]) -> tuple[float, float]:
    """A place in pixels, as Pillow counts them: by their middles."""
    return point[0] * SUPERSAMPLED - 0.5, point[1] * SUPERSAMPLED - 0.5
