"""Addresses that hold what they name: pictures stay as they are, text is scrubbed and packed again."""

import base64
import binascii
import re
from typing import Final
from urllib.parse import quote, unquote_to_bytes

from renderer.redact.text import markup
from renderer.redact.text.scrub import Scrub

_DATA = re.compile(r"\s*data:([^,]*),(.*)", re.DOTALL | re.IGNORECASE)
# Nothing in them is text; what they show is not read.
_BINARY = re.compile(
    r"(?:image/(?!svg)|font/|audio/|video/|application/(?:x-)?(?:font|vnd\.ms-font|octet-stream|wasm|zip|pdf))",
    re.IGNORECASE,
)
NOTHING: Final = "data:,"


def is_data(url: str) -> bool:
    return url[:64].lstrip()[:5].lower() == "data:"


def scrubbed(url: str, scrub: Scrub) -> str:
    """The same address when nothing in it is to be hidden; `data:,` when it cannot be read."""
    match = _DATA.fullmatch(url)
    if match is None:
        return NOTHING
    kind, payload = match.groups()
    packed = kind.lower().replace(" ", "").endswith(";base64")
    if packed and _BINARY.match(kind.strip()):
        return url
    try:
        body = base64.b64decode(unquote_to_bytes(payload), validate=False) if packed else unquote_to_bytes(payload)
        text = body.decode("utf-8")
    except (binascii.Error, ValueError):
        # No text; a picture under another name loads as what it is.
        return url if packed and _is_picture(payload) else NOTHING
    clean = markup.scrubbed(text, scrub)
    clean_kind = scrub.text(kind)
    if clean == text and clean_kind == kind:
        return url
    scrub.counts["data_urls"] += 1
    if packed:
        return f"data:{clean_kind},{base64.b64encode(clean.encode()).decode()}"
    return f"data:{clean_kind},{quote(clean)}"


def _is_picture(payload: str) -> bool:
    return payload.startswith(("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "AAABAA", "d09G", "T1RUT", "AAEAAAA"))
