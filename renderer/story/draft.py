"""A step before it is numbered, and what makes one more telling than another."""

from collections.abc import Sequence
from dataclasses import dataclass

from renderer.timeline.model import Entry, Kind, Level

SAME_MS = 1000
"""Two reports of one thing stand this close: a thumb and its click, an exception and what the console says of it."""

_WEIGHTS: dict[Kind, int] = {
    "llm_call": 80,
    "feedback": 85,
    "rage_click": 75,
    "dead_click": 72,
    "page_load": 70,
    "navigation": 70,
    "blank_page": 66,
    "exception": 65,
    "request": 60,
    "custom": 50,
    "visibility": 46,
    "tab": 46,
    "console": 45,
    "click": 40,
    "input": 40,
    "idle": 35,
    "llm_span": 20,
    "viewport": 10,
    "scroll": 5,
}
_LEVELS: dict[Level, int] = {"info": 0, "warning": 10, "error": 100}


def weight_of(kind: Kind, level: Level) -> int:
    """The more, the later it is left out: errors, then feedback and LLM calls, navigation, the user's clicks and typing."""
    return _WEIGHTS.get(kind, 0) + _LEVELS[level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """`key` is equal for what is alike; `cause` marks what only led to the next step and can go first; `tells`: what of the
    timeline it stands for, its own first.
    """

    at_ms: int
    text: str
    kind: Kind
    level: Level = "info"
    key: str = ""
    count: int = 1
    until_ms: int | None = None
    call_id: str | None = None
    cause: bool = False
    tells: tuple[Entry, ...] = ()

    @property
    def weight(self) -> int:
        return weight_of(self.kind, self.level) - (10 if self.cause else 0)

    @property
    def alike(self) -> tuple[str, str]:
        return self.kind, self.key or self.text


def pick(weights: Sequence[int], most: int) -> list[int]:
    """The places of the `most` heaviest, in order. Of the weight that has no room for all, places spread evenly are taken,
    so that a long clip does not fall silent halfway.
    """
    if len(weights) <= most:
        return list(range(len(weights)))
    kept: list[int] = []
    for weight in sorted(set(weights), reverse=True):
        places = [place for place, other in enumerate(weights) if other == weight]
        room = most - len(kept)
        if len(places) <= room:
            kept += places
            continue
        if room == 1:
            kept.append(places[0])
        elif room > 1:
            kept += [places[index * (len(places) - 1) // (room - 1)] for index in range(room)]
        break
    return sorted(kept)
