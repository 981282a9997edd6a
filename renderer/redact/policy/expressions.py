"""Regular expressions of a policy's own, run by RE2: in linear time, whatever they are and whatever they read."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import re2

_SHORT = 100
_PROBES = ("", "a", "0", " ", "a b")


def _options() -> Any:
    options = re2.Options()
    options.log_errors = False
    return options


@lru_cache(maxsize=256)
def _compiled(regex: str) -> Any:
    return re2.compile(regex, _options())


def problem(regex: str) -> tuple[str, str] | None:
    """What is wrong with it and the mend; None when it can be used."""
    try:
        compiled = _compiled(regex)
    except re2.error as error:
        told = (
            error.args[0].decode("utf-8", "replace") if error.args and isinstance(error.args[0], bytes) else str(error)
        )
        look = "(?=" in told or "(?!" in told or "(?<" in told or "escape sequence" in told
        mend = "RE2 has no look-around and no back-references" if look else "mend it (RE2's syntax)"
        return f"is no regular expression ({' '.join(told.split())[:80]})", mend
    if any(match.end() == match.start() for probe in _PROBES for match in compiled.finditer(probe)):
        return "matches the empty text, so everything", "say what it must contain (+ in place of *)"
    return None


def find(regex: str, text: str) -> Iterator[tuple[int, int]]:
    """Where it matches: start and end, in characters."""
    for match in _compiled(regex).finditer(text):
        start, end = match.span()
        if end > start:
            yield start, end


def occurs(regex: str, text: str) -> bool:
    """Whether it matches anywhere."""
    return _occurs_short(regex, text) if len(text) <= _SHORT else _compiled(regex).search(text) is not None


# Names of buttons and paths of pages come again and again, and RE2's way in from Python takes longer than its search.
@lru_cache(maxsize=16_384)
def _occurs_short(regex: str, text: str) -> bool:
    return _compiled(regex).search(text) is not None
