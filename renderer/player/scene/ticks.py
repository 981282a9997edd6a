"""When the clock, the playhead and the counters of pending calls move: each time costs a picture."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from math import ceil
from typing import Final

from renderer.plan.model import ClipPlan, Stretch
from renderer.player.protocol import Card, Gap

CLOCK_MS: Final = 1000
TENTHS_MS: Final = 200
"""Of a clock that tells tenths of a second: at most 50 pictures, as the session is short."""

COUNTER_MS: Final = 500
IDLE_MS: Final = 5000
"""In a stretch where nothing happens nobody watches the seconds."""

COUNTED_FINELY_MS: Final = 10_000
"""A call that takes longer is counted in whole seconds from then on."""

MOST_TICKS: Final = 20_000
"""More than five hours of clock; a longer clip has a clock that moves less often."""


def ticks_of(plan: ClipPlan, gaps: Sequence[Gap], cards: Iterable[Card], clock_ms: int = CLOCK_MS) -> list[int]:
    """Sorted session times inside the range, at multiples of `clock_ms` of the session's clock, and at the start of each stretch."""
    least = clock_ms * max(1, ceil((plan.to_ms - plan.from_ms) / (clock_ms * MOST_TICKS)))
    ticks: set[int] = set()
    for stretch in plan.stretches:
        # Never more than one a `clock_ms` of video; half a second at the pace of the session is for pending calls alone.
        every = max(least, clock_ms * ceil(stretch.speed))
        ticks.add(stretch.from_ms)
        ticks.update(_outside_gaps(stretch, every, gaps))
    fine = [stretch for stretch in plan.stretches if stretch.speed <= 1] if least <= CLOCK_MS else []
    for card in cards:
        for stretch in fine:
            start, end = max(card.start_ms, stretch.from_ms), min(card.end_ms, stretch.to_ms)
            slow = card.start_ms + COUNTED_FINELY_MS
            ticks.update(_round(start, min(end, slow), COUNTER_MS))
            ticks.update(_round(max(start, slow), end, CLOCK_MS))
            if len(ticks) > MOST_TICKS:
                return sorted(ticks)
    return sorted(ticks)


def _outside_gaps(stretch: Stretch, every: int, gaps: Sequence[Gap]) -> Iterable[int]:
    for at_ms in _round(stretch.from_ms, stretch.to_ms, every):
        number = bisect_right(gaps, at_ms, key=lambda gap: gap.from_ms) - 1
        idle = number >= 0 and at_ms < gaps[number].to_ms and gaps[number].speed == 1
        if not idle or at_ms % max(every, IDLE_MS) == 0:
            yield at_ms


def _round(from_ms: int, to_ms: int, every: int) -> range:
    """Multiples of `every` from `from_ms` to before `to_ms`."""
    return range(-(-from_ms // every) * every, to_ms, every)
