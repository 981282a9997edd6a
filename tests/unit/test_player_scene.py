"""The scene: what the page is told to draw, from plan, timeline and story; and what a hostile or busy session may cost."""

import time
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.plan.clock import SessionClock
from renderer.plan.model import Stretch
from renderer.player.protocol import Scene
from renderer.player.scene.build import bare_scene, build_scene
from renderer.player.scene.calls import EARLIER, MOST_CARDS, UNANSWERED_MS
from renderer.player.scene.marks import APART_PX, AXIS_PX
from renderer.player.scene.ticks import MOST_TICKS
from renderer.player.scene.toasts import FEW_WARNINGS, MOST_TOASTS, SHOWN_MS
from renderer.story.steps import choose_steps
from renderer.timeline.model import PagePlace
from tests.unit.story_fixtures import call, entry, plan, sample, timeline

HOSTILE = (
    "\u202e<img src=x onerror=alert(1)>\x00\x1b[31m" + "Z\u0351\u0352\u0353\u0354\u0355\u0356" * 10 + "w" * 1_000_000
)


def scene_of(told=None, made=None) -> Scene:
    told, made = told or sample(), made or plan()
    return build_scene(made, told, choose_steps(told, made))


def errors(*times_ms: int, text="Console error: it broke", kind="console", level="error", **more):
    return [entry(at_ms, kind, text, level=level, **more) for at_ms in times_ms]


def test_the_sample_is_told_whole() -> None:
    scene = scene_of()
    assert (scene.from_ms, scene.to_ms, scene.duration_ms) == (0, 73_000, 73_000)
    assert [(card.start_ms, card.end_ms, card.status, card.rating) for card in scene.cards] == [
        (11_104, 17_512, "answered", "up"),
        (32_972, 38_781, "answered", "down"),
        (62_398, 63_714, "failed", None),
        (65_593, 71_179, "answered", None),
    ]
    assert scene.cards[0].facts == ["1,352 tokens"], "an answer that is whole has no finish to tell of"
    assert scene.cards[2].error == "model_overloaded"
    assert scene.cards[2].facts == ["HTTP 503"], "no tokens are no fact"
    kinds = {
        kind: [mark.at_ms for mark in scene.marks if mark.kind == kind]
        for kind in ("up", "down", "llm", "llm_failed", "disliked", "error", "warning")
    }
    assert kinds == {
        "up": [18_897],
        "down": [54_870],
        "llm": [11_104, 32_972, 65_593],
        "llm_failed": [62_398],
        "disliked": [38_781],
        "error": [54_940, 63_714],
        "warning": [38_700],
    }
    assert [place.url for place in scene.places] == [
        "http://chat.northwind.example/",
        "http://chat.northwind.example/billing/conversation",
    ]
    assert [line.text for line in scene.lines] == [step.text for step in choose_steps(sample(), plan())]
    assert {toast.text for toast in scene.toasts} >= {
        "POST /api/feedback failed with 500",
        "POST /api/chat failed with 503",
    }


def test_nothing_to_tell_is_an_empty_scene_of_the_range() -> None:
    scene = bare_scene(plan(2000, 5000))
    assert (scene.from_ms, scene.to_ms) == (2000, 5000)
    assert not any(
        [scene.ticks_ms, scene.places, scene.marks, scene.gaps, scene.lines, scene.cards, scene.toasts, scene.clicks]
    )


def test_only_what_belongs_to_the_window_or_to_none_is_told() -> None:
    calls = (call(1, 1000, 2000), call(2, 3000, 4000), call(3, 5000, 6000))
    told = timeline([entry(1500, "click", "Clicked “A”", name="A"), entry(1700, "click", "Clicked “B”", window_id="w2", name="B"),
                     *errors(2000, window_id="w2"), *errors(2500, window_id=None, text="Console error: anywhere")])  # fmt: skip
    windows = ("w1", "w2", None)
    entries = [
        entry(one.start_ms, "llm_call", "Asked", window_id=window, call_id=one.id)
        for one, window in zip(calls, windows, strict=True)
    ]
    places = (PagePlace(at_ms=0, window_id="w2", url="http://other.test/", title="Other"),)
    scene = scene_of(replace(told, entries=(*told.entries, *entries), calls=calls, places=places))
    assert [card.start_ms for card in scene.cards] == [1000, 5000]
    assert [mark.at_ms for mark in scene.marks if mark.kind in {"user", "error"}] == [1500, 2500]
    assert [toast.text for toast in scene.toasts] == ["Console error: anywhere"]
    assert scene.places == []


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


def test_a_call_without_an_end_stops_waiting() -> None:
    (card,) = scene_of(timeline([], [call(1, 1000, None)]), plan()).cards
    assert (card.status, card.end_ms) == ("unanswered", 1000 + UNANSWERED_MS)


