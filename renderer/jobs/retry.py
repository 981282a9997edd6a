"""What becomes of a clip that failed: a pure table, from the failure and how often it was tried to again or never."""

from dataclasses import dataclass
from typing import Final

from renderer.jobs.model import Failure

STRIKES: Final = 2
"""So many workers, or processes, may one recording cost before it is put in quarantine."""

# Somebody else's server: rate limits and restarts pass within minutes.
_SOURCE_S: Final = (10, 60, 300, 900)
# This machine's own trouble that says of itself that it passes: a full disk, a store or a database that is away.
_OURS_S: Final = (5, 30, 120, 300, 600)
# A browser or an encoder that failed where it should not: once more, on what may be another worker.
_CRASH_S: Final = (5,)

# Said of a recording that is what it is, by stages that otherwise fail for reasons of their own.
_SHOWS_NOTHING: Final = frozenset({"nothing_shown", "flat_video"})

DIED: Final = frozenset({"render_died", "render_memory", "render_timeout", "worker_lost"})
"""Failures of which no process lived to tell: they count as strikes against the recording."""


@dataclass(frozen=True, slots=True)
class Again:
    """`strike`: against the recording."""

    after_s: int
    strike: bool = False


@dataclass(frozen=True, slots=True)
class Never:
    """`quarantine`: the recording is not rendered again for a while."""

    quarantine: bool = False


def verdict(failure: Failure, tries: int, strikes: int) -> "Again | Never":
    """`tries`: how often the clip was tried again before this failure; `strikes`: against it so far."""
    if failure.code in DIED or _is_crash(failure):
        if strikes + 1 >= STRIKES:
            return Never(quarantine=True)
        return Again(_CRASH_S[0], strike=True)
    if failure.fault == "input" or not failure.retryable:
        return Never()
    schedule = _SOURCE_S if failure.fault == "source" else _OURS_S
    return Again(schedule[tries]) if tries < len(schedule) else Never()


def _is_crash(failure: Failure) -> bool:
    """Ours, and nothing that would pass by waiting: Chromium or ffmpeg broke on this recording."""
    ours = failure.fault == "ours" and not failure.retryable and failure.stage in {"capture", "encode"}
    return ours and failure.code not in _SHOWS_NOTHING
