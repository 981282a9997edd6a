"""Shots: the window that the user is in, at every frame of the clip."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.errors import RequestError
from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.plan.shots import MOST_TURNS
from renderer.recording.model import Recording, Window
from renderer.request import ClipRequest, Range
from tests.unit.plan_fixtures import adds, click, log, recording, texts, window

# A busy machine is no reason to fail: what is tested is arithmetic, not speed.
UNHURRIED = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.too_slow])


def plan_of(taken: Recording, **fields: Any) -> ClipPlan:
    return build_plan(taken, ClipRequest.model_validate({"recording": "r", "idle": "keep"} | fields), {})[0]


def codes(taken: Recording, **fields: Any) -> dict[str, int]:
    notices = build_plan(taken, ClipRequest.model_validate({"recording": "r"} | fields), {})[1]
    return {notice.code: notice.count for notice in notices}


def tab(name: str, *clicks_ms: int, opens_ms: int = 0, until_ms: int = 60_000) -> Window:
    return window([*map(click, clicks_ms), log(until_ms)], opens_ms=opens_ms, name=name)


def shots(*windows: Window, **fields: Any) -> list[tuple[str, int, int]]:
    return [(shot.window_id, shot.from_ms, shot.to_ms) for shot in plan_of(recording(*windows), **fields).shots]


def test_the_user_is_followed_there_and_back() -> None:
    a, b = tab("a", 1000, 2000, 12_000), tab("b", 4000, 8000)
    assert shots(a, b) == [("a", 0, 4000), ("b", 4000, 12_000), ("a", 12_000, 60_000)]


@pytest.mark.parametrize("idle", ["skip", "keep", "fast"])
def test_frames_of_a_shot_lie_in_its_time(idle: str) -> None:
    plan = plan_of(recording(tab("a", 1000, 2000, 32_000), tab("b", 4000, 8000)), idle=idle)
    clock = SessionClock(plan)
    assert [shot.window_id for shot in plan.shots] == ["a", "b", "a"]
    for shot in plan.shots:
        times = [clock.session_ms(frame) for frame in range(shot.first, shot.end)]
        assert all(shot.from_ms <= at < shot.to_ms or at == plan.to_ms for at in times)
        assert {plan.window_at(at) for at in times} == {shot.window_id}


def test_before_the_first_sign_of_the_user_its_window_is_shown_as_soon_as_it_opens() -> None:
    assert shots(tab("a"), tab("b", 9000, opens_ms=3000)) == [("a", 0, 3000), ("b", 3000, 60_000)]
    assert shots(tab("a"), tab("b", 9000)) == [("b", 0, 60_000)]


def test_after_a_pause_the_other_window_comes_a_little_before_its_first_sign_of_life() -> None:
    """Where the cut of the idle stretch ends, so that it does not lead to half a second of the window that was left."""
    taken = recording(tab("a", 1000), tab("b", 21_000, until_ms=22_000))
    plan = plan_of(taken, idle="skip", range=Range(to_ms=22_000))
    assert [(shot.window_id, shot.from_ms) for shot in plan.shots] == [("a", 0), ("b", 20_500)]
    assert [(item.from_ms, item.to_ms) for item in plan.stretches] == [(0, 2000), (20_500, 22_000)]
    assert plan.skips[0].first == plan.shots[1].first == 50
    assert shots(tab("a", 1000), tab("b", 6000)) == [("a", 0, 6000), ("b", 6000, 60_000)], "no pause"
    late = tab("b", 21_000, opens_ms=20_800)
    assert shots(tab("a", 1000), late)[1] == ("b", 20_800, 60_000), "not before it is there"


def test_a_window_that_ends_hands_back_a_second_later() -> None:
    a, b = tab("a", 1000, 30_000), tab("b", 4000, until_ms=8000)
    assert shots(a, b) == [("a", 0, 4000), ("b", 4000, 9000), ("a", 9000, 60_000)]
    ended = tab("a", 1000, until_ms=5000)
    assert shots(ended, b) == [("a", 0, 4000), ("b", 4000, 8000)], "nothing is left to hand back to"
    c = tab("c", 6000, until_ms=7000)
    assert shots(a, b, c) == [("a", 0, 4000), ("b", 4000, 6000), ("c", 6000, 8000), ("a", 8000, 60_000)]


def test_windows_without_the_user_are_never_shown_and_do_not_lengthen_the_clip() -> None:
    chatter = window([texts(at, (1, "x" * at)) for at in range(0, 90_000, 100)], name="chatter")
    plan = plan_of(recording(chatter, tab("a", 1000, 2000), tab("b", 4000)))
    assert [(shot.window_id, shot.tab, shot.to_ms) for shot in plan.shots] == [("a", 2, 4000), ("b", 3, 60_000)]
    late = tab("a", 1000, 2000, opens_ms=500)
    assert shots(chatter, late) == [("chatter", 0, 500), ("a", 500, 60_000)], "nothing else was there before"


def test_only_windows_never_shown_are_noticed() -> None:
    a, b, c = tab("a", 1000), tab("b", 4000), tab("c")
    assert codes(recording(a, b)) == {}
    assert codes(recording(a, b, c)) == {"other_windows": 1}
    assert codes(recording(a, b, c), window="a") == {"other_windows": 2}
    assert codes(recording(a, b, c), range=Range(to_ms=3000)) == {"other_windows": 2}
    late = recording(tab("a", 5000, opens_ms=4000), tab("b", 9000, opens_ms=0, until_ms=9500))
    assert codes(late, window="a", range=Range(from_ms=3000)) == {"other_windows": 1, "window_opens_later": 1}


def test_where_nothing_tells_of_a_user_the_window_with_most_activity_is_shown_alone() -> None:
    quiet = window([log(5000)], name="quiet")
    told = window([*window([], opens_ms=2000).events, log(3000)], name="told")
    plan = plan_of(recording(quiet, told))
    assert [(shot.window_id, shot.from_ms, shot.to_ms) for shot in plan.shots] == [("told", 0, 3000)]


def test_a_range_before_all_windows_is_refused() -> None:
    taken = recording(tab("a", 9000, opens_ms=5000), tab("b", 8000, opens_ms=6000))
    with pytest.raises(RequestError) as caught:
        plan_of(taken, range=Range(to_ms=4000))
    assert caught.value.code == "window_outside"


def test_idle_time_is_that_of_the_whole_session() -> None:
    """Each tab rests for 8 s at a time, the user never for more than 4."""
    a, b = tab("a", *range(1000, 60_000, 8000)), tab("b", *range(5000, 60_000, 8000))
    assert len(plan_of(recording(a, b), idle="skip", range=Range(to_ms=57_000)).stretches) == 1
    assert len(plan_of(recording(a, b), idle="skip", range=Range(to_ms=57_000), window="a").stretches) > 5


def test_an_answer_counts_where_it_is_seen() -> None:
    """Text that streams in keeps the stretch when its window is on screen, and is chatter when it is not."""
    answer = [adds(at, (1, at, "x" * 50)) for at in range(3000, 29_000, 1000)]
    here = window([click(2000), *answer, log(60_000)], name="here")
    other = tab("other", 1000, 30_000)
    assert len(plan_of(recording(here, other), idle="skip", range=Range(to_ms=31_000)).stretches) == 1
    away = window([click(1000), *answer, log(60_000)], name="away")
    plan = plan_of(recording(away, tab("other", 2000, 30_000)), idle="skip", range=Range(to_ms=31_000))
    assert [(item.from_ms, item.to_ms) for item in plan.stretches] == [(0, 3000), (29_500, 31_000)]
    assert [(shot.window_id, shot.from_ms) for shot in plan.shots] == [("away", 0), ("other", 2000)]


def test_a_visit_inside_skipped_time_has_no_frame_and_no_shot() -> None:
    """Shown at a hundred times the speed, a second is no frame at 7 fps."""
    plan = plan_of(recording(tab("a", 1000, 21_000), tab("b", 20_000)), speed=100, fps=7)
    assert [(shot.window_id, shot.from_ms, shot.to_ms, shot.first, shot.end) for shot in plan.shots] == [
        ("a", 0, 60_000, 0, plan.frame_count)
    ]


def test_a_session_that_flickers_between_windows_is_shown_calmly() -> None:
    a, b = tab("a", *range(0, 600_000, 800), until_ms=600_000), tab("b", *range(400, 600_000, 800), until_ms=600_000)
    plan = plan_of(recording(a, b))
    assert 1 <= len(plan.shots) <= MOST_TURNS


def test_the_windows_shown_change_the_digest() -> None:
    taken = recording(tab("a", 1000), tab("b", 4000))
    assert len({plan_of(taken).digest, plan_of(taken, window="a").digest, plan_of(taken, window="b").digest}) == 3


@st.composite
def sessions(draw: st.DrawFn) -> Recording:
    windows = []
    for name in draw(st.sampled_from(["a", "ab", "abc"])):
        opens_ms = draw(st.integers(0, 20_000))
        times = draw(st.lists(st.integers(opens_ms, 60_000), max_size=12))
        kinds = draw(st.lists(st.booleans(), min_size=len(times), max_size=len(times)))
        events = [click(at) if hand else texts(at, (1, "x" * at)) for at, hand in zip(times, kinds, strict=True)]
        windows.append(window([*events, log(draw(st.integers(opens_ms + 1, 60_000)))], opens_ms=opens_ms, name=name))
    return recording(*windows)


@UNHURRIED
@given(
    sessions(),
    st.sampled_from([1, 7, 25]),
    st.sampled_from([0.5, 1.0, 100.0]),
    st.sampled_from(["skip", "keep", "fast"]),
    st.none() | st.tuples(st.integers(0, 60_000), st.integers(1, 60_000)),
)
def test_shots_and_segments_cover_the_clip(
    taken: Recording, fps: int, speed: float, idle: str, span: tuple[int, int] | None
) -> None:
    asked: dict[str, Any] = {"fps": fps, "speed": speed, "idle": idle}
    if span:
        asked["range"] = {"from_ms": span[0], "to_ms": span[0] + span[1]}
    try:
        plan = plan_of(taken, **asked)
    except RequestError as refused:
        assert refused.code in {"range_outside", "window_outside"}
        return
    assert plan == plan_of(taken, **asked)
    windows = {one.id: one for one in taken.windows}
    assert (plan.shots[0].first, plan.shots[-1].end) == (0, plan.frame_count)
    assert (plan.shots[0].from_ms, plan.shots[-1].to_ms) == (plan.from_ms, plan.to_ms)
    for before, after in pairwise(plan.shots):
        assert (before.end, before.to_ms) == (after.first, after.from_ms)
        assert before.window_id != after.window_id
    clock = SessionClock(plan)
    for shot in plan.shots:
        assert shot.first < shot.end
        assert clock.session_ms(shot.first) >= shot.from_ms
        assert clock.session_ms(shot.end - 1) < shot.to_ms or shot is plan.shots[-1]
        assert shot.from_ms >= windows[shot.window_id].first_ms or shot is plan.shots[0]
    if span is None:
        assert plan.shots[0].from_ms >= windows[plan.shots[0].window_id].first_ms
    assert [plan.segments[0].first, *(part.end for part in plan.segments)] == [
        *(part.first for part in plan.segments),
        plan.frame_count,
    ]
    for part in plan.segments:
        (own,) = (shot for shot in plan.shots if shot.first <= part.first < shot.end)
        assert part.end <= own.end
        assert part.window_id == own.window_id