def test_calls_just_before_the_range_are_told_with_those_in_it_and_not_alone() -> None:
    calls = [call(number, number * 1000, number * 1000 + 500) for number in range(10)]
    inside = scene_of(timeline([], calls), plan(7800, 9200)).cards
    assert [card.start_ms for card in inside] == [(8 - EARLIER) * 1000, 7000, 8000, 9000]
    assert scene_of(timeline([], calls), plan(20_000, 30_000)).cards == []


def test_facts_are_short_words() -> None:
    facts = {"input_tokens": 1200, "output_tokens": 88, "cost_usd": 0.00213, "finish_reason": "content_filter", "tools_called": ("refund", "mail"),
             "prompt_length": 33, "operation": "embeddings"}  # fmt: skip
    (card,) = scene_of(timeline([], [call(1, 0, 900, **facts)]), plan()).cards
    assert card.facts == [
        "1,200 tokens in, 88 out",
        "$0.0021",
        "finish: content_filter",
        "tools: refund, mail",
        "embeddings",
        "prompt of 33 characters",
    ]


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (0, "$0.00"),
        (0.000012, "$0.000012"),
        (0.0341, "$0.034"),
        (0.0003, "$0.00030"),
        (0.000284, "$0.00028"),
        (0.0996, "$0.10"),
        (1e-12, "$0.00000000"),
        (0.5, "$0.50"),
        (1234.5, "$1,234.50"),
    ],
)
def test_costs_are_told_to_two_digits(cost: float, text: str) -> None:
    (card,) = scene_of(timeline([], [call(1, 0, 900, cost_usd=cost)]), plan()).cards
    assert card.facts == [text]


def test_titles_that_blink_are_not_shown_each_time() -> None:
    places = tuple(
        PagePlace(at_ms=at_ms, window_id="w1", url="http://a.test/", title=f"({at_ms})")
        for at_ms in range(0, 5000, 100)
    )
    scene = scene_of(replace(timeline([]), places=places), plan(1000, 4000))
    assert [place.title for place in scene.places] == ["(3900)"]


def test_names_of_clicks_are_those_that_people_see() -> None:
    clicks = [entry(1000, "click", "Clicked “Send”", name="", properties={"name": "Send", "target": "“Send”"}),
              entry(2000, "click", "Clicked a text field", properties={"name": "", "target": "a text field"}),
              entry(3000, "click", "Clicked")]  # fmt: skip
    clicks += [entry(4000, "rage_click", "Clicked “Save” 4 times in a row", level="warning", until_ms=5200, properties={"name": "Save"}),
               entry(6000, "click", "Marked “words”", properties={"action": "select", "target": "text"})]  # fmt: skip
    scene = scene_of(timeline(clicks))
    assert [(mark.at_ms, mark.kind) for mark in scene.marks if mark.at_ms == 4000] == [
        (4000, "user"),
        (4000, "warning"),
    ]
    assert (scene.clicks[2].at_ms, scene.clicks[2].until_ms) == (4000, 5200)
    assert [(click.at_ms, click.text) for click in scene.clicks] == [
        (1000, "Send"),
        (2000, "a text field"),
        (4000, "Save"),
    ]


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


@pytest.mark.parametrize(
    ("reason", "tools", "told"),
    [
        ("end_turn", (), False),
        ("STOP", (), False),
        ("tool_use", ("refund",), False),
        ("tool_use", (), True),
        ("length", (), True),
    ],
)
def test_only_an_unusual_finish_is_told(reason: str, tools: tuple[str, ...], told: bool) -> None:
    (card,) = scene_of(timeline([], [call(1, 0, 900, finish_reason=reason, tools_called=tools)]), plan()).cards
    assert (f"finish: {reason}" in card.facts) is told


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


def test_marks_do_not_lie_upon_one_another_and_the_most_telling_stays() -> None:
    told = timeline([entry(1000, "click", "Clicked “A”"), entry(1100, "navigation", "Went to /a"), entry(1500, "click", "Clicked “B”"),
                     *errors(5000, level="warning"), *errors(5100), *errors(9000)])  # fmt: skip
    marks = scene_of(told, plan(0, 20_000)).marks
    assert [(mark.at_ms, mark.kind) for mark in marks] == [
        (1100, "navigation"),
        (1500, "user"),
        (5100, "error"),
        (9000, "error"),
    ]


def test_a_request_fails_at_its_end() -> None:
    told = timeline([entry(1000, "request", "POST /x failed with 503", level="error", until_ms=3000)])
    scene = scene_of(told)
    assert [toast.from_ms for toast in scene.toasts] == [mark.at_ms for mark in scene.marks] == [3000]


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
