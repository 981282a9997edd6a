"""JSON as recorders really write it, made into JSON that every parser takes."""

import codecs
import re
from typing import TypeVar

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices

T = TypeVar("T", bytes, bytearray)

_UTF8_BLOCK = 1 << 20
_SURROGATE = re.compile(rb"\\u[dD](?:[89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|[89a-fA-F][0-9a-fA-F]{2})")
_REPLACEMENT = b"\\ufffd"  # as long as the escape it replaces
# Possessive runs (no backtracking) of anything but the literals that Python's json.dumps writes for non-finite numbers.
_NON_FINITE = re.compile(rb'((?>[^"NI\-]++|"(?:[^"\\]++|\\.)*+"|-(?!I))*+)(NaN|-?Infinity)?', re.DOTALL)


def refuse_other_encodings(head: bytes, name: str) -> None:
    """UTF-16 and UTF-32 begin with a mark or, being JSON, with NUL beside a bracket."""
    marked = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE))
    if marked or (b"\0" in head and (b"[" in head or b"{" in head)):
        raise RecordingError("not_utf8", f"{name} is not UTF-8 text; save it as UTF-8 and try again")


def well_formed_utf8(text: T, notices: Notices) -> T:
    """`text` itself when it is UTF-8, else a copy with U+FFFD for what is not.

    Recorders that cut strings in the middle of an emoji may write a surrogate as bytes, which no browser takes.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    view = memoryview(text)
    try:
        for start in range(0, len(view), _UTF8_BLOCK):
            decoder.decode(view[start : start + _UTF8_BLOCK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        notices.add("invalid_utf8", "bytes that are not UTF-8 were replaced by U+FFFD")
        return type(text)(codecs.decode(view, "utf-8", "replace").encode())
    return text


def mend(text: bytearray, notices: Notices) -> bytearray | None:
    """What is wrong with JSON that V8 and Python take and stricter parsers do not; None when nothing was mended.

    Lone surrogate escapes (strings cut in the middle of an emoji) become U+FFFD, in place; NaN and Infinity become null,
    as JSON.stringify writes them.
    """
    surrogates = _replace_lone_surrogates(text)
    notices.add("lone_surrogates", "half characters in strings were replaced by U+FFFD", surrogates)
    without = _non_finite_to_null(text) if b"NaN" in text or b"Infinity" in text else None
    if without is not None:
        notices.add("non_finite_numbers", "NaN and Infinity are not JSON and were read as null")
        return without
    return text if surrogates else None


def parseable(value: bytes, notices: Notices) -> bytes | None:
    """`value` when it is JSON, else mended; None when it cannot be."""
    if _is_json(value):
        return value
    mended = mend(bytearray(value), notices)
    return bytes(mended) if mended is not None and _is_json(mended) else None


def _is_json(value: bytes | bytearray) -> bool:
    try:
        msgspec.json.decode(value, type=msgspec.Raw)
    except msgspec.DecodeError:
        return False
    return True


def _replace_lone_surrogates(text: bytearray) -> int:
    lone = []
    for match in _SURROGATE.finditer(text):
        start, end = match.span()
        if not _is_escape(text, start):
            # The backslash itself is escaped, so a pair's second half stands alone.
            if end - start == 12:
                lone.append(start + 6)
        elif end - start == 6:
            lone.append(start)
    for start in lone:
        text[start : start + 6] = _REPLACEMENT
    return len(lone)


def _is_escape(text: bytearray, start: int) -> bool:
    before = start
    while before > 0 and text[before - 1] == 0x5C:
        before -= 1
    return (start - before) % 2 == 0


def _non_finite_to_null(text: bytearray) -> bytearray | None:
    mended = bytearray()
    position = 0
    while position < len(text):
        match = _NON_FINITE.match(text, position)
        if match is None or match.end() == position:
            return None  # an unclosed string: not JSON, whatever the numbers
        mended += match[1]
        if match[2]:
            mended += b"null"
        elif match.end() < len(text):
            return None
        position = match.end()
    return mended
