"""What a person did and what failed for it is one step; what was written is told by its sending."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.story.steps import MOST_IDLE_MS, choose_steps
from renderer.timeline.model import Entry, Level, LlmCall
from tests.unit.story_fixtures import call, entry, plan, timeline


def failed(
    at_ms: int, ended_ms: int | None = None, method: str = "POST", path: str = "/api/pay", **more: object
) -> Entry:
    status = more.pop("status", 500)
    title = f"{method} {path} failed with {status}"
    facts: dict[str, Any] = {
        "method": method,
        "path": path,
        "url": f"https://x.example{path}",
        "status": status,
        **more,
    }
    return entry(at_ms, "request", title, level="error", until_ms=ended_ms or at_ms + 60, **facts)


def said(at_ms: int, text: str, level: Level = "error", **more: Any) -> Entry:
    return entry(at_ms, "console", f"Console {level}: {text}", level=level, message=text, **more)


def texts(*entries: Entry, calls: tuple[LlmCall, ...] = ()) -> list[str]:
    return [step.text for step in choose_steps(timeline(entries, calls), plan())]


PAY = entry(1000, "click", "Clicked “Pay”")
THUMB = entry(1000, "feedback", "x", satisfied=False)

CAUSED = [
    # a click, what failed for it, and what the console says of that: by its path, or by its status
    ([PAY, failed(1010), said(1080, "no /api/pay today")], ["Clicked “Pay”; POST /api/pay failed with 500"]),
    ([PAY, failed(1010), said(1080, "answered (500)", "warning")], ["Clicked “Pay”; POST /api/pay failed with 500"]),
    ([PAY, said(1060, "/api/pay: no"), failed(1010)], ["Clicked “Pay”; POST /api/pay failed with 500"]),
    # another message, another number, another moment
    (
        [PAY, failed(1010), said(1080, "lost 1500 rows of /api/payments")],
        ["Clicked “Pay”; POST /api/pay failed with 500", "Console error: lost 1500 rows of /api/payments"],
    ),
    (
        [PAY, failed(1010), said(3000, "still 500")],
        ["Clicked “Pay”; POST /api/pay failed with 500", "Console error: still 500"],
    ),
    # too late, begun before, or of another window
    ([PAY, failed(1010, 2600)], ["Clicked “Pay”", "POST /api/pay failed with 500"]),
    ([PAY, failed(200, 1100)], ["Clicked “Pay”", "POST /api/pay failed with 500"]),
    ([entry(1000, "click", "Clicked “Pay”", window_id=None), failed(1010)], ["Clicked “Pay”; POST /api/pay failed with 500"]),
    # a page that was gone to fails for itself
    (
        [PAY, entry(1100, "navigation", "Went to /cart"), failed(1200)],
        ["Went to /cart (clicked “Pay”)", "POST /api/pay failed with 500"],
    ),
    # what failed second is told for itself
    (
        [PAY, failed(1010), failed(1030, path="/api/log")],
        ["Clicked “Pay”; POST /api/pay failed with 500", "POST /api/log failed with 500"],
    ),
    # a thumb is written, not read
    ([THUMB, failed(1010)], ["Gave the answer a thumbs-down; POST /api/pay failed with 500"]),
    ([THUMB, failed(1010, method="GET")], ["Gave the answer a thumbs-down", "GET /api/pay failed with 500"]),
    # a request that nobody asked for, and what the console says of it
    ([failed(1010), said(1080, "status 500")], ["POST /api/pay failed with 500"]),
    # without a status there is nothing to recognise it by but the path
    ([failed(1010, status=0, path="/"), said(1080, "0 things /")], ["POST / failed with 0", "Console error: 0 things /"]),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "told"), CAUSED)
def test_what_failed_is_told_with_what_caused_it(entries: list[Entry], told: list[str]) -> None:
    assert texts(*entries) == told


def test_all_of_it_is_an_error_and_stands_for_every_entry() -> None:
    entries = [PAY, failed(1010), said(1080, "no /api/pay today")]
    (step,) = choose_steps(timeline(entries), plan())
    assert (step.kind, step.level, step.at_ms) == ("click", "error", 1000)
    assert list(step.tells) == entries


def test_a_long_remark_leaves_room_for_what_failed() -> None:
    thumb = entry(1000, "feedback", "x", satisfied=False, text="because it is wrong " * 9)
    (text,) = texts(thumb, failed(1010))
    assert text.startswith("Gave the answer a thumbs-down: “because it is wrong")
    assert text.endswith("…”; POST /api/pay failed with 500")
    assert len(text) <= 120


def test_a_failed_call_swallows_what_the_console_says_of_its_request() -> None:
    calls = (call(1, 1000, 2300, status="failed", error="overloaded", http_status=503),)
    request = failed(1002, 2290, path="/api/chat", status=503)
    assert texts(request, said(2310, "/api/chat answered 503", "warning"), calls=calls) == [
        "Asked nora-4-mini",
        "nora-4-mini failed after 1.3 s: overloaded (503)",
    ]
    assert texts(said(2310, "got a 503", "warning"), calls=calls)[1:] == [
        "nora-4-mini failed after 1.3 s: overloaded (503)"
    ]


TYPED = entry(1000, "input", "Typed in “Name”", until_ms=3000)
SEND = entry(4000, "click", "Clicked “Send”")
SENT = [
    ([TYPED, SEND, entry(4010, "request", "POST /x answered 200", method="POST")], (), ["Clicked “Send”"]),
    ([TYPED, SEND, entry(4001, "custom", "Submitted", name="$autocapture", properties={"$event_type": "submit"})], (), ["Clicked “Send”"]),
    ([TYPED, SEND, entry(4100, "navigation", "Went to /done")], (), ["Went to /done (clicked “Send”)"]),
    ([TYPED], (call(1, 3500, None),), ["Asked nora-4-mini; no answer was recorded"]),
    # nothing was sent, another thing than what was written, much later, a form of several fields
    ([TYPED, SEND], (), ["Typed in “Name”", "Clicked “Send”"]),
    ([TYPED, SEND, entry(4010, "request", "GET /x answered 200", method="GET")], (), ["Typed in “Name”", "Clicked “Send”"]),
    ([TYPED, entry(3500, "navigation", "Went to /a"), SEND], (), ["Typed in “Name”", "Went to /a", "Clicked “Send”"]),
    ([TYPED], (call(1, 8500, None),), ["Typed in “Name”", "Asked nora-4-mini; no answer was recorded"]),
    (
        [entry(500, "input", "Typed in “Town”"), TYPED, SEND, entry(4010, "request", "x", method="POST")],
        (),
        ["Typed in “Town”", "Typed in “Name”", "Clicked “Send”"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entries", "calls", "told"), SENT)
def test_what_was_sent_at_once_was_written(entries: list[Entry], calls: tuple[LlmCall, ...], told: list[str]) -> None:
    assert texts(*entries, calls=calls) == told


def test_who_scrolls_back_reads_again() -> None:
    def scroll(at_ms: int, direction: str, pixels: int = 400) -> Entry:
        return entry(at_ms, "scroll", f"Scrolled {direction}", direction=direction, pixels=pixels)

    click = entry(3000, "click", "Marked “90 days”")
    assert texts(scroll(2000, "up"), click) == ["Scrolled up", "Marked “90 days”"]
    assert texts(scroll(1000, "up and down"), scroll(2000, "up"), click) == ["Scrolled up and down", "Marked “90 days”"]
    assert texts(scroll(2000, "down"), click) == ["Marked “90 days”"]
    assert texts(scroll(2000, "up", pixels=150), click) == ["Marked “90 days”"]


def test_that_something_was_skipped_is_told_for_a_moment() -> None:
    (cut,) = choose_steps(timeline([]), plan(skipped=[(20_000, 30_000)]))
    assert cut.until_video_ms - cut.video_ms == MOST_IDLE_MS


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 9000), st.sampled_from(["click", "thumb", "request", "said", "input", "rage"]), st.integers(0, 2000)
        ),
        max_size=25,
    )
)  # fmt: skip
def test_nothing_that_went_wrong_is_lost(happened: list[tuple[int, str, int]]) -> None:
    made: dict[str, Callable[[int, int], Entry]] = {
        "click": lambda at, _: entry(at, "click", "Clicked “Pay”"),
        "thumb": lambda at, _: entry(at, "feedback", "x", satisfied=False),
        "request": lambda at, more: failed(at, at + more, path=f"/api/{at}"),
        "said": lambda at, more: said(at, f"/api/{at - more} broke"),
        "input": lambda at, more: entry(at, "input", "Typed in “Name”", until_ms=at + more),
        "rage": lambda at, more: entry(at, "rage_click", "Clicked “Pay” 4 times", level="warning", until_ms=at + more),
    }
    entries = [made[what](at, more) for at, what, more in happened]
    steps = choose_steps(timeline(entries), plan())
    told = [told for step in steps for told in step.tells]
    for wrong in entries:
        if wrong.level == "error":
            assert sum(one is wrong for one in told) == 1, "told once, by one step"
    assert all(len(step.text) <= 120 for step in steps)
    assert [step.at_ms for step in steps] == sorted(step.at_ms for step in steps)
