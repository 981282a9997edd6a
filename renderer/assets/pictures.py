"""Pictures by their headers: type, size in pixels and whether they move, without decoding a pixel."""

import io
import re
import warnings
from dataclasses import dataclass
from typing import Final

from PIL import Image, UnidentifiedImageError

# Decoded at 4 bytes a pixel this is 256 MB in Chromium; a 48-megapixel photograph still passes.
MAX_PIXELS: Final = 64_000_000

# What Chromium shows, by Pillow's names.
_TYPES: Final = {
    "PNG": "image/png",
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",  # a JPEG with a second view inside, found by the JPEG reader
    "GIF": "image/gif",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
    "BMP": "image/bmp",
    "ICO": "image/x-icon",
}
_FORMATS: Final = tuple(name for name in _TYPES if name != "MPO")
_MAGIC: Final = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|RIFF....WEBP|....ftyp(avif|avis|mif1|msf1)|BM.{12}[\x0c\x28\x34\x38\x40\x6c\x7c]\0\0\0|\x00\x00\x01\x00",
    re.DOTALL,
)
_SVG_MOVES: Final = re.compile(rb"<(animate|animateTransform|animateMotion|set)\b|@keyframes\b")

# Ours is the stricter limit; Pillow's warning would only be noise on the person's terminal.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


@dataclass(frozen=True, slots=True)
class Picture:
    """`refusal` is the reason not to show it ("too_many_pixels", "broken_picture"), or ""."""

    content_type: str
    animated: bool = False
    refusal: str = ""


def examine_picture(body: bytes, header: str) -> Picture | None:
    """Read a picture's header, or None when it is none. SVG, being text, is taken for a picture only when `header` says so."""
    if header.partition(";")[0].strip().lower() == "image/svg+xml":
        # A vector picture has no pixels of its own; inside <img> Chromium runs no scripts and loads nothing for it.
        return Picture("image/svg+xml", bool(_SVG_MOVES.search(body)))
    if not _MAGIC.match(body):
        return None
    try:
        with Image.open(io.BytesIO(body), formats=_FORMATS) as picture:
            content_type = _TYPES[picture.format or ""]
            if picture.width * picture.height > MAX_PIXELS:
                return Picture(content_type, refusal="too_many_pixels")
            return Picture(
                content_type, animated=content_type != "image/jpeg" and bool(getattr(picture, "is_animated", False))
            )
    except (Image.DecompressionBombError, MemoryError):
        # WebP's reader sets a canvas aside as it opens; where memory is limited, that alone can be too much.
        return Picture("", refusal="too_many_pixels")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, KeyError, RuntimeError, OverflowError):
        return Picture("", refusal="broken_picture")
