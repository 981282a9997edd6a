"""Text of a recording made harmless: one line, of a length that is known, that shows what it says."""

import re
import unicodedata
from typing import Final

_BLANK: Final = re.compile(r"[\s\u2028\u2029\u0085]+")
# Control characters, lone surrogates (they cannot be written as UTF-8), what turns the direction of the text around it,
# and what cannot be seen. U+200C and U+200D stay: Persian and emoji are written with them.
_HARMFUL: Final = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]+"
)
_MARKS: Final = frozenset({"Mn", "Me"})
_MOST_MARKS: Final = 4
"""Marks on one letter; scripts use up to three, more are there to climb over the lines around them."""
_JOINERS: Final = "\u200c\u200d"
_LEEWAY: Final = 8
ELLIPSIS: Final = "…"


def plain(text: object, limit: int) -> str:
    """`text` as one line of at most `limit` characters, "…" included where it was cut; "" for what is no text.

    Blanks become one space. Only the beginning is looked at, however long the text is.
    """
    if not isinstance(text, str) or limit <= 0:
        return ""
    reach = _LEEWAY * limit + 256
    head = text[:reach]
    line = " ".join(_BLANK.sub(" ", _HARMFUL.sub("", head)).split(" ")).strip()
    if not line.isascii():
        line = _without_towers(line)
    if len(line) <= limit and len(text) <= reach:
        return line
    return line[: limit - 1].rstrip().rstrip(_JOINERS) + ELLIPSIS


def quoted(text: object, limit: int) -> str:
    """The same in typographic quotes, which do not count: `“Send”`."""
    return f"“{plain(text, limit)}”"


def _without_towers(line: str) -> str:
    kept = []
    marks = 0
    for character in line:
        marks = marks + 1 if unicodedata.category(character) in _MARKS else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)
