"""What is given up for a byte limit, in order: quality, then rate, then size; and how the right step is found."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from renderer.encode.formats import Format, Quality
from renderer.plan.model import ClipPlan

SIDES = (0.85, 0.75, 0.65, 0.5, 0.4, 0.33, 0.25)
# Nothing can be read below this.
SMALLEST_SIDE_PX = 160
MAX_TRIES = 6
# A file this close under its limit is taken: a better step would hardly fit, and every try costs a whole encode.
GOOD_ENOUGH = 0.8


@dataclass(frozen=True, slots=True)
class Rung:
    """A quality, and how many bytes it is expected to take as a share of the best one's (a first guess, then measured)."""

    quality: Quality
    share: float


def ladder(form: Format, plan: ClipPlan) -> list[Rung]:
    """From the best to the smallest; each rung gives up one thing more than the one before. The shares were measured on a
    page that scrolls and types (docs/encoding.md).
    """
    best = quality = form.best(plan)
    share = 1.0
    rungs = [Rung(best, share)]
    for level, level_share in zip(form.levels[1:], form.level_shares[1:], strict=True):
        quality, share = replace(quality, level=level), level_share
        rungs.append(Rung(quality, share))
    hz = form.ticks_per_s(plan)
    for rate_hz in form.lower_rates_hz:
        gap = math.ceil(hz / rate_hz)
        if gap > max(quality.gap, hz / plan.fps):
            share *= form.rate_share
            quality = replace(quality, gap=gap)
            rungs.append(Rung(quality, share))
    for side in SIDES:
        width, height = _even(best.width_px * side), _even(best.height_px * side)
        if max(width, height) >= SMALLEST_SIDE_PX:
            rungs.append(Rung(replace(quality, width_px=width, height_px=height), share * side**form.size_power))
    return rungs


def compromises(best: Quality, taken: Quality, form: Format, plan: ClipPlan) -> tuple[str, ...]:
    """In plain words, what `taken` gives up of `best`."""
    said = []
    if taken.level != best.level:
        said.append(f"quality lowered ({form.level_says} {taken.level} instead of {best.level})")
    if taken.gap != best.gap:
        hz = form.ticks_per_s(plan)
        had = min(plan.fps, hz / best.gap)
        said.append(f"at most {hz / taken.gap:.3g} pictures a second instead of {had:.3g}")
    if (taken.width_px, taken.height_px) != (best.width_px, best.height_px):
        said.append(f"{taken.width_px}x{taken.height_px} instead of {best.width_px}x{best.height_px} pixels")
    return tuple(said)


Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Fitted(Generic[Made]):
    """`made` is None when even the last rung is too big; `smallest_bytes` is the least that was reached."""

    made: Made | None
    quality: Quality
    smallest_bytes: int


def fit(
    rungs: Sequence[Rung],
    max_bytes: int,
    make: Callable[[Quality], Made],
    size_of: Callable[[Made], int],
    discard: Callable[[Made], None],
) -> Fitted[Made]:
    """The best rung that fits, within `MAX_TRIES` encodes: each try says how far off the shares are, the next is where
    they say that it fits, kept strictly between what was too big and what fits. What is not kept is discarded.
    """
    too_big, fits = -1, len(rungs)
    kept: Made | None = None
    smallest = 0
    at = 0
    for tried in range(1, MAX_TRIES + 1):
        made = make(rungs[at].quality)
        bytes_made = size_of(made)
        smallest = min(smallest or bytes_made, bytes_made)
        if bytes_made <= max_bytes:
            if kept is not None:
                discard(kept)
            kept, fits = made, at
        else:
            discard(made)
            too_big = at
        if fits - too_big == 1 or (kept is not None and (_close(bytes_made, max_bytes) or tried == MAX_TRIES)):
            break
        scale = bytes_made / rungs[at].share
        guess = next((n for n, rung in enumerate(rungs) if rung.share * scale <= max_bytes * 0.95), len(rungs) - 1)
        at = min(max(guess, too_big + 1), fits - 1)
        if kept is None and tried >= MAX_TRIES - 1:
            at = len(rungs) - 1
    return Fitted(kept, rungs[min(fits, len(rungs) - 1)].quality, smallest)


def _close(bytes_made: int, max_bytes: int) -> bool:
    return max_bytes * GOOD_ENOUGH <= bytes_made <= max_bytes


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
