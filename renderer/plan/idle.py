"""Idle policies: from activity to stretches of session time, each with its speed."""

from collections.abc import Sequence
from dataclasses import dataclass

from renderer.plan.clock import exact_speed
from renderer.plan.model import Stretch
from renderer.recording.activity import IDLE_THRESHOLD_MS
from renderer.request import IdlePolicy

KEPT_AFTER_MS = 1000
"""Of an idle stretch this much is shown after the last activity, so that its effect is seen."""

KEPT_BEFORE_MS = 500
"""… and this much before the next activity, so that it does not come out of a cut."""

LEAST_SAVING_MS = 2000
"""Less than this is not worth a cut: the note about it is on the picture for 1.5 s."""

FAST_VIDEO_MS = 2000
LEAST_FAST_SPEED = 4


@dataclass(frozen=True, slots=True)
class Idle:
    """Session time `from_ms` ≤ t < `to_ms` that is left out or shown fast."""

    from_ms: int
    to_ms: int


def find_idle(activity_ms: Sequence[int], from_ms: int, to_ms: int, duration_ms: int) -> list[Idle]:
    """What can go from the range `from_ms`…`to_ms` of a session of `duration_ms`.

    A gap is measured between activities, whether the range holds them or not; only its part inside the range is shown
    or left out. The range's first second and last half second always stay: the clip begins and ends where it was told.
    """
    idle = []
    starts = [0, *activity_ms]
    ends = [*activity_ms, duration_ms]
    for start, end in zip(starts, ends, strict=True):
        if end - start <= IDLE_THRESHOLD_MS:
            continue
        hole = Idle(max(start, from_ms) + KEPT_AFTER_MS, min(end, to_ms) - KEPT_BEFORE_MS)
        if hole.to_ms - hole.from_ms >= LEAST_SAVING_MS:
            idle.append(hole)
    return idle


def lay_stretches(idle: Sequence[Idle], from_ms: int, to_ms: int, policy: IdlePolicy, speed: float) -> list[Stretch]:
    """Cover the range; with `skip`, all of it but `idle`."""
    stretches: list[Stretch] = []
    at = from_ms
    for hole in idle if policy != "keep" else ():
        stretches.append(Stretch(at, hole.from_ms, speed))
        if policy == "fast":
            stretches.append(Stretch(hole.from_ms, hole.to_ms, _fast_speed(hole, speed), idle=True))
        at = hole.to_ms
    stretches.append(Stretch(at, to_ms, speed))
    return stretches


def _fast_speed(hole: Idle, speed: float) -> float:
    """Powers of two only: the clock's common denominator stays small however many stretches there are."""
    factor = LEAST_FAST_SPEED
    while hole.to_ms - hole.from_ms > FAST_VIDEO_MS * factor:
        factor *= 2
    return float(exact_speed(speed) * factor)
