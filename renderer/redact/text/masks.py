"""What is put in the place of what is hidden: as long as it was, so that the page's layout stays."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

MASK: Final = "•"
# In addresses that are still asked for: Chromium would write the dot as %E2%80%A2.
URL_MASK: Final = "*"

Span = tuple[int, int]

_SEEN = re.compile(r"\S")
# The signs that tell what was there (an e-mail address, a telephone number) and nothing of whose.
_SIGNIFICANT = re.compile(r"[^\s@.\-+()/:]")


def mask(text: str) -> str:
    """Everything but blanks, hidden."""
    return _SEEN.sub(MASK, text)


def mask_spans(text: str, spans: Iterable[Span], sign: str = MASK) -> str:
    """`text` with its `spans` (in order, not overlapping) hidden; the signs between letters stay."""
    parts: list[str] = []
    end = 0
    for start, stop in spans:
        parts += (text[end:start], _SIGNIFICANT.sub(sign, text[start:stop]))
        end = stop
    return "".join((*parts, text[end:]))


def merged(spans: Iterable[Span]) -> Sequence[Span]:
    """In order, those that touch or overlap as one."""
    result: list[Span] = []
    for start, end in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        else:
            result.append((start, end))
    return result
