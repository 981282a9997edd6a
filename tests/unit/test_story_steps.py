"""What is told of a session, in which words, when the clip shows it, and what gives way when there is too much."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.story.model import Step
from renderer.story.steps import MOST_SHOWN_MS, MOST_STEPS, choose_steps, most_telling
from renderer.timeline.model import Entry, Kind, Level, LlmCall
from tests.unit.story_fixtures import call, entry, plan, sample, timeline


def texts(*entries: Entry, calls: tuple[LlmCall, ...] = ()) -> list[str]:
    return [step.text for step in choose_steps(timeline(entries, calls), plan())]


def test_the_sample_told_whole() -> None:
    steps = choose_steps(sample(), plan(skipped=[(20_700, 27_500), (40_400, 49_700)]))
    assert [(step.video_ms, step.text) for step in steps] == [
        (0, "Opened “Billing help”"),
        (4800, "Went to /billing/conversation (clicked “Start conversation”)"),
        (11_120, "Asked nora-4-mini: “Why is my invoice higher?” (clicked “Send”)"),
        (17_520, "nora-4-mini answered after 6.4 s (1,352 tokens)"),
        (18_920, "Gave the answer a thumbs-up"),
        (20_720, "Skipped 6.8 s in which nothing was done"),
        (26_200, "Asked nora-4-mini: “If I downgrade, is it refunded?” (clicked “Send”)"),
        (31_920, "Console warning: no source for the claim"),
        (32_000, "nora-4-mini answered after 5.8 s (1,561 tokens)"),
        (33_600, "Skipped 9.3 s in which nothing was done"),
        (34_120, "Scrolled up"),
        (38_800, "Gave the answer a thumbs-down; POST /api/feedback failed with 500"),
        (46_320, "Asked nora-4-mini: “Which is right?” (clicked “Send”)"),
        (47_640, "nora-4-mini failed after 1.3 s: model_overloaded (503)"),
        (49_520, "Asked nora-4-mini: “Which is right?” (clicked “Try again”)"),
        (55_080, "nora-4-mini answered after 5.6 s (1,785 tokens)"),
    ]
    assert [step.number for step in steps] == list(range(1, 17))
    assert {step.text for step in steps if step.level == "error"} == {
        "Gave the answer a thumbs-down; POST /api/feedback failed with 500",
        "nora-4-mini failed after 1.3 s: model_overloaded (503)",
    }
    complaint = next(step for step in steps if step.kind == "feedback" and step.level == "error")
    assert [entry.title for entry in complaint.tells] == [
        "Gave the answer a thumbs-down",
        "Clicked “Bad answer”",
        "POST /api/feedback failed with 500",
        "Console error: not stored: /api/feedback answered 500",
    ]


def test_a_line_stays_until_the_next_or_six_seconds() -> None:
    steps = choose_steps(
        timeline([entry(1000, "click", "Clicked “A”"), entry(3000, "click", "Clicked “B”"), entry(71_000, "tab", "C")]),
        plan(),
    )
    assert [(step.video_ms, step.until_video_ms) for step in steps] == [
        (1000, 3000),
        (3000, 3000 + MOST_SHOWN_MS),
        (71_000, 73_000),
    ]


def test_only_what_the_clip_shows_is_told() -> None:
    happened = timeline(
        [
            entry(9_999, "click", "Clicked “before”"),
            entry(10_000, "click", "Clicked “first”"),
            entry(12_000, "click", "Clicked “elsewhere”", window_id="w2"),
            entry(13_000, "tab", "Switched to another tab", window_id="w2"),
            entry(14_000, "custom", "Plan upgraded", name="plan_upgraded", window_id=None),
            entry(20_001, "click", "Clicked “after”"),
        ],
        [call(1, 2000, 11_000), call(2, 19_000, 25_000), call(3, 1000, 9000), call(4, 21_000, 22_000)],
    )
    steps = choose_steps(happened, plan(10_000, 20_000))
    assert [(step.at_ms, step.text) for step in steps] == [
        (10_000, "Clicked “first”"),
        (11_000, "nora-4-mini answered after 9.0 s"),
        (13_000, "Switched to another tab"),
        (14_000, "Plan upgraded"),
        (19_000, "Asked nora-4-mini"),
    ]


def test_calls_of_another_window_are_left_out() -> None:
    happened = timeline([entry(1000, "llm_call", "x", call_id="call_1", window_id="w2")], ())
    elsewhere = replace(happened, calls=(call(1, 1000, 2000),))
    assert choose_steps(elsewhere, plan()) == ()


def test_what_happens_in_a_skipped_stretch_is_told_at_the_cut_and_the_end_at_the_last_picture() -> None:
    happened = timeline([entry(25_000, "console", "Console error: lost", level="error"), entry(73_000, "click", "End")])
    steps = choose_steps(happened, plan(skipped=[(20_000, 30_000)]))
    assert [(step.at_ms, step.video_ms) for step in steps] == [(20_000, 20_000), (25_000, 20_000), (73_000, 62_960)]


def test_fast_idle_and_speed_are_on_the_videos_clock() -> None:
    fast = plan(0, 30_000)
    stretches = (fast.stretches[0], replace(fast.stretches[0], from_ms=30_000, to_ms=46_000, speed=8.0, idle=True))
    steps = choose_steps(timeline([entry(10_000, "click", "Clicked “x”")]), replace(fast, stretches=stretches, to_ms=46_000, frame_count=800))  # fmt: skip
    assert [(step.video_ms, step.text) for step in steps] == [
        (10_000, "Clicked “x”"),
        (30_000, "Nothing was done for 16 s (shown faster)"),
    ]
    (double,) = choose_steps(timeline([entry(10_000, "click", "Clicked “x”")]), plan(speed=2))
    assert double.video_ms == 5000


CALLS = [
    (call(1, 1000, None), ["Asked nora-4-mini; no answer was recorded"]),
    (call(1, 1000, None, prompt="Why?"), ["Asked nora-4-mini: “Why?”; no answer was recorded"]),
    (call(1, 1000, 3000, model=None), ["Asked the model", "The model answered after 2.0 s"]),
    (call(1, 1000, 3000, prompt_length=33), ["Asked nora-4-mini (33 characters)", "nora-4-mini answered after 2.0 s"]),
    (
        call(1, 1000, 71_000, input_tokens=1000, output_tokens=1),
        ["Asked nora-4-mini", "nora-4-mini answered after 1 min 10 s (1,001 tokens)"],
    ),
    (
        call(1, 1000, 3000, answer="Because " * 40),
        [
            "Asked nora-4-mini",
            "nora-4-mini answered after 2.0 s: “Because Because Because Because Because Because Because Because Because Because…”",
        ],
    ),
    (
        call(1, 1000, 3000, finish_reason="length"),
        ["Asked nora-4-mini", "nora-4-mini answered after 2.0 s; the answer was cut off at the length limit"],
    ),
    (
        call(1, 1000, 3000, finish_reason="tool_calls", tools_called=("search", "search", "refund")),
        ["Asked nora-4-mini", "nora-4-mini asked for search, refund after 2.0 s"],
    ),
    (
        call(1, 1000, 3000, status="failed", http_status=429),
        ["Asked nora-4-mini", "nora-4-mini failed after 2.0 s: status 429"],
    ),
    (call(1, 1000, 3000, status="failed", latency_ms=None, error="x"), ["Asked nora-4-mini", "nora-4-mini failed after 2.0 s: x"]),
    (call(1, 1000, 3000, operation="embeddings"), []),
    (
        call(1, 1000, 3000, operation="embeddings", status="failed", error="boom"),
        ["nora-4-mini failed after 2.0 s: boom"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("of", "told"), CALLS)
def test_calls_in_words(of: LlmCall, told: list[str]) -> None:
    assert texts(calls=(of,)) == told


def test_a_thumb_that_only_the_call_tells_of() -> None:
    happened = timeline([], [call(1, 1000, 2000, satisfied=False, rated_at_ms=5000)])
    last = choose_steps(happened, plan())[-1]
    assert (last.at_ms, last.text, last.kind, last.level) == (5000, "Gave the answer a thumbs-down", "feedback", "warning")  # fmt: skip


MERGED = [
    # the thumb's click and the application's own event
    (
        [
            entry(1000, "click", "Clicked “Bad answer”"),
            entry(1004, "feedback", "Thumbs down on the answer of nora", satisfied=False, text="wrong\nterms"),
            entry(1005, "custom", "Answer rated", name="answer_rated"),
        ],
        ["Gave the answer a thumbs-down: “wrong terms”"],
    ),
    # an exception, what the console says of it, and the same from the analytics
    (
        [
            entry(1000, "console", "Console error: TypeError: x is undefined", level="error"),
            entry(1010, "exception", "TypeError: x is undefined", level="error"),
            entry(1020, "exception", "Uncaught TypeError: x is undefined", level="error"),
            entry(1030, "console", "Console error: something else", level="error"),
        ],
        ["Page error: TypeError: x is undefined", "Console error: something else"],
    ),
    # a click into the field that is filled in next, but not another click
    (
        [
            entry(1000, "click", "Clicked “Other”"),
            entry(1500, "click", "Clicked “Email”"),
            entry(2000, "input", "Typed in “Email”"),
        ],
        ["Clicked “Other”", "Typed in “Email”"],
    ),
    (
        [entry(1000, "click", "Clicked “Other”"), entry(2000, "input", "Typed in “Email”")],
        ["Clicked “Other”", "Typed in “Email”"],
    ),
    # a nameless click stays a line of its own; a late effect is not the click's
    (
        [entry(1000, "click", "Clicked a button"), entry(1100, "navigation", "Went to /cart")],
        ["Clicked a button", "Went to /cart"],
    ),
    (
        [entry(1000, "click", "Clicked “Buy”"), entry(1700, "navigation", "Went to /cart")],
        ["Clicked “Buy”", "Went to /cart"],
    ),
    # one navigation told twice
    (
        [entry(1000, "navigation", "Went to /cart"), entry(1200, "navigation", "Went to /cart")],
        ["Went to /cart"],
    ),
    # the clicks of a rage click
    (
        [
            entry(1000, "click", "Clicked “Send”"),
            entry(1100, "rage_click", "Clicked “Send” 4 times in a row", level="warning", until_ms=2000),
            entry(1500, "click", "Clicked “Send”"),
            entry(2000, "click", "Clicked “Send”"),
        ],
        ["Clicked “Send” 4 times in a row"],
    ),
    # scrolls explain nothing beside something else
    ([entry(1000, "scroll", "Scrolled down"), entry(2000, "click", "Clicked “x”")], ["Clicked “x”"]),
    ([entry(1000, "scroll", "Scrolled down"), entry(9000, "click", "Clicked “x”")], ["Scrolled down", "Clicked “x”"]),
    # what is not odd, and PostHog's own
    (
        [
            entry(1000, "console", "Console: hello"),
            entry(1500, "request", "GET /ok took 20 ms"),
            entry(2000, "custom", "Click captured", name="$autocapture"),
            entry(2500, "custom", "Call started", name="llm_call_started"),
            entry(3000, "idle", "Nothing for 8 s", until_ms=11_000),
            entry(3500, "request", "GET /slow took 4.2 s", level="warning"),
            entry(4000, "visibility", "Left the tab", name="window hidden"),
        ],
        ["GET /slow took 4.2 s", "Left the tab"],
    ),
]


@pytest.mark.parametrize(("entries", "told"), MERGED)
def test_what_tells_the_same_is_told_once(entries: list[Entry], told: list[str]) -> None:
    assert texts(*entries) == told


def test_the_request_of_a_failed_call_is_told_by_the_call() -> None:
    failed = call(1, 1000, 2300, status="failed", error="overloaded")
    assert texts(
        entry(2310, "request", "POST /api/chat failed with 503", level="error"),
        entry(2900, "request", "POST /api/log failed with 500", level="error"),
        calls=(failed,),
    ) == ["Asked nora-4-mini", "nora-4-mini failed after 1.3 s: overloaded", "POST /api/log failed with 500"]


def test_repeats_are_counted() -> None:
    polls = [
        entry(at, "request", f"GET /api/poll took {at / 1000:.1f} s", level="warning", method="GET", url="/api/poll", status=200)
        for at in range(1000, 6000, 1000)
    ]  # fmt: skip
    steps = choose_steps(timeline([*polls, entry(2500, "click", "Clicked “x”")]), plan())
    assert [(step.text, step.count) for step in steps] == [
        ("GET /api/poll took 1.0 s (5 times)", 5),
        ("Clicked “x”", 1),
    ]
    twice = [entry(1000, "click", "Clicked “+”"), entry(2000, "click", "Clicked “+”")]
    assert texts(*twice) == ["Clicked “+”", "Clicked “+”"]
    assert texts(*twice, entry(3000, "click", "Clicked “+”")) == ["Clicked “+” (3 times)"]


def test_what_matters_stays_and_the_rest_is_spread_over_the_clip() -> None:
    clicks = [entry(at, "click", f"Clicked “{at}”") for at in range(1000, 71_000, 500)]
    errors = [entry(at + 100, "console", f"Console error: {at}", level="error") for at in range(2000, 12_000, 1000)]
    steps = choose_steps(timeline([*clicks, *errors], [call(1, 30_000, 31_000)]), plan())
    assert len(steps) == MOST_STEPS
    assert sum(step.level == "error" for step in steps) == len(errors)
    assert sum(step.kind == "llm_call" for step in steps) == 2
    told_ms = [step.at_ms for step in steps if step.kind == "click"]
    assert (told_ms[0], told_ms[-1]) == (1000, 70_500)
    assert max(after - before for before, after in pairwise(told_ms)) < 4000
    few = most_telling(steps, 13)
    assert sum(step.level == "error" for step in few) == 10
    assert [step.number for step in few] == sorted(step.number for step in few)
    assert most_telling(steps, 0) == ()


KINDS: list[Kind] = ["page_load", "navigation", "click", "rage_click", "input", "scroll", "console", "request", "feedback", "exception", "custom"]  # fmt: skip
LEVELS: list[Level] = ["info", "warning", "error"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 73_000),
            st.sampled_from(KINDS),
            st.sampled_from(LEVELS),
            st.text(max_size=300) | st.sampled_from(["Clicked “A”", "Typed into “A”", "Error: A", "\u202e“\x00"]),
        ),
        max_size=80,
    )
)
def test_steps_are_in_order_inside_the_clip_and_harmless(
    happened: list[tuple[int, Kind, Level, str]],
) -> None:
    shown = plan(skipped=[(20_000, 30_000)], fps=30)
    steps = choose_steps(timeline([entry(at, kind, text, level=level) for at, kind, level, text in happened]), shown)
    assert len(steps) <= MOST_STEPS
    assert [step.number for step in steps] == list(range(1, len(steps) + 1))
    before: Step | None = None
    for step in steps:
        assert 0 <= step.video_ms < step.until_video_ms <= shown.duration_ms
        assert step.until_video_ms - step.video_ms <= MOST_SHOWN_MS
        assert 0 < len(step.text) <= 120
        assert not set(step.text) & {"\n", "\r", "\x00", "\u202e"}
        assert before is None or (before.at_ms <= step.at_ms and before.video_ms <= step.video_ms)
        before = step
