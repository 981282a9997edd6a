"""What a hostile or busy session may cost the scene."""

import time
from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.plan.clock import SessionClock
from renderer.player.scene.build import build_scene
from renderer.player.scene.calls import MOST_CARDS
from renderer.player.scene.marks import APART_PX, AXIS_PX
from renderer.player.scene.ticks import MOST_TICKS
from renderer.player.scene.toasts import MOST_TOASTS
from renderer.timeline.model import PagePlace
from tests.unit.scene_fixtures import errors, scene_of
from tests.unit.story_fixtures import call, entry, plan, timeline

HOSTILE = (
    "\u202e<img src=x onerror=alert(1)>\x00\x1b[31m" + "Z\u0351\u0352\u0353\u0354\u0355\u0356" * 10 + "w" * 1_000_000
)


def test_hostile_text_is_plain_and_short() -> None:
    told = timeline(
        [entry(1000, "click", HOSTILE, properties={"name": HOSTILE}), *errors(2000, text=HOSTILE)],
        [
            call(
                1,
                1000,
                2000,
                prompt=HOSTILE,
                answer=HOSTILE,
                error=HOSTILE,
                model=HOSTILE,
                finish_reason=HOSTILE,
                feedback_text=HOSTILE,
            )
        ],
    )
    scene = scene_of(replace(told, places=(PagePlace(at_ms=0, window_id="w1", url=HOSTILE, title=HOSTILE),)), plan())
    whole = scene.model_dump_json()
    assert len(whole) < 12_000
    assert "<img" in whole, "text stays text"
    for harm in ("\\u202e", "\u202e", "\\u0000", "\\u001b", "\u0351\u0352\u0353\u0354\u0355"):
        assert harm not in whole


def test_a_session_of_twenty_thousand_things_is_bounded_and_quick() -> None:
    busy = [
        found
        for at_ms in range(0, 3_600_000, 360)
        for found in (entry(at_ms, "click", "Clicked", name="x"), *errors(at_ms, text=f"e{at_ms}"))
    ]
    calls = [call(number, number * 1000, number * 1000 + 700) for number in range(3600)]
    told = timeline(busy, calls, 3_600_000)
    made = plan(0, 3_600_000)
    began = time.process_time()
    scene = build_scene(made, told, ())
    assert time.process_time() - began < 3
    assert len(scene.marks) <= 2 * AXIS_PX / APART_PX + MOST_CARDS
    assert len(scene.cards) == MOST_CARDS
    assert len(scene.toasts) <= MOST_TOASTS
    assert len(scene.ticks_ms) <= MOST_TICKS
    assert len(scene.model_dump_json()) < 1_000_000


@st.composite
def plans(draw):
    edges = sorted(draw(st.sets(st.integers(0, 400), min_size=2, max_size=8)))
    edges = [edge * 250 for edge in edges[: len(edges) // 2 * 2]]
    holes = list(pairwise(edges[1:-1]))[::2]
    return plan(
        edges[0],
        edges[-1],
        skipped=holes,
        fps=draw(st.sampled_from([1, 10, 25])),
        speed=draw(st.sampled_from([0.5, 1, 3, 17])),
    )


@settings(max_examples=60, deadline=None)
@given(plans(), st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 20_000)), max_size=12))
def test_whatever_happens_lists_are_sorted_and_ticks_seldom(made, spans) -> None:
    entries = [found for at_ms, _ in spans for found in errors(at_ms, text=f"e{at_ms % 7}")]
    entries += [entry(at_ms, "idle", "Nothing happened", until_ms=at_ms + length) for at_ms, length in spans[:3]]
    calls = [
        call(number, at_ms, at_ms + length if length % 3 else None) for number, (at_ms, length) in enumerate(spans[3:])
    ]
    scene = scene_of(timeline(entries, calls, 130_000), made)
    assert scene.ticks_ms == sorted(set(scene.ticks_ms))
    assert all(made.from_ms <= at_ms <= made.to_ms for at_ms in scene.ticks_ms)
    for times in ([mark.at_ms for mark in scene.marks], [line.from_ms for line in scene.lines], [card.start_ms for card in scene.cards],
                  [toast.from_ms for toast in scene.toasts], [place.at_ms for place in scene.places]):  # fmt: skip
        assert times == sorted(times)
    for before, after in pairwise(scene.gaps):
        assert before.to_ms <= after.from_ms
    for toast in scene.toasts:
        assert toast.from_ms < toast.to_ms
        assert sum(other.from_ms <= toast.from_ms < other.to_ms for other in scene.toasts) <= 3
    frames = {SessionClock(made).frame_at_or_after(at_ms) for at_ms in scene.ticks_ms}
    video_s = made.frame_count / made.fps
    pending_s = (
        sum(max(0, min(card.end_ms, made.to_ms) - max(card.start_ms, made.from_ms)) for card in scene.cards) / 1000
    )
    slowest = min(stretch.speed for stretch in made.stretches)
    assert len(frames) <= video_s * min(1, slowest) + pending_s * 2 + 2 * len(made.stretches) + 2
