"""What Sentry's SDK writes: events with their times in seconds, envelopes around segments."""

import json
from typing import Any

import pytest

from renderer.recording.model import Recording
from tests.unit.redact_fixtures import START_MS, read

PAGE: dict[str, Any] = {"node": {"type": 0, "id": 1, "childNodes": []}, "initialOffset": {"left": 0, "top": 0}}
WEB: list[dict[str, Any]] = [
    {"type": 4, "timestamp": START_MS, "data": {"href": "https://x.test/", "width": 800, "height": 600}},
    {"type": 2, "timestamp": START_MS + 10, "data": PAGE},
    {"type": 3, "timestamp": START_MS + 900, "data": {"source": 3, "id": 1, "x": 0, "y": 5}},
]


def custom(timestamp: float, tag: str = "performanceSpan") -> dict[str, Any]:
    return {"type": 5, "timestamp": timestamp, "data": {"tag": tag, "payload": {"op": "memory"}}}


def segment(*events: dict[str, Any]) -> Recording:
    return read(json.dumps([*WEB, *events]).encode())


@pytest.mark.parametrize("tag", ["performanceSpan", "breadcrumb"])
def test_times_in_seconds_are_put_where_they_belong(tag: str) -> None:
    made = segment(custom(START_MS / 1000 + 0.5, tag))
    assert made.duration_ms == 900
    assert [event.at_ms for event in made.windows[0].events if event.type == 5] == [500]
    assert "stray_event" not in {notice.code for notice in made.notices}


def test_times_in_milliseconds_stay() -> None:
    assert [event.at_ms for event in segment(custom(START_MS + 300)).windows[0].events if event.type == 5] == [300]


def test_other_events_of_1970_are_of_a_wrong_clock() -> None:
    made = segment(custom(START_MS / 1000 + 0.5, "mine"))
    assert made.duration_ms == 900
    assert not [event for event in made.windows[0].events if event.type == 5]
    assert "stray_event" in {notice.code for notice in made.notices}


def test_envelopes_are_opened() -> None:
    lines = [{"event_id": "a", "sent_at": "2026-01-01T00:00:00Z", "sdk": {}}, {"type": "replay_event"}, {"type": "replay_event", "timestamp": 1.5, "urls": []},
             {"type": "replay_recording", "length": 9}, {"segment_id": 0}, WEB]  # fmt: skip
    made = read("\n".join(map(json.dumps, lines)).encode())
    assert made.kind == "sentry-envelopes"
    assert (made.event_count, made.notices) == (3, ())
