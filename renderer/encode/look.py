"""Looking at pictures with Pillow: flat or not, how much is in them, how alike two are."""

import math
from pathlib import Path

from PIL import Image, ImageChops, ImageFilter, ImageStat

from renderer.encode.timing import Shown
from renderer.errors import EncodeError
from renderer.sprites import paint

# A decoded flat colour stays within one or two units; the faintest grey line that people draw differs by five.
FLAT_RANGE = 3
LOOK_SIDE_PX = 320


def look_size(width_px: int, height_px: int) -> tuple[int, int]:
    """The size at which pictures are compared: at most 320 pixels a side and half of their own, so that noise averages out and
    yuv420p's halved colours do not count.
    """
    factor = min(0.5, LOOK_SIDE_PX / max(width_px, height_px))
    return max(1, round(width_px * factor)), max(1, round(height_px * factor))


def seen(shown: Shown) -> Image.Image:
    """What a viewer sees: the picture with its sprites."""
    return paint(read(shown.path), shown.sprites)


def read(path: Path) -> Image.Image:
    """A captured PNG as RGB; transparency lies on white, as on Chromium's page."""
    try:
        with Image.open(path, formats=["PNG"]) as image:
            if image.mode == "RGB":
                image.load()
                return image.copy()
            rgba = image.convert("RGBA")
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise EncodeError(
            "picture_broken", f"the picture {path.name} is missing or broken ({type(error).__name__})", retryable=True
        ) from error
    white = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(white, rgba).convert("RGB")


def padded_to_even(image: Image.Image) -> Image.Image:
    """As films show pictures of odd size: one black row or column more."""
    if image.width % 2 == 0 and image.height % 2 == 0:
        return image
    even = Image.new("RGB", (image.width + image.width % 2, image.height + image.height % 2))
    even.paste(image)
    return even


def is_flat(image: Image.Image) -> bool:
    """True when the picture is one colour."""
    ranges = image.getextrema()
    return all(high - low <= FLAT_RANGE for low, high in ranges)  # type: ignore[misc]  # RGB: a pair for each band


def detail(image: Image.Image) -> float:
    """How much is drawn: the mean strength of edges at the looking size, 0 for a flat picture."""
    small = image.convert("L").resize(look_size(*image.size), Image.Resampling.BOX)
    return float(ImageStat.Stat(small.filter(ImageFilter.FIND_EDGES)).mean[0])


def difference(one: Image.Image, other: Image.Image) -> float:
    """Root mean square of the difference in units of 255, over all channels."""
    squares = ImageStat.Stat(ImageChops.difference(one, other)).sum2
    return math.sqrt(sum(squares) / (3 * one.width * one.height))


def psnr_db(rms: float) -> float:
    return 99.0 if rms == 0 else 20 * math.log10(255 / rms)
