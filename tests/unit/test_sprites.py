"""What pointer and ripples look like: drawn from geometry, at any scale, the hot spot where it belongs."""

import pytest
from PIL import Image, ImageChops

from renderer.frames import Sprite, SpriteKind
from renderer.sprites import RING_STEPS, corner, drawing, paint

GREY = (128, 128, 128)


def painted(*sprites: Sprite, size: tuple[int, int] = (300, 300)) -> Image.Image:
    return paint(Image.new("RGB", size, GREY), sprites)


def box(image: Image.Image, least: int = 60) -> tuple[int, int, int, int]:
    """Where `image` differs from the ground by more than a soft shadow does."""
    apart = ImageChops.difference(image, Image.new("RGB", image.size, GREY)).convert("L")
    found = apart.point(lambda level: 255 * (level >= least)).getbbox()
    assert found
    return found


@pytest.mark.parametrize("scale", [0.5, 0.7, 1, 1.5, 3, 5.7])
def test_the_tip_of_the_arrow_is_the_hot_spot(scale: float) -> None:
    left, top, right, bottom = box(painted(Sprite("arrow", 100, 100, scale)))
    outline = 0.75 * scale + 1
    assert 100 - outline <= left <= 101
    assert 100 - 2 * outline <= top <= 102
    # From corner to corner 18.4 x 27 in the drawing's units, and half of the outline on each side.
    assert right - left == pytest.approx(20.4 * 0.75 * scale, abs=3)
    assert bottom - top == pytest.approx(29 * 0.75 * scale, abs=3)


def test_the_arrow_is_dark_with_a_white_outline_on_a_soft_shadow() -> None:
    image = painted(Sprite("arrow", 100, 100, 3))
    dark, white = image.getpixel((110, 130)), image.getpixel((100, 140))
    assert (dark, white) == ((0x0B, 0x0F, 0x19), (255, 255, 255))
    shadow = image.getpixel((96, 140))
    assert isinstance(shadow, tuple)
    assert 80 < shadow[0] < 125


@pytest.mark.parametrize("scale", [0.5, 1, 2])
def test_a_finger_is_a_disc_around_its_hot_spot_that_lets_the_page_through(scale: float) -> None:
    image = painted(Sprite("finger", 150, 150, scale))
    left, top, right, bottom = box(image, 30)
    assert (left + right, top + bottom) == (300, 300)
    assert right - left == pytest.approx(40 * scale, abs=2)
    assert image.getpixel((150, 150)) == pytest.approx([128 * 0.6 + level * 0.4 for level in (59, 130, 246)], abs=1)


def test_a_ring_opens_and_fades_in_steps() -> None:
    images = [painted(Sprite("ring", 150, 150, 1, step)) for step in range(RING_STEPS)]
    boxes = [box(image, 8) for image in images]
    assert [(left + right, top + bottom) for left, top, right, bottom in boxes] == [(300, 300)] * RING_STEPS
    widths = [right - left for left, _, right, _ in boxes]
    assert widths == sorted(widths)
    assert (widths[0], widths[-1]) == pytest.approx((14, 58), abs=2)
    levels = [image.getpixel((150, top + 1)) for image, (_, top, _, _) in zip(images, boxes, strict=True)]
    blue = [level[2] - level[0] for level in levels if isinstance(level, tuple)]
    assert blue == sorted(set(blue), reverse=True)
    assert (blue[0], blue[-1]) == pytest.approx((195, 28), abs=3)


@pytest.mark.parametrize("kind", ["arrow", "finger", "ring"])
def test_a_drawing_is_made_once_and_always_the_same(kind: SpriteKind) -> None:
    first = drawing(kind, 1.5, 3).image
    assert drawing(kind, 1.5, 3).image is first
    drawing.cache_clear()
    assert drawing(kind, 1.5, 3).image.tobytes() == first.tobytes()
    assert min(first.size) > 10


def test_the_last_sprite_lies_on_top_and_the_picture_stays_as_it_is() -> None:
    ground = Image.new("RGB", (200, 200), GREY)
    arrow, ring = Sprite("arrow", 100, 100, 2), Sprite("ring", 105, 115, 2)
    over = paint(ground, [ring, arrow])
    assert over.tobytes() != paint(ground, [arrow, ring]).tobytes()
    assert over.getpixel((106, 115)) == (0x0B, 0x0F, 0x19)
    assert ground.getcolors() == [(200 * 200, GREY)]
    assert paint(ground, []) is ground


@pytest.mark.parametrize(("x_px", "y_px"), [(0, 0), (-5, 20), (299, 299), (150, 320), (-400, 9000)])
def test_a_sprite_at_the_edge_is_cut_off(x_px: int, y_px: int) -> None:
    sprite = Sprite("finger", x_px, y_px, 1)
    large = Image.new("RGB", (700, 700), GREY)
    whole = paint(large, [Sprite("finger", x_px + 200, y_px + 200, 1)]).crop((200, 200, 500, 500))
    assert painted(sprite).tobytes() == whole.tobytes()


def test_absurd_scales_and_steps_cost_no_memory() -> None:
    assert drawing("arrow", 1e9).image.width < 500
    assert drawing("finger", -1.0).image.width > 0
    assert drawing("ring", 1.0, 999).image.tobytes() == drawing("ring", 1.0, RING_STEPS - 1).image.tobytes()
    left, top = corner(Sprite("ring", 10, 20, 1.0, 0))
    assert (left, top) == (10 - 7, 20 - 7)
