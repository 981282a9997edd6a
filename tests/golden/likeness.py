"""How much two pictures differ, and a picture of where."""

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops

STRONG = 48
"""Levels by which a pixel must differ to count: anti-aliasing of another Chromium build stays below at most places."""

ALLOWED_STRONG = 0.006
"""Share of the pixels that may differ strongly. A missing line of text or button is more at 640x360; see test_likeness.py."""

ALLOWED_MEAN = 1.5
"""Mean difference in levels over all pixels: a wrong background or an animation stuck half-way is more."""


@dataclass(frozen=True, slots=True)
class Likeness:
    strong: float
    mean: float

    @property
    def alike(self) -> bool:
        return self.within(ALLOWED_STRONG, ALLOWED_MEAN)

    def within(self, strong: float, mean: float) -> bool:
        return self.strong <= strong and self.mean <= mean


def compare(one: Image.Image, other: Image.Image) -> Likeness:
    if one.size != other.size:
        return Likeness(1.0, 255.0)
    histogram = _difference(one, other).histogram()
    pixels = one.width * one.height
    mean = sum(level * count for level, count in enumerate(histogram)) / pixels
    return Likeness(sum(histogram[STRONG:]) / pixels, mean)


def write_difference(golden: Image.Image, found: Image.Image, path: Path) -> None:
    """Golden, found and their difference (white: the same) side by side."""
    sheet = Image.new("RGB", (golden.width * 3, max(golden.height, found.height)), "white")
    sheet.paste(golden, (0, 0))
    sheet.paste(found, (golden.width, 0))
    if golden.size == found.size:
        sheet.paste(ImageChops.invert(_difference(golden, found)).convert("RGB"), (golden.width * 2, 0))
    path.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(path)


def check(found: Image.Image, path: Path, folder: Path, *, updating: bool, strong: float, mean: float) -> None:
    """Against the golden picture at `path`, which is written when `updating`; a difference is left in `folder`."""
    if updating:
        path.parent.mkdir(exist_ok=True)
        found.save(path, optimize=True)
    golden = Image.open(path).convert("RGB")
    likeness = compare(golden, found)
    alike = likeness.within(strong, mean)
    if not alike:
        write_difference(golden, found, folder / path.name)
    assert alike, f"{likeness}: see {folder / path.name} (golden, found, difference)"


def _difference(one: Image.Image, other: Image.Image) -> Image.Image:
    """The largest of the three channels' differences, pixel by pixel."""
    red, green, blue = ImageChops.difference(one.convert("RGB"), other.convert("RGB")).split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)
