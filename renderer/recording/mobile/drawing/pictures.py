"""Pictures in base64, as recorders send them: the bytes stay what they were, their kind is told from what they begin with."""

import base64
import binascii
import io
import re
import warnings
from typing import Final

from PIL import Image

from renderer.notices import Notices

# A full screen of a tablet as PNG has some 10 MB.
_LONGEST: Final = 48 * 1024 * 1024
_BLANKS: Final = re.compile(r"\s+")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_PREFIX: Final = re.compile(r"\s*data:[^,]{0,100};base64,", re.IGNORECASE)
_HEAD: Final = 64
_NAMES: Final = ((b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"BM", "bmp"))


def address(value: object, notices: Notices) -> str | None:
    """A data: address for an <img>, None for what no browser could show: then it is counted, unless nothing was sent."""
    if not isinstance(value, str) or not value:
        return None
    if len(value) > _LONGEST:
        notices.add("mobile_picture_too_large", "pictures of more than 36 MB in a mobile recording were left out")
        return None
    prefix = _PREFIX.match(value)
    payload = value[prefix.end() :] if prefix else value
    if "\n" in payload or " " in payload or "\r" in payload:  # Android wraps its lines
        payload = _BLANKS.sub("", payload)
    kind = _kind(payload)
    if kind is None or not _BASE64.fullmatch(payload) or not _opens(payload, kind):
        notices.add(
            "mobile_picture_unreadable",
            "pictures in a mobile recording that are no PNG, JPEG, WebP or GIF were left out",
        )
        return None
    return f"data:image/{kind};base64,{payload}"


def _kind(payload: str) -> str | None:
    head = payload[:_HEAD].rstrip("=")
    try:
        start = base64.b64decode(head[: len(head) // 4 * 4], validate=True)
    except (binascii.Error, ValueError):
        return None
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "webp"
    if start[4:12] in {b"ftypavif", b"ftypavis"}:
        return "avif"
    return next((name for sign, name in _NAMES if start.startswith(sign)), None)


def _opens(payload: str, kind: str) -> bool:
    """Whether its head tells a size: Chromium draws an icon of its own where a picture is cut off before that.

    Pillow reads no pixels here. What it takes for a bomb (179 million pixels, a phone has four) would be one for Chromium too.
    """
    if kind == "avif":  # not every build of Pillow knows it
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            Image.open(io.BytesIO(base64.b64decode(payload + "=" * (-len(payload) % 4))), formats=[kind]).close()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True
