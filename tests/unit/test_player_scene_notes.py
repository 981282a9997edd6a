"""Toasts and lines: what is said of errors and steps, for how long, and how often."""

from dataclasses import replace

import pytest

from renderer.plan.clock import SessionClock
from renderer.plan.model import Stretch
from renderer.player.scene.toasts import FEW_WARNINGS, SHOWN_MS
from tests.unit.scene_fixtures import errors, scene_of
from tests.unit.story_fixtures import entry, plan, timeline


def test_toasts_are_shown_for_four_seconds_of_video_and_after_a_cut() -> None:
    made = plan(0, 60_000, skipped=[(10_000, 50_000)])
    told = timeline(
        [*errors(2000), *errors(9000, text="Console error: just before"), *errors(30_000, text="Console error: inside")]
    )
    scene = scene_of(told, made)
    clock = SessionClock(made)
    assert [(toast.from_ms, toast.to_ms) for toast in scene.toasts] == [(2000, 6000), (9000, 53_000), (50_000, 54_000)]
    for toast in scene.toasts:
        assert (clock.frame_at_or_after(toast.to_ms) - clock.frame_at_or_after(toast.from_ms)) * 40 == SHOWN_MS


def test_alike_toasts_are_counted_and_a_burst_of_a_thousand_is_three() -> None:
    burst = [found for number in range(1000) for found in errors(1000 + number // 4, text=f"Console error: {number}")]
    scene = scene_of(
        timeline([*errors(*range(200, 700, 100)), *burst, *errors(5000)], duration_ms=10_000), plan(0, 10_000)
    )
    assert [(toast.text, toast.count) for toast in scene.toasts] == [
        ("Console error: it broke", 5),
        ("Console error: 0", 1),
        ("Console error: 1 (and 998 more)", 1),
        ("Console error: it broke", 1),
    ]
    for toast in scene.toasts:
        assert sum(other.from_ms <= toast.from_ms < other.to_ms for other in scene.toasts) <= 3


@pytest.mark.parametrize(("warnings", "toasts"), [(FEW_WARNINGS, FEW_WARNINGS), (FEW_WARNINGS + 1, 0)])
def test_warnings_are_toasts_only_when_they_are_few(warnings: int, toasts: int) -> None:
    told = [
        found
        for number in range(warnings)
        for found in errors(number * 5000, level="warning", text=f"Console warning: {number}")
    ]
    slow = entry(60_000, "request", "GET /slow took 9 s", level="warning")
    scene = scene_of(timeline([*told, slow], duration_ms=70_000), plan(0, 70_000))
    assert len(scene.toasts) == toasts + 1
    assert scene.toasts[-1].kind == "network"
    assert sum(mark.kind == "warning" for mark in scene.marks) == warnings + 1


def test_a_request_fails_at_its_end() -> None:
    told = timeline([entry(1000, "request", "POST /x failed with 503", level="error", until_ms=3000)])
    scene = scene_of(told)
    assert [toast.from_ms for toast in scene.toasts] == [mark.at_ms for mark in scene.marks] == [3000]


def test_lines_stand_where_the_video_shows_them_each_long_enough_to_be_seen() -> None:
    made = plan(0, 60_000, skipped=[(10_000, 50_000)], speed=2)
    told = timeline(
        [
            entry(4000, "click", "Clicked “A”"),
            entry(30_000, "click", "Clicked “B”"),
            entry(58_000, "click", "Clicked “C”"),
        ]
    )
    scene = scene_of(told, made)
    clock = SessionClock(made)
    assert [(line.text, clock.video_ms(clock.frame_at_or_after(line.from_ms))) for line in scene.lines] == [
        ("Clicked “A”", 2000),
        ("Skipped 40 s in which nothing was done", 5000),
        ("Clicked “B”", 6000),
        ("Clicked “C”", 9000),
    ]
    assert [line.to_ms for line in scene.lines[:-1]] == [line.from_ms for line in scene.lines[1:]]
    assert scene.lines[-1].to_ms > 60_000, "nothing is over in the last picture"


def test_what_was_left_out_is_told_for_two_seconds_and_what_is_shown_fast_while_it_lasts() -> None:
    cut = scene_of(timeline([], duration_ms=60_000), plan(0, 60_000, skipped=[(10_000, 50_000)])).lines
    assert [(line.text, line.from_ms, line.to_ms) for line in cut] == [
        ("Skipped 40 s in which nothing was done", 50_000, 52_000)
    ]
    stretches = (Stretch(0, 4000, 1), Stretch(4000, 44_000, 8, idle=True), Stretch(44_000, 50_000, 1))
    made = replace(plan(0, 50_000), stretches=stretches, frame_count=375)
    fast = scene_of(timeline([], duration_ms=50_000), made).lines
    assert [(line.text, line.from_ms, line.to_ms) for line in fast] == [
        ("Nothing was done for 40 s (shown faster)", 4000, 44_000)
    ]


def test_what_is_a_toast_does_not_push_away_what_the_user_did() -> None:
    told = timeline(
        [entry(4000, "click", "Clicked “A”"), *errors(4010), *errors(6000, text="GET / failed", kind="request")]
    )
    texts = {}
    for overlays in ("", "console", "network", "console,network"):
        made = replace(plan(), overlays=frozenset(overlays.split(",")))
        texts[overlays] = [line.text for line in scene_of(told, made).lines]
    assert texts == {
        "": ["Clicked “A”", "Console error: it broke", "GET / failed"],
        "console": ["Clicked “A”", "GET / failed"],
        "network": ["Clicked “A”", "Console error: it broke"],
        "console,network": ["Clicked “A”"],
    }
