"""Session time ↔ output frame: exact at both ends, monotonic, invertible, never inside skipped time."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.plan.build import build_plan
from renderer.plan.clock import FrameClock, SessionClock
from renderer.plan.model import ClipPlan, Stretch
from renderer.recording.model import Recording
from renderer.request import ClipRequest, IdlePolicy, Range
from tests.unit.plan_fixtures import click, log, recording, session, texts, window

# A busy machine is no reason to fail: what is tested is arithmetic, not speed.
UNHURRIED = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])

FPS = st.sampled_from([1, 7, 24, 25, 30, 60])
SPEED = st.sampled_from([0.1, 0.25, 0.3, 1.0, 1.5, 2.0, 3.7, 10.0, 100.0])
IDLE: st.SearchStrategy[IdlePolicy] = st.sampled_from(["skip", "keep", "fast"])


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    times = draw(st.lists(st.integers(0, 120_000), max_size=30))
    kinds = draw(st.lists(st.sampled_from([click, log]), min_size=len(times), max_size=len(times)))
    growing = [texts(at, (9, "x" * at)) for at in draw(st.lists(st.integers(0, 120_000), max_size=10))]
    last = draw(st.integers(1, 120_000))
    return recording(window([*(kind(at) for kind, at in zip(kinds, times, strict=True)), *growing, log(last)]))


@st.composite
def plans(draw: st.DrawFn) -> ClipPlan:
    taken = draw(recordings())
    from_ms = draw(st.integers(0, taken.duration_ms - 1))
    to_ms = draw(st.none() | st.integers(from_ms + 1, taken.duration_ms))
    request = ClipRequest(
        recording="r",
        range=Range(from_ms=from_ms, to_ms=to_ms),
        fps=draw(FPS),
        speed=draw(SPEED),
        idle=draw(IDLE),
    )
    plan, _ = build_plan(taken, request, {})
    # Walking every frame keeps to a budget; the arithmetic does not know how long a clip is.
    return plan if plan.frame_count <= 20_000 else draw(plans())


def _length(plan: ClipPlan) -> Fraction:
    """Frames, worked out the long way: speeds are the decimals that people type."""
    return sum(
        ((item.to_ms - item.from_ms) / Fraction(str(item.speed)) * plan.fps / 1000 for item in plan.stretches),
        Fraction(0),
    )


@UNHURRIED
@given(plans())
def test_the_clock_never_goes_back_and_both_ends_are_exact(plan: ClipPlan) -> None:
    clock = SessionClock(plan)
    shown = [clock.session_ms(frame) for frame in range(plan.frame_count)]
    assert shown == sorted(shown)
    assert shown[0] == plan.from_ms
    length = _length(plan)
    if plan.frame_count > length:
        if shown[-1] == plan.to_ms:  # the session's end: the last frame and no other shows it
            assert length <= plan.frame_count - 1 < length + 1
            assert shown.count(plan.to_ms) == 1
        else:
            assert plan.frame_count == 1 or plan.frame_count - length <= Fraction(1, 2)
    else:
        assert shown[-1] < plan.to_ms
        assert length - plan.frame_count <= Fraction(1, 2)


@UNHURRIED
@given(plans())
def test_no_frame_shows_skipped_time(plan: ClipPlan) -> None:
    clock = SessionClock(plan)
    for frame in range(plan.frame_count - 1):
        at = clock.session_ms(frame)
        assert any(item.from_ms <= at < item.to_ms for item in plan.stretches)


@UNHURRIED
@given(plans(), st.data())
def test_frame_at_or_after_is_the_inverse(plan: ClipPlan, data: st.DataObject) -> None:
    clock = SessionClock(plan)
    asked = data.draw(st.integers(max(0, plan.from_ms - 10), plan.to_ms + 10))
    frame = clock.frame_at_or_after(asked)
    assert 0 <= frame <= plan.frame_count
    if frame < plan.frame_count:
        assert clock.session_ms(frame) >= asked
    if frame > 0:
        assert clock.session_ms(frame - 1) < asked


@UNHURRIED
@given(plans(), st.data())
def test_every_frame_agrees_with_the_stretches(plan: ClipPlan, data: st.DataObject) -> None:
    """The clock against plain Fractions, stretch by stretch."""
    frame = data.draw(st.integers(0, plan.frame_count - 1))
    at = Fraction(1000 * frame, plan.fps)
    expected = plan.to_ms
    for item in plan.stretches:
        length = (item.to_ms - item.from_ms) / Fraction(str(item.speed))
        if at < length:
            expected = int(item.from_ms + at * Fraction(str(item.speed)))
            break
        at -= length
    assert SessionClock(plan).session_ms(frame) == expected


@pytest.mark.parametrize("fps", [7, 24, 25, 30, 60])
def test_three_hours_do_not_drift(fps: int) -> None:
    plan, _ = build_plan(session(until_ms=3 * 3_600_000), ClipRequest(recording="r", fps=fps, idle="keep"), versions={})
    clock = SessionClock(plan)
    assert plan.frame_count == 3 * 3600 * fps + 1
    for second in range(0, 3 * 3600, 61):
        assert clock.session_ms(second * fps) == second * 1000
        assert clock.frame_at_or_after(second * 1000) == second * fps
    assert clock.video_ms(plan.frame_count - 1) == 3 * 3_600_000


def test_a_tenth_is_a_tenth() -> None:
    """Binary 0.1 is a little more than 1/10: with it, frame 10 of a clip at 1 fps would show 1000 ms only by luck."""
    clock = FrameClock([Stretch(0, 1_000_000, 0.1)], 1)
    assert [clock.session_ms(frame) for frame in (1, 10, 9_999)] == [100, 1000, 999_900]
    assert clock.frame_at_or_after(999_900) == 9_999


def test_the_end_of_a_session_is_seen_and_an_end_inside_is_not() -> None:
    taken = session(until_ms=1001)
    whole, _ = build_plan(taken, ClipRequest(recording="r"), {})
    assert whole.frame_count == 27  # 25.025 frames: 26 before the end, and one that shows it
    assert SessionClock(whole).session_ms(26) == 1001
    assert SessionClock(whole).session_ms(25) == 1000
    part, _ = build_plan(taken, ClipRequest(recording="r", range=Range(to_ms=1000)), {})
    assert part.frame_count == 25
    assert SessionClock(part).session_ms(24) == 960
    assert SessionClock(part).frame_at_or_after(961) == 25


def test_a_clip_shorter_than_a_frame_is_one_frame() -> None:
    plan, _ = build_plan(
        session(until_ms=9000), ClipRequest(recording="r", fps=7, range=Range(from_ms=4000, to_ms=4001)), {}
    )
    assert plan.frame_count == 1
    assert SessionClock(plan).session_ms(0) == 4000


def test_frames_outside_of_the_clip_are_refused() -> None:
    plan, _ = build_plan(session(until_ms=1000), ClipRequest(recording="r"), {})
    clock = SessionClock(plan)
    for frame in (-1, plan.frame_count):
        with pytest.raises(IndexError):
            clock.session_ms(frame)


@pytest.mark.parametrize("stretches", [[], [Stretch(5, 5, 1.0)]])
def test_a_clock_without_time_is_refused(stretches: list[Stretch]) -> None:
    with pytest.raises(ValueError, match="stretches"):
        FrameClock(stretches, 25)
