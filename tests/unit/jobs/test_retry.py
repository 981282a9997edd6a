"""Every kind of failure: tried again after so long, or never."""

import pytest

from renderer.errors import (
    CaptureError,
    DestinationError,
    EncodeError,
    OperationError,
    RecordingError,
    RedactionError,
    RendererError,
    RequestError,
    SetupError,
    SourceError,
    StoreError,
    TryLaterError,
)
from renderer.jobs.model import Failure
from renderer.jobs.retry import DIED, STRIKES, Again, Never, verdict

FOR_SOURCES = [10, 60, 300, 900]
FOR_OURS = [5, 30, 120, 300, 600]


def schedule(failure: Failure) -> list[int]:
    """After how many seconds each try follows, when it fails in the same way each time."""
    waits: list[int] = []
    while isinstance(decided := verdict(failure, len(waits), 0), Again):
        assert not decided.strike
        waits.append(decided.after_s)
        assert len(waits) < 100
    assert decided == Never(quarantine=False)
    return waits


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (RequestError("moment_not_found", "it is not there"), []),
        (TryLaterError("queue_full", "later", 15), []),
        (RecordingError("no_full_snapshot", "none"), []),
        (RecordingError("recording_not_found", "none", retryable=True), []),
        (SourceError("posthog_denied", "no"), []),
        (SourceError("posthog_unreachable", "away", retryable=True), FOR_SOURCES),
        (DestinationError("zendesk_denied", "no"), []),
        (DestinationError("zendesk_away", "away", retryable=True), FOR_OURS),
        (SetupError("no_ffmpeg", "none"), []),
        (SetupError("database_unreachable", "away", retryable=True), FOR_OURS),
        (StoreError("store_denied", "no"), []),
        (StoreError("store_full", "full", retryable=True), FOR_OURS),
        (RedactionError("redaction_failed", "no"), []),
        (OperationError("other_plan", "no"), []),
        (OperationError("pack_damaged", "no", retryable=True), FOR_OURS),
        (CaptureError("spool_full", "full", retryable=True), FOR_OURS),
        (EncodeError("disk_full", "full", retryable=True), FOR_OURS),
        (CaptureError("nothing_shown", "empty"), []),
        (EncodeError("flat_video", "empty"), []),
    ],
    ids=lambda value: value.code if isinstance(value, RendererError) else "",
)
def test_what_is_no_crash(error: RendererError, expected: list[int]) -> None:
    assert schedule(Failure.of(error)) == expected


CRASHES = [
    *(Failure(code, "render", "ours", retryable=False, detail="") for code in sorted(DIED)),
    Failure("worker_lost", "render", "ours", retryable=True, detail=""),
    Failure("unexpected", "capture", "ours", retryable=False, detail=""),
    Failure.of(CaptureError("segment_failed", "lost twice")),
    Failure.of(EncodeError("encoder_failed", "broke")),
]


@pytest.mark.parametrize("failure", CRASHES, ids=lambda failure: failure.code)
@pytest.mark.parametrize("tries", [0, 1, 7])
def test_a_crash_is_tried_once_more_and_then_the_recording_is_put_away(failure: Failure, tries: int) -> None:
    assert verdict(failure, tries, strikes=0) == Again(5, strike=True)
    assert verdict(failure, tries, strikes=STRIKES - 1) == Never(quarantine=True)


def test_every_code_of_a_death_is_one_that_somebody_says() -> None:
    from renderer.jobs.sweeper import WORKER_LOST
    from renderer.jobs.watch import died, memory_exceeded, took_too_long
    from renderer.settings import Settings

    said = {WORKER_LOST.code, died().code, memory_exceeded(Settings()).code, took_too_long(Settings()).code}
    assert said == DIED


@pytest.mark.parametrize("tries", range(12))
def test_a_strike_is_not_forgotten_by_failures_that_pass(tries: int) -> None:
    decided = verdict(Failure("store_full", "store", "ours", retryable=True, detail=""), tries, strikes=1)
    assert decided == (Again(FOR_OURS[tries]) if tries < len(FOR_OURS) else Never())
