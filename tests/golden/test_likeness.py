"""The comparison itself: what a person would call wrong fails, what another build of Chromium does passes."""

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.golden.likeness import compare


def page(*, line: bool = True, ground: str = "#ffffff") -> Image.Image:
    picture = Image.new("RGB", (640, 360), ground)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, 120, 360), fill="#10322b")
    for row in range(3 if line else 2):
        draw.text(
            (150, 60 + row * 40),
            "I can refund you within ninety days, no questions",
            "#111111",
            ImageFont.load_default(17),
        )
    return picture


def test_the_same_picture_is_alike() -> None:
    assert compare(page(), page()) == compare(page(), page().copy())
    assert compare(page(), page()).strong == 0


def test_softer_edges_are_alike() -> None:
    softer = Image.blend(page(), page().filter(ImageFilter.GaussianBlur(0.6)), 0.3)
    assert compare(page(), softer).alike


def test_a_missing_line_of_text_is_not() -> None:
    assert not compare(page(), page(line=False)).alike


def test_another_background_is_not() -> None:
    assert not compare(page(), page(ground="#f4f4f4")).alike


def test_text_that_is_half_transparent_is_not() -> None:
    assert not compare(page(), Image.blend(page(), page(line=False), 0.6)).alike


def test_another_size_is_not() -> None:
    assert not compare(page(), page().resize((320, 180))).alike
