"""Ranges, windows, overlays, limits and the digest."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from renderer.errors import RecordingError, RequestError
from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.plan.overlays import OVERLAYS
from renderer.plan.window import choose_window
from renderer.recording.model import Recording
from renderer.request import ClipRequest, Range
from tests.unit.plan_fixtures import click, log, recording, session, window

VERSIONS = {"renderer": "1", "chromium": "156"}


def _plan(taken: Recording, versions: Mapping[str, str] = VERSIONS, **fields: Any) -> ClipPlan:
    return build_plan(taken, ClipRequest(recording="r", **fields), versions)[0]


@pytest.mark.parametrize(
    ("span", "message"),
    [
        (Range(from_ms=10_000), "the range begins at 0:10, but the session is 0:10 long: begin earlier"),
        (Range(from_ms=70_000, to_ms=80_000), "the range begins at 1:10, but the session is 0:10 long: begin earlier"),
        (
            Range(to_ms=11_001),
            "the range ends at 0:11.001, but the session is 0:10 long: end it there or leave the end out",
        ),
    ],
)
def test_a_range_outside_of_the_session_says_how_long_it_is(span: Range, message: str) -> None:
    with pytest.raises(RequestError) as caught:
        _plan(session(click(5000), until_ms=10_000), range=span)
    assert caught.value.code == "range_outside"
    assert caught.value.message == message


@pytest.mark.parametrize("to_ms", [10_000, 10_001, 11_000])
def test_an_end_a_little_past_the_sessions_is_the_sessions(to_ms: int) -> None:
    plan = _plan(session(click(5000), until_ms=10_000), range=Range(from_ms=5000, to_ms=to_ms))
    assert (plan.from_ms, plan.to_ms, plan.frame_count) == (5000, 10_000, 126)
    assert SessionClock(plan).session_ms(125) == 10_000


def test_a_recording_of_one_moment_has_nothing_to_play() -> None:
    with pytest.raises(RecordingError) as caught:
        _plan(session(until_ms=0))
    assert caught.value.code == "no_length"


@pytest.mark.parametrize(
    ("fields", "ok"),
    [
        ({"idle": "keep", "range": Range(to_ms=3 * 3_600_000)}, True),
        ({"idle": "keep", "range": Range(to_ms=3 * 3_600_000 + 1)}, False),
        ({"idle": "keep", "speed": 10.0}, True),
        ({"idle": "skip"}, True),
        ({"idle": "fast"}, True),
        ({"idle": "skip", "speed": 0.1}, True),
    ],
)
def test_three_hours_of_video_are_the_most(fields: dict[str, Any], ok: bool) -> None:
    taken = session(click(5000), until_ms=30 * 3_600_000)
    if ok:
        assert _plan(taken, **fields).duration_ms <= 3 * 3_600_000 + 40
        return
    with pytest.raises(RequestError) as caught:
        _plan(taken, **fields)
    assert caught.value.code == "clip_too_long"
    assert caught.value.message == (
        "the clip would be 3:00:00.001 long and the most is 3:00:00: ask for a part with --from and --to, leave idle"
        " time out with --idle skip or raise --speed"
    )


def test_a_session_of_ten_years_is_refused_at_once() -> None:
    with pytest.raises(RequestError, match="the clip would be 87600:00:00 long"):
        _plan(session(until_ms=3_650 * 86_400_000), idle="keep")


def test_overlays_by_name() -> None:
    taken = session(until_ms=1000)
    assert _plan(taken).overlays == OVERLAYS
    assert _plan(taken, overlays="none").overlays == frozenset()
    assert _plan(taken, overlays="Pointer, skips").overlays == {"pointer", "skips"}


@pytest.mark.parametrize("text", ["gpt", "pointer,,skips", "auto,pointer", "none,skips", ""])
def test_unknown_overlays_are_refused_with_the_known_ones(text: str) -> None:
    with pytest.raises(RequestError, match=r"there are console, header, labels, .*, timeline") as caught:
        _plan(session(until_ms=1000), overlays=text)
    assert caught.value.code == "unknown_overlay"


def test_the_digest_is_the_same_for_the_same_plan_and_versions() -> None:
    taken = session(click(1000), click(20_000), until_ms=25_000)
    first, second = _plan(taken), _plan(taken, dict(reversed(VERSIONS.items())))
    assert first == second
    assert len(first.digest) == 64
    assert int(first.digest, 16) > 0


def test_whatever_changes_the_picture_changes_the_digest() -> None:
    taken = session(click(1000), click(20_000), until_ms=25_000)
    digests = [
        _plan(taken).digest,
        _plan(taken, VERSIONS | {"chromium": "157"}).digest,
        _plan(replace(taken, id="b" * 64)).digest,
        _plan(taken, fps=30).digest,
        _plan(taken, speed=2.0).digest,
        _plan(taken, idle="keep").digest,
        _plan(taken, idle="fast").digest,
        _plan(taken, size="640x360").digest,
        _plan(taken, overlays="none").digest,
        _plan(taken, overlays="skips").digest,
        _plan(taken, assets="offline").digest,
        _plan(taken, range=Range(from_ms=1)).digest,
        _plan(taken, range=Range(to_ms=24_000)).digest,
    ]
    assert len(set(digests)) == len(digests)


def test_outputs_do_not_change_the_digest() -> None:
    taken = session(click(1000), until_ms=2000)
    assert _plan(taken).digest == _plan(taken, outputs=({"format": "gif", "max_bytes": 10},)).digest


def _two_tabs() -> Recording:
    """A busy tab until 10 s, another from 60 s on, the session until 90 s."""
    first = window([click(1000), click(2000), click(3000), log(10_000)], name="tab-a")
    second = window([click(61_000), click(62_000), log(90_000)], opens_ms=60_000, name="tab-b")
    return recording(first, second)


def test_the_windows_that_the_user_is_in_are_shown() -> None:
    taken = _two_tabs()
    assert _plan(taken).window_ids == ("tab-a", "tab-b")
    assert _plan(taken, range=Range(to_ms=50_000)).window_ids == ("tab-a",)
    assert _plan(taken, range=Range(from_ms=60_600)).window_ids == ("tab-b",)


def test_the_window_with_most_activity_in_the_range_is_chosen_where_nothing_tells_of_a_user() -> None:
    taken = _two_tabs()
    assert choose_window(taken, None, 61_500).id == "tab-b"
    assert choose_window(taken, None, 20_000, 30_000).id == "tab-a"


def test_a_window_is_chosen_by_its_id() -> None:
    taken = _two_tabs()
    assert _plan(taken, window="tab-b").window_ids == ("tab-b",)
    with pytest.raises(RequestError) as caught:
        _plan(taken, window="tab-c")
    assert caught.value.code == "unknown_window"
    assert caught.value.message == "there is no window 'tab-c'; the recording has tab-a, tab-b"


def test_many_windows_are_not_all_listed() -> None:
    taken = recording(*(window([log(1000)], name=f"w{number}") for number in range(20)))
    with pytest.raises(RequestError, match=r"has w0, w1, w2, w3, w4, w5, w6, w7 and 12 more$"):
        choose_window(taken, "x")


def test_without_a_range_the_clip_is_the_windows_own_time() -> None:
    plan, notices = build_plan(_two_tabs(), ClipRequest(recording="r", window="tab-b"), {})
    assert (plan.from_ms, plan.to_ms) == (60_000, 90_000)
    clock = SessionClock(plan)
    assert clock.session_ms(0) == 60_000
    assert clock.session_ms(plan.frame_count - 1) == 90_000
    assert [(notice.code, notice.count) for notice in notices] == [("other_windows", 1)]
    assert _plan(_two_tabs(), window="tab-a").to_ms == 10_000


def test_a_range_that_begins_before_its_window_is_kept_and_noticed() -> None:
    request = ClipRequest(recording="r", window="tab-b", range=Range(from_ms=58_000, to_ms=61_000))
    plan, notices = build_plan(_two_tabs(), request, {})
    assert (plan.from_ms, plan.to_ms) == (58_000, 61_000)
    assert [notice.code for notice in notices] == ["other_windows", "window_opens_later"]


def test_a_range_that_ends_before_its_window_opens_is_refused() -> None:
    with pytest.raises(RequestError) as caught:
        _plan(_two_tabs(), window="tab-b", range=Range(to_ms=60_000))
    assert caught.value.code == "window_outside"


def test_a_range_after_a_windows_last_event_shows_how_it_was_left() -> None:
    plan = _plan(_two_tabs(), window="tab-a", range=Range(from_ms=20_000))
    assert (plan.from_ms, plan.to_ms) == (20_000, 90_000)


def test_one_window_gives_no_notice() -> None:
    assert build_plan(session(until_ms=1000), ClipRequest(recording="r"), {})[1] == ()


def test_a_recording_without_windows_is_refused() -> None:
    with pytest.raises(RecordingError) as caught:
        choose_window(Recording("a", "rrweb-json", 0, 5, (), ()), None)
    assert caught.value.code == "no_windows"


def test_what_a_clip_is_about_is_shown_though_nobody_does_anything_then() -> None:
    taken = session(click(5000), click(60_000), until_ms=65_000)
    request = ClipRequest(recording="r")

    def shows(shown_ms: tuple[int, ...]) -> bool:
        plan, _ = build_plan(taken, request, VERSIONS, shown_ms)
        return all(
            any(stretch.from_ms <= at_ms - 500 and at_ms + 999 < stretch.to_ms for stretch in plan.stretches)
            for at_ms in (30_000, 45_000)
        )

    assert not shows(())
    assert not shows((30_000,))
    assert shows((45_000, 30_000)), "with half a second before it and one after"
