"""Requests and console messages, as the recorder's plugins tell them."""

from typing import Any

import pytest

from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Entry
from renderer.timeline.recorded.collected import MOST_OF_A_KIND
from tests.unit.timeline_fixtures import (
    START_MS,
    Json,
    console,
    event,
    full,
    meta,
    network,
    recording,
    request,
    session,
    titles,
    told,
    window,
)


def requested(*requests: Json, at_ms: int = 9000) -> list[Entry]:
    return told(session(meta(0), full(1), network(at_ms, *requests)), "request")


def test_a_request_has_its_facts_on_the_sessions_clock():
    (entry,) = requested(request(1000, method="POST", transferSize=310))
    assert (entry.at_ms, entry.until_ms, entry.level, entry.title) == (
        1000,
        1120,
        "info",
        "POST /api/order answered 200",
    )
    assert entry.properties == {
        "method": "POST",
        "url": "https://shop.example/api/order",
        "host": "shop.example",
        "path": "/api/order",
        "status": 200,
        "duration_ms": 120,
        "initiator": "fetch",
        "bytes": 310,
        "streamed": False,
        "failed": False,
        "slow": False,
    }


@pytest.mark.parametrize(
    ("more", "level", "title"),
    [
        ({"status": 503}, "error", "GET /api/order failed with 503"),
        ({"status": 404, "responseStatus": 404}, "error", "GET /api/order failed with 404"),
        ({"duration": 3001}, "warning", "GET /api/order took 3.0 s"),
        ({"duration": 3000}, "info", "GET /api/order answered 200"),
        ({"duration": 30_000, "contentType": "text/event-stream"}, "info", "GET /api/order answered 200"),
        (
            {"duration": 30_000, "responseHeaders": {"content-type": "application/x-ndjson; charset=utf-8"}},
            "info",
            "GET /api/order answered 200",
        ),
        ({"status": 0}, "warning", "GET /api/order got no answer"),
        ({"status": None, "error": "net::ERR_FAILED"}, "error", "GET /api/order failed: net::ERR_FAILED"),
        ({"status": None, "method": None}, "info", "/api/order was sent"),
        ({"name": "https://api.example/v1?x=1"}, "info", "GET api.example/v1 answered 200"),
    ],
)
def test_failed_and_slow_requests_stand_out(more, level, title):
    (entry,) = requested(request(1000) | more, at_ms=40_000)
    assert (entry.level, entry.title) == (level, title)


def test_a_streamed_answer_is_recorded_with_its_headers_alone():
    url = "https://shop.example/api/chat"
    wrapper = {
        "name": url,
        "startTime": 11_456,
        "endTime": 15_966,
        "timestamp": START_MS + 2000,
        "method": "POST",
        "initiatorType": "fetch",
        "status": 200,
    }
    (entry,) = requested(wrapper)
    assert (entry.at_ms, entry.until_ms, entry.level) == (2000, None, "info")
    assert entry.properties["first_byte_ms"] == 4510
    assert entry.properties["streamed"] is True
    assert "duration_ms" not in entry.properties


def test_one_request_told_twice_is_one():
    timed = request(1000, method=None, status=None, responseStatus=0)
    wrapper = {
        "name": timed["name"],
        "startTime": 90,
        "endTime": 200,
        "timestamp": START_MS + 1004,
        "method": "PUT",
        "initiatorType": "fetch",
        "status": 201,
    }
    (entry,) = requested(wrapper, timed, timed)
    assert (entry.title, entry.properties["duration_ms"]) == ("PUT /api/order answered 201", 120)
    two = requested(
        request(1000), request(1000, "https://shop.example/api/other"), request(1400), request(1000, method="POST")
    )
    assert len(two) == 4


def test_pictures_and_scripts_are_told_only_when_they_fail():
    static = [
        request(1000 + number, f"https://shop.example/{kind}", initiatorType=kind, method=None)
        for number, kind in enumerate(["img", "css", "script", "link", "other"])
    ]
    broken = request(
        2000, "https://shop.example/logo.svg", initiatorType="img", method=None, status=None, responseStatus=404
    )
    assert [entry.title for entry in requested(*static, broken)] == ["/logo.svg failed with 404"]


@pytest.mark.parametrize(
    "url",
    [
        "https://us.i.posthog.com/e/?ip=0",
        "https://eu-assets.i.posthog.com/static/array.js",
        "https://shop.example/s/?compression=gzip-js",
        "https://shop.example/ingest/flags/?v=2",
        "https://shop.example/i/v0/e/",
        "https://shop.example/array/phc_abc/config.js",
        "https://ingest.shop.example/array/••••••••/config",
        "https://shop.example/static/lazy-recorder.js",
    ],
)
def test_the_recorders_own_requests_are_left_out(url):
    assert requested(request(1000, url, method="POST", status=500)) == []


