"""How a recording ended: a tab that was closed, left or put away is no crash, and what proves nothing says nothing."""

from dataclasses import replace

import pytest

from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Ending
from tests.unit.timeline_fixtures import (
    FOCUS,
    START_MS,
    Json,
    click,
    el,
    event,
    full,
    meta,
    mouse,
    mutated,
    network,
    recording,
    request,
    scroll,
    tag,
    text,
    typed,
    window,
)

PAGE = [
    el(10, "button", "Save"),
    el(11, "a", "Help", href="/help"),
    el(12, "button", "Log out"),
    el(13, "p", text("0", 14)),
]
BEGUN = [meta(0), full(1, *PAGE)]


def moved(at_ms: int) -> tuple[int, Json]:
    return event(at_ms, 3, {"source": 1, "positions": [{"x": 5, "y": 5, "id": 3, "timeOffset": -300}]})


def ticked(at_ms: int) -> tuple[int, Json]:
    return mutated(at_ms, texts=[{"id": 14, "value": str(at_ms)}])


def told(name: str, at_ms: int, **properties: object) -> AnalyticsEvent:
    return AnalyticsEvent(name=name, at_unix_ms=START_MS + at_ms, origin="browser", properties=properties)


LEFT_BEFORE = told("$pageleave", 2000)
"""That of an earlier page: had this one been left, it would have been told as well."""


def ending(*parts: tuple[int, Json] | list[tuple[int, Json]], events: tuple[AnalyticsEvent, ...] = ()) -> Ending:
    flat: list[tuple[int, Json]] = []
    for part in (BEGUN, *parts):
        flat.extend(part if isinstance(part, list) else [part])
    found = build_timeline(recording(window("w", flat)), AnalyticsEvents(events=events)).ending
    assert found is not None
    return found


def test_a_recording_that_breaks_off_while_it_is_used():
    found = ending(click(19_000, 10), ticked(19_500), moved(20_000), events=(LEFT_BEFORE,))
    assert found == Ending(at_ms=20_000, last_action_ms=20_000, last_activity_ms=19_500, is_witnessed=True)
    assert found.abrupt


def test_a_tab_that_is_closed_tells_it_beside_the_recording_alone():
    """As posthog-js 1.449.2 does it in Chromium 152: no “window hidden”, a `$pageleave` 30 ms after the last event."""
    parts = [click(19_000, 10), [moved(19_500), ticked(19_700)]]
    closed = ending(*parts, events=(told("$pageview", 100), told("$pageleave", 20_075)))
    assert closed.is_witnessed
    assert closed.was_hidden
    assert not closed.abrupt
    assert ending(*parts, events=(LEFT_BEFORE, told("$pageview", 100))).abrupt


@pytest.mark.parametrize("events", [(), (told("$pageview", 100),), (told("llm_call_started", 100),)])
def test_where_nothing_tells_of_leaving_a_sudden_end_proves_nothing(events):
    hidden = [tag(3000, "window hidden"), tag(4000, "window visible")]
    found = ending(hidden, click(19_000, 10), moved(20_000), events=events)
    assert not found.is_witnessed
    assert not found.abrupt


def test_an_app_that_is_put_away():
    opened, away = told("Application Opened", 10), told("Application Backgrounded", 5000)
    assert ending(moved(20_000), events=(opened, away)).abrupt
    assert not ending(moved(20_000), events=(opened, away, told("Application Backgrounded", 20_100))).abrupt
    assert not ending(moved(20_000), events=(opened,)).abrupt


@pytest.mark.parametrize(
    "last",
    [
        [tag(20_000, "window hidden")],
        [tag(19_500, "window hidden"), ticked(20_000)],
        click(19_000, 11),  # a link
        click(19_000, 12),
        [meta(19_000, "https://shop.example/next"), full(19_001, *PAGE)],
        [tag(19_000, "$url_changed", {"href": "https://shop.example/next"})],
    ],
)
def test_who_leaves_just_before_has_left(last):
    found = ending(
        moved(19_400 if len(last) > 1 else 19_000),
        sorted([*last, ticked(20_000)], key=lambda each: each[0]),
        events=(LEFT_BEFORE,),
    )
    assert found.was_hidden
    assert not found.abrupt


def test_who_came_back_has_not_left():
    hidden = [tag(12_000, "window hidden"), tag(15_000, "window visible")]
    assert ending(hidden, moved(20_000), events=(LEFT_BEFORE,)).abrupt
    assert ending(hidden[:1], click(19_000, 10), moved(20_000), events=(LEFT_BEFORE,)).abrupt


