"""Console errors and failed or slow requests, each for a glance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from renderer.player.protocol import Toast
from renderer.player.scene.time import SceneTime, told_ms
from renderer.timeline.model import Entry
from renderer.timeline.text import plain

SHOWN_MS: Final = 4000
"""Of video."""

MOST_AT_ONCE: Final = 3
MOST_TOASTS: Final = 300

FEW_WARNINGS: Final = 10
"""A page that warns more often warns about itself; its warnings are marks on the timeline alone."""

TEXT: Final = 140

_KINDS: Final[dict[str, Literal["console", "network"]]] = {
    "console": "console",
    "exception": "console",
    "request": "network",
}


@dataclass(slots=True)
class _Shown:
    """A toast from frame `first` to before `end`; `more`: others that found no room while it was there."""

    first: int
    end: int
    kind: Literal["console", "network"]
    level: Literal["warning", "error"]
    text: str
    count: int = 1
    more: int = 0


def toasts_of(entries: Iterable[Entry], time: SceneTime) -> list[Toast]:
    """Alike ones at once are counted; of those that find no room only their number is told, so a burst of a thousand is three."""
    worth = (entry for entry in entries if entry.kind in _KINDS and entry.level != "info")
    told = sorted((entry for entry in worth if time.plan.from_ms <= told_ms(entry) <= time.plan.to_ms), key=told_ms)
    warnings = sum(entry.level == "warning" and entry.kind == "console" for entry in told)
    length = max(1, time.frames(SHOWN_MS))
    shown: list[_Shown] = []
    for entry in told:
        kind = _KINDS[entry.kind]
        if entry.level == "info" or (entry.level == "warning" and kind == "console" and warnings > FEW_WARNINGS):
            continue
        first, text = time.frame(told_ms(entry)), plain(entry.title, TEXT)
        now = [toast for toast in shown[-MOST_AT_ONCE:] if toast.end > first]
        same = next(
            (toast for toast in now if (toast.kind, toast.level, toast.text) == (kind, entry.level, text)), None
        )
        if same:
            same.count += 1
        elif len(now) == MOST_AT_ONCE:
            shown[-1].more += 1
        elif len(shown) < MOST_TOASTS:
            shown.append(_Shown(first, first + length, kind, entry.level, text))
    return [
        Toast(
            from_ms=time.frame_ms(toast.first),
            to_ms=time.frame_ms(toast.end),
            kind=toast.kind,
            level=toast.level,
            text=f"{toast.text} (and {toast.more:,} more)" if toast.more else toast.text,
            count=toast.count,
        )
        for toast in shown
    ]
