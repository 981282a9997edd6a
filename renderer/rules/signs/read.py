"""The timeline as rules see it: its entries, what is known of its calls, and the signs that some rule asks for."""

from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from renderer.rules.happening import Happening
from renderer.rules.signs.asked_again import asked_again
from renderer.rules.signs.calls import with_usual
from renderer.rules.signs.ending import ending
from renderer.rules.signs.typing import typing_spells
from renderer.timeline.model import Timeline

_AT: Final = attrgetter("at_ms")
_DOINGS: Final = frozenset({"input", "click", "rage_click", "dead_click"})


def read_signs(timeline: Timeline, kinds: frozenset[str]) -> Iterable[Happening]:
    """Sorted by time. `kinds`: what may be asked for; other signs are not worked out."""
    entries = timeline.entries
    calls = [entry for entry in entries if entry.kind == "llm_call"]
    told: list[Happening] = [entry for entry in entries if entry.kind != "llm_call"] if calls else list(entries)
    told.extend(with_usual(calls))
    if "asked_again" in kinds and len(calls) > 1:
        told.extend(asked_again(calls, (entry for entry in entries if entry.kind in _DOINGS)))
    if "typing" in kinds:
        told.extend(typing_spells(entries))
    if "ending" in kinds:
        told.extend(ending(timeline))
    return sorted(told, key=_AT)
