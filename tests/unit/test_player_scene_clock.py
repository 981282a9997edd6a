"""When the page has to look again: ticks of the clock, gaps, what is left out or shown fast."""

from dataclasses import replace

from renderer.plan.model import Stretch
from tests.unit.scene_fixtures import scene_of
from tests.unit.story_fixtures import call, entry, plan, timeline


def test_the_clock_ticks_once_a_second_and_a_pending_call_twice() -> None:
    scene = scene_of(timeline([], [call(1, 3200, 4800)], 10_000), plan(500, 8000))
    assert not scene.tenths
    assert scene.ticks_ms == [500, 1000, 2000, 3000, 3500, 4000, 4500, 5000, 6000, 7000]


def test_the_clock_of_a_session_of_less_than_ten_seconds_tells_tenths() -> None:
    scene = scene_of(timeline([], [], 1300), plan(0, 1300))
    assert scene.tenths
    assert scene.ticks_ms == [0, 200, 400, 600, 800, 1000, 1200]
    assert scene_of(timeline([], [], 9999), plan(5000, 5500)).tenths
    assert not scene_of(timeline([], [], 10_000), plan(5000, 5500)).tenths


def test_a_long_call_is_counted_in_whole_seconds_after_ten() -> None:
    ticks = scene_of(timeline([], [call(1, 0, 60_000)], 60_000), plan(0, 60_000)).ticks_ms
    assert [at for at in ticks if at % 1000] == list(range(500, 10_000, 1000))


def test_in_an_idle_gap_that_is_shown_the_clock_ticks_every_five_seconds() -> None:
    told = timeline([entry(2000, "idle", "Nothing happened", until_ms=22_000)], duration_ms=25_000)
    scene = scene_of(told, plan(0, 25_000))
    assert [(gap.from_ms, gap.to_ms, gap.speed) for gap in scene.gaps] == [(2000, 22_000, 1)]
    assert scene.ticks_ms == [0, 1000, 5000, 10_000, 15_000, 20_000, 22_000, 23_000, 24_000]


def test_what_is_left_out_is_a_gap_of_speed_0_and_the_clock_is_right_after_it() -> None:
    told = timeline([entry(2000, "idle", "Nothing happened", until_ms=22_000)], duration_ms=25_000)
    scene = scene_of(told, plan(0, 25_000, skipped=[(3000, 21_500)]))
    assert [(gap.from_ms, gap.to_ms, gap.speed) for gap in scene.gaps] == [(3000, 21_500, 0)]
    assert scene.ticks_ms == [0, 1000, 2000, 21_500, 22_000, 23_000, 24_000]


def test_fast_stretches_tick_once_a_second_of_video_at_most() -> None:
    stretches = (Stretch(0, 4000, 2.5), Stretch(4000, 44_000, 20, idle=True), Stretch(44_000, 50_000, 2.5))
    made = replace(plan(0, 50_000), stretches=stretches, frame_count=150)
    scene = scene_of(timeline([], [call(1, 1000, 3000)], 50_000), made)
    assert scene.ticks_ms == [0, 3000, 4000, 20_000, 40_000, 44_000, 45_000, 48_000]
    assert [(gap.from_ms, gap.to_ms, gap.speed) for gap in scene.gaps] == [(4000, 44_000, 8)]
