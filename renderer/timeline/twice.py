"""What the recording and the events beside it both tell is told once."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import Final

from renderer.timeline.model import Entry

SAME_MS: Final = 1000
_LEAST: Final = 8
"""Fewer characters in common are chance: "Error" is in every message."""


def without_doubles(recorded: Sequence[Entry], told: Sequence[Entry]) -> list[Entry]:
    """`recorded` less the console errors that an `$exception` within SAME_MS tells better. Both sorted by `at_ms`."""
    exceptions = [entry for entry in told if entry.kind == "exception"]
    times = [entry.at_ms for entry in exceptions]
    kept = []
    for entry in recorded:
        if entry.level == "error" and entry.kind in {"console", "exception"}:
            near = exceptions[bisect_left(times, entry.at_ms - SAME_MS) : bisect_right(times, entry.at_ms + SAME_MS)]
            if any(_says_the_same(entry, exception) for exception in near[:50]):
                continue
        kept.append(entry)
    return kept


def _says_the_same(entry: Entry, exception: Entry) -> bool:
    one, other = _text(entry), _text(exception)
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= _LEAST and shorter in longer


def _text(entry: Entry) -> str:
    message = entry.properties.get("message")
    return str(message or entry.title).strip().rstrip("…").lower()
