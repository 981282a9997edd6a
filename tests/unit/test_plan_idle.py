"""What is left out, what is shown fast, and what the picture says about it."""

import pytest

from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan, Skip, Stretch
from renderer.recording.model import Recording
from renderer.request import ClipRequest, IdlePolicy, Range
from tests.unit.plan_fixtures import click, session


def _plan(
    taken: Recording, idle: IdlePolicy = "skip", *, fps: int = 25, speed: float = 1.0, span: Range | None = None
) -> ClipPlan:
    return build_plan(taken, ClipRequest(recording="r", idle=idle, fps=fps, speed=speed, range=span or Range()), {})[0]


def test_skip_keeps_a_second_after_and_half_a_second_before() -> None:
    plan = _plan(session(click(1000), click(30_000), click(30_500), until_ms=33_000))
    assert plan.stretches == (Stretch(0, 2000, 1.0), Stretch(29_500, 33_000, 1.0))
    assert plan.skips == (Skip(50, 88, 27_500),)
    clock = SessionClock(plan)
    assert clock.session_ms(49) == 1960
    assert clock.session_ms(50) == 29_500
    assert clock.session_ms(plan.frame_count - 1) == 33_000


@pytest.mark.parametrize(("gap_ms", "skips"), [(5000, 0), (5001, 1)])
def test_idle_is_more_than_five_seconds(gap_ms: int, skips: int) -> None:
    plan = _plan(session(click(1000), click(1000 + gap_ms), until_ms=1000 + gap_ms))
    assert len(plan.skips) == skips
    if skips:
        assert plan.skips[0].skipped_ms == gap_ms - 1500


def test_the_tail_without_activity_is_left_out_up_to_its_last_half_second() -> None:
    plan = _plan(session(click(4000), until_ms=60_000))
    assert plan.stretches == (Stretch(0, 5000, 1.0), Stretch(59_500, 60_000, 1.0))
    assert plan.skips == (Skip(125, plan.frame_count, 54_500),)


def test_a_range_inside_a_gap_begins_and_ends_where_it_was_told() -> None:
    taken = session(click(1000), click(61_000), until_ms=62_000)
    plan = _plan(taken, span=Range(from_ms=20_000, to_ms=40_000))
    assert plan.stretches == (Stretch(20_000, 21_000, 1.0), Stretch(39_500, 40_000, 1.0))
    clock = SessionClock(plan)
    assert clock.session_ms(0) == 20_000
    assert 39_500 < clock.session_ms(plan.frame_count - 1) < 40_000


@pytest.mark.parametrize(("to_ms", "skips"), [(23_499, 0), (23_500, 1)])
def test_a_saving_under_two_seconds_is_no_reason_to_cut(to_ms: int, skips: int) -> None:
    taken = session(click(1000), click(61_000), until_ms=62_000)
    assert len(_plan(taken, span=Range(from_ms=20_000, to_ms=to_ms)).skips) == skips


def test_a_gap_counts_whole_even_when_the_range_holds_less_than_the_threshold() -> None:
    taken = session(click(1000), click(61_000), until_ms=62_000)
    assert _plan(taken, span=Range(from_ms=57_000, to_ms=61_500)).skips == (Skip(25, 50, 2500),)
    assert _plan(taken, span=Range(from_ms=500, to_ms=4500)).skips == (Skip(38, 50, 2000),)


def test_keep_leaves_nothing_out() -> None:
    plan = _plan(session(click(1000), click(30_000), until_ms=60_000), "keep")
    assert plan.stretches == (Stretch(0, 60_000, 1.0),)
    assert plan.skips == ()


def test_fast_takes_at_most_two_seconds_and_is_at_least_fourfold() -> None:
    plan = _plan(session(click(1000), click(7000), click(67_000), until_ms=67_000), "fast")
    assert plan.stretches == (
        Stretch(0, 2000, 1.0),
        Stretch(2000, 6500, 4.0, idle=True),
        Stretch(6500, 8000, 1.0),
        Stretch(8000, 66_500, 32.0, idle=True),
        Stretch(66_500, 67_000, 1.0),
    )
    assert plan.skips == ()
    assert all(item.video_ms <= 2000 for item in plan.stretches if item.idle)


@pytest.mark.parametrize("speed", [0.1, 0.3, 3.0])
def test_speed_multiplies_everything(speed: float) -> None:
    taken = session(click(1000), click(30_000), until_ms=40_000)
    for idle in ("skip", "keep", "fast"):
        plain, changed = _plan(taken, idle), _plan(taken, idle, speed=speed)
        assert [(item.from_ms, item.to_ms) for item in plain.stretches] == [
            (item.from_ms, item.to_ms) for item in changed.stretches
        ]
        assert [item.speed for item in changed.stretches] == pytest.approx(
            [item.speed * speed for item in plain.stretches], rel=1e-15
        )
        assert sum(item.video_ms for item in changed.stretches) * speed == pytest.approx(
            sum(item.video_ms for item in plain.stretches)
        )


def test_a_note_ends_where_the_next_begins_and_where_the_clip_ends() -> None:
    plan = _plan(session(click(10_000), click(20_000), until_ms=30_000), speed=2.0)
    assert plan.stretches == (
        Stretch(0, 1000, 2.0),
        Stretch(9500, 11_000, 2.0),
        Stretch(19_500, 21_000, 2.0),
        Stretch(29_500, 30_000, 2.0),
    )
    # Cuts after 0.5, 1.25 and 2 s of video, notes of 1.5 s, and 2.25 s in all.
    assert plan.skips == (Skip(13, 32, 8500), Skip(32, 50, 8500), Skip(50, 58, 8500))
    assert plan.frame_count == 58


def test_cuts_on_the_same_frame_are_told_as_one() -> None:
    plan = _plan(session(click(10_000), click(20_000), until_ms=30_000), speed=100.0, fps=10)
    assert [skip.skipped_ms for skip in plan.skips] == [25_500]
    assert SessionClock(plan).session_ms(plan.skips[0].first) == 30_000


def test_a_session_with_nothing_going_on_is_its_ends() -> None:
    plan = _plan(session(until_ms=600_000))
    assert plan.stretches == (Stretch(0, 1000, 1.0), Stretch(599_500, 600_000, 1.0))
