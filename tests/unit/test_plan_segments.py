"""Segments cover the clip, are cut by work, and where nothing has just appeared."""

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.plan.build import build_plan
from renderer.plan.clock import FrameClock
from renderer.plan.model import ClipPlan, Shot, Stretch
from renderer.plan.segments import cut_segments, estimate_work
from renderer.recording.model import Event, EventType, Source
from renderer.request import ClipRequest
from tests.unit.plan_fixtures import adds, click, event, log, session

# A busy machine is no reason to fail: what is tested is arithmetic, not speed.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def _keep(events: list[Event], until_ms: int, fps: int = 25) -> ClipPlan:
    return build_plan(session(*events, until_ms=until_ms), ClipRequest(recording="r", idle="keep", fps=fps), {})[0]


def _changes(from_ms: int, to_ms: int, step_ms: int) -> list[Event]:
    return [adds(at, (1, at, "x")) for at in range(from_ms, to_ms, step_ms)]


@UNHURRIED
@given(
    st.lists(st.integers(0, 300_000), max_size=400),
    st.sampled_from([1, 7, 24, 25, 30, 60]),
    st.sampled_from(["skip", "keep", "fast"]),
    st.sampled_from([0.5, 1.0, 4.0]),
)
def test_segments_are_a_partition_of_the_frames(times: list[int], fps: int, idle: str, speed: float) -> None:
    taken = session(*(click(at) for at in times), until_ms=max([*times, 1]))
    request = ClipRequest.model_validate({"recording": "r", "fps": fps, "idle": idle, "speed": speed})
    plan, _ = build_plan(taken, request, {})
    assert plan.segments[0].first == 0
    assert plan.segments[-1].end == plan.frame_count
    assert all(before.end == after.first for before, after in pairwise(plan.segments))
    assert [segment.number for segment in plan.segments] == list(range(len(plan.segments)))
    assert all(segment.first < segment.end for segment in plan.segments)
    if len(plan.segments) > 1:
        assert plan.segments[-1].end - plan.segments[-1].first >= 2 * fps


def test_a_long_idle_session_is_few_segments() -> None:
    """20 minutes, 15 % of them with something to see: 4,500 frames, about 100 to 200 in each segment, not 120 of 10 s."""
    events = [change for start in range(0, 1_200_000, 60_000) for change in _changes(start, start + 9000, 40)]
    plan = _keep(events, 1_200_000)
    assert 15 <= len(plan.segments) <= 25


def test_a_busy_session_is_cut_at_ten_to_twenty_seconds() -> None:
    plan = _keep(_changes(0, 120_000, 40), 120_000)
    lengths_s = [(segment.end - segment.first) / 25 for segment in plan.segments]
    assert all(10 <= length <= 20.04 for length in lengths_s[:-1])
    assert len(plan.segments) >= 6


def test_a_segment_is_cut_where_nothing_has_just_appeared() -> None:
    events = [*_changes(0, 12_000, 40), *_changes(14_000, 30_000, 40)]
    plan = _keep(events, 30_000)
    # 11.96 s is the last change: a second later is quiet, and the second burst has not begun.
    assert plan.segments[1].first == 299 + 25


def test_work_without_length_is_cut_too() -> None:
    """At 60 fps the 500th frame to shoot comes before the 10th second."""
    plan = _keep(_changes(0, 30_000, 8), 30_000, fps=60)
    assert plan.segments[0].end == 501


def test_the_last_segment_is_never_a_splinter() -> None:
    plan = _keep([*_changes(0, 8000, 40)], 10_500)
    assert len(plan.segments) == 1
    plan = _keep([*_changes(0, 8000, 40)], 12_000)
    assert [segment.end - segment.first for segment in plan.segments] == [250, 51]


def test_short_clips_are_one_segment() -> None:
    assert len(_keep(_changes(0, 8000, 40), 8000).segments) == 1
    assert len(_keep([], 3_600_000).segments) == 1


def test_work_is_where_the_page_or_the_pointer_can_have_changed() -> None:
    clock = FrameClock([Stretch(0, 2000, 1.0)], 25)
    events = [
        event(0, EventType.FULL_SNAPSHOT),
        adds(1, (1, 2, "x")),
        log(100),
        event(200, EventType.PLUGIN),
        event(300, EventType.INCREMENTAL, Source.LOG),
        event(1000, EventType.INCREMENTAL, Source.MOUSE_MOVE),
        adds(960, (1, 2, "x")),
        event(1080, EventType.INCREMENTAL, Source.MOUSE_MOVE),
        adds(9999, (1, 2, "x")),
    ]
    work = estimate_work(sorted(events, key=lambda item: item.at_ms), clock, 51)
    assert [frame for frame in range(51) if work[frame] == 2] == [1, 24]
    # A batch of positions reaches back half a second, or to the batch before.
    assert [frame for frame in range(51) if work[frame] == 1] == [*range(13, 24), 25, 26, 27]


@pytest.mark.parametrize("frame_count", [1, 2])
def test_clips_of_a_frame_or_two(frame_count: int) -> None:
    shots = [Shot("w", 1, 0, 10, 0, frame_count)]
    segments = cut_segments(shots, {"w": []}, FrameClock([Stretch(0, 10, 1.0)], 25), 25)
    assert [(segment.first, segment.end) for segment in segments] == [(0, frame_count)]