@pytest.mark.parametrize(
    "name", ["$session_ending", "$session_id_change", "sessionIdle", "recording paused", "browser offline"]
)
def test_a_recorder_that_stops_by_itself_is_no_crash(name):
    found = ending(moved(19_500), tag(20_000, name, {}), events=(LEFT_BEFORE,))
    assert found.was_stopped
    assert not found.abrupt


def test_a_browser_that_was_back_on_line_and_one_that_told_more_later():
    off, on = tag(5000, "browser offline"), tag(6000, "browser online")
    assert not ending(off, on, moved(20_000), events=(LEFT_BEFORE,)).was_stopped
    later = ending(moved(20_000), events=(LEFT_BEFORE, told("$autocapture", 24_000)))
    assert later.was_stopped
    assert not ending(moved(20_000), events=(LEFT_BEFORE, told("$ai_generation", 24_000))).was_stopped


@pytest.mark.parametrize(
    ("parts", "abrupt"),
    [
        ([click(12_000, 10), ticked(20_000)], True),  # an answer that comes
        ([click(12_000, 10), ticked(50_000)], False),  # a clock that ticks, and nobody there
        ([ticked(20_000)], False),
        ([click(5000, 10), tag(20_000, "checkout")], False),  # nothing went on
        ([moved(18_000), tag(20_000, "checkout")], True),
        ([moved(17_999), tag(20_000, "checkout")], False),
        ([moved(9_999)], False),  # too short to tell
    ],
)
def test_what_is_sudden(parts, abrupt):
    assert ending(*parts, events=(LEFT_BEFORE,)).abrupt is abrupt


@pytest.mark.parametrize(
    ("last", "at_ms"),
    [
        (moved(12_000), 12_000),
        (mouse(12_000, 7, 10), 12_000),
        (typed(12_000, 10, "abc"), 12_000),
        (scroll(12_000, 300), 12_000),
        (typed(12_000, 10, "abc", userTriggered=False), 5000),
        (mouse(12_000, FOCUS, 10), 5000),
        ([ticked(11_950), scroll(12_000, 300)], 5000),
        (event(12_000, 3, {"source": 7, "type": 0, "id": 10}), 5000),
    ],
)
def test_the_last_action_is_the_hand_s(last, at_ms):
    found = ending(click(5000, 10), last, tag(20_000, "checkout"))
    assert (found.last_action_ms, found.at_ms) == (at_ms, 20_000)


def test_the_page_that_a_recording_begins_with_is_not_where_it_was_left_for():
    assert not ending(moved(3000)).was_hidden
    assert ending(moved(1000), meta(2000, "https://shop.example/next"), full(2001), moved(3000)).was_hidden


def test_a_session_in_which_nobody_did_anything():
    found = ending(tag(20_000, "checkout"))
    assert (found.last_action_ms, found.last_activity_ms, found.abrupt) == (None, None, False)


def test_what_was_asked_for_and_had_no_answer_yet():
    begun = told("llm_call_started", 15_000, call_id="1", model="m")
    done = told("llm_call_completed", 16_000, call_id="1", model="m", latency_ms=1000)
    assert ending(moved(20_000), events=(begun,)).request_open
    assert not ending(moved(20_000), events=(begun, done)).request_open
    assert not ending(moved(90_000), events=(begun,)).request_open
    streamed = request(15_000, status=200)
    del streamed["entryType"], streamed["duration"]
    assert ending(network(16_000, streamed | {"endTime": 400.0}), moved(20_000)).request_open
    assert not ending(network(16_000, request(15_000)), moved(20_000)).request_open


def test_of_several_windows_the_one_counts_that_the_user_was_in_last():
    def two(first: list[tuple[int, Json]], second: list[tuple[int, Json]]) -> Ending:
        one = window("a", [*BEGUN, *click(1000, 10), *first])
        other = window("b", [meta(5000), full(5001, *PAGE), *second])
        found = build_timeline(recording(one, other), AnalyticsEvents(events=(LEFT_BEFORE,))).ending
        assert found is not None
        return found

    hidden, shown = tag(5000, "window hidden"), tag(15_000, "window visible")
    assert two([hidden], [*click(8000, 10), moved(20_000)]).abrupt
    back = two([hidden, shown, moved(20_000)], [*click(8000, 10), tag(15_000, "window hidden")])
    assert back.abrupt
    assert two([hidden], [*click(8000, 10), moved(18_000), tag(20_000, "window hidden")]).was_hidden


def test_abrupt_needs_a_witness_and_a_use():
    found = Ending(at_ms=20_000, last_action_ms=19_000, is_witnessed=True)
    assert found.abrupt
    for less in ({"is_witnessed": False}, {"was_hidden": True}, {"was_stopped": True}, {"last_action_ms": None}):
        assert not replace(found, **less).abrupt