@pytest.mark.parametrize(
    "url", ["https://shop.example/s/shoes", "https://shop.example/api/events/", "https://notposthog.com/e"]
)
def test_those_of_the_application_are_not(url):
    assert len(requested(request(1000, url))) == (0 if url.endswith("/e") else 1)


def test_times_outside_the_session_are_put_inside():
    before, after, absurd = requested(
        request(-345), request(90_000, method="PUT"), request(0, timestamp=1e300, method="DELETE")
    )
    assert (before.at_ms, before.until_ms) == (0, 0)
    assert (after.at_ms, absurd.at_ms) == (8880, 8880)


def said(level: str, *payload: Any, trace: list[str] | None = None) -> list[Entry]:
    return told(session(meta(0), full(1), console(1000, level, *payload, trace=trace)), "console", "exception")


@pytest.mark.parametrize(
    ("level", "payload", "kind", "shown", "title"),
    [
        (
            "error",
            ["Could not save:", "Error: no\n    at x (http://a/b.js:1:2)\nEnd of stack for Error object"],
            "console",
            "error",
            "Console error: Could not save: Error: no",
        ),
        ("warn", ["no source", {"score": 0.3}], "console", "warning", "Console warning: no source"),
        ("log", ["plain", 7, None, True], "console", "info", "Console: plain 7 null true"),
        ("assert", ["broken"], "console", "error", "Console error: broken"),
        (
            "error",
            ["Uncaught TypeError: x is not a function"],
            "exception",
            "error",
            "Uncaught TypeError: x is not a function",
        ),
        ("error", [], "console", "error", "Console error: (no text)"),
        (
            "log",
            ["%cNora%c ready in %d ms, %s", "color: red", "", 12, "ok", "rest"],
            "console",
            "info",
            "Console: Nora ready in 12 ms, ok rest",
        ),
        ("error", ["Oops\nfunc@http://a/b.js:1:2\n"], "console", "error", "Console error: Oops"),
    ],
)
def test_a_message_is_a_line_with_its_level(level, payload, kind, shown, title):
    (entry,) = said(level, *payload)
    assert (entry.kind, entry.level, entry.title) == (kind, shown, title)


def test_a_message_keeps_a_thousand_characters_and_its_first_frame():
    (entry,) = said("error", "\u202e" + "x" * 1_000_000, trace=["ask (http://a/app.js:48:33)", "more"])
    assert entry.properties["message"] == "x" * 999 + "…"
    assert entry.properties["source"] == "ask (http://a/app.js:48:33)"
    assert len(entry.title) == 160


def test_texts_that_the_recorder_cut_are_read_all_the_same():
    payload = {"level": "error", "trace": [], "payload": ['"He said \\"no...[truncated]', "not json", 5, {"odd": 1}]}
    timeline = session(meta(0), full(1), event(1000, 6, {"plugin": "rrweb/console@1", "payload": payload}))
    assert titles(timeline, "console") == ['Console error: He said "no...[truncated] not json 5']


def test_equal_messages_stay_apart():
    timeline = session(meta(0), full(1), [console(1000 + number, "error", "again") for number in range(3)])
    assert len(told(timeline, "console")) == 3


def test_a_page_that_logs_in_a_loop_keeps_its_errors_and_says_what_was_left_out():
    chatter = [console(1000 + number, "log", "tick") for number in range(MOST_OF_A_KIND + 7)]
    timeline = session(meta(0), full(1), chatter, console(9000, "error", "real"))
    assert len(told(timeline, "console")) == MOST_OF_A_KIND + 1
    assert [(notice.code, notice.count) for notice in timeline.notices] == [("timeline_cut", 7)]


def test_an_exception_that_the_console_tells_too_is_one():
    exception = AnalyticsEvent(
        name="$exception",
        at_unix_ms=START_MS + 1400,
        origin="browser",
        properties={"$exception_list": [{"type": "TypeError", "value": "cart is undefined"}]},
    )
    own = window(
        "w",
        [
            meta(0),
            full(1),
            console(1000, "error", "Uncaught TypeError: cart is undefined"),
            console(1200, "error", "something else"),
            console(5000, "error", "TypeError: cart is undefined"),
        ],
    )
    timeline = build_timeline(recording(own), AnalyticsEvents(events=(exception,)))
    assert [(entry.at_ms, entry.kind) for entry in told(timeline, "console", "exception")] == [
        (1200, "console"),
        (1400, "exception"),
        (5000, "console"),
    ]
