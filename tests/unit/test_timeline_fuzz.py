"""A recording is hostile input: whatever its events hold, there is a timeline, and it can be drawn."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.recording.decode.depth import json_depth
from renderer.recording.model import Event, Viewport, Window
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline
from tests.unit.timeline_fixtures import Json, click, el, event, full, meta, mouse, mutated, recording, session, window

pytestmark = pytest.mark.slow

KEYS = [
    *(
        "source",
        "type",
        "id",
        "x",
        "y",
        "text",
        "isChecked",
        "href",
        "width",
        "height",
        "tag",
        "payload",
        "plugin",
        "level",
    ),
    *(
        "trace",
        "requests",
        "name",
        "status",
        "timestamp",
        "startTime",
        "duration",
        "adds",
        "removes",
        "texts",
        "attributes",
    ),
    *("node", "parentId", "nextId", "ranges", "start", "end", "pointerType", "method", "initiatorType", "entryType"),
    *("childNodes", "tagName", "textContent", "value"),
]
WORDS = [
    "$pageview",
    "rrweb/console@1",
    "rrweb/network@1",
    "window hidden",
    "title",
    "head",
    "html",
    "iframe",
    "label",
    "a",
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 20),
    st.integers(),
    st.floats(),
    st.sampled_from(WORDS),
    st.text(st.characters(), max_size=20),
    st.just("\u202e" * 50 + "x" * 5000),
    st.just("https://[::1/\ud800"),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=12,
)
EVENTS = st.tuples(
    st.integers(0, 3000),
    st.integers(0, 6),
    st.integers(0, 16),
    st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=6) | VALUES,
)
CONTROL = {chr(number) for number in (*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in texts(item)]
    return [text for item in value for text in texts(item)] if isinstance(value, tuple) else []


def check(timeline: Timeline) -> None:
    assert [entry.at_ms for entry in timeline.entries] == sorted(entry.at_ms for entry in timeline.entries)
    for entry in timeline.entries:
        assert 0 <= entry.at_ms <= timeline.duration_ms
        assert entry.until_ms is None or entry.at_ms <= entry.until_ms <= timeline.duration_ms
        assert 0 < len(entry.title) <= 300
        for text in texts({**entry.properties, "title": entry.title, "name": entry.name}):
            assert len(text) <= 2000
            assert not CONTROL & set(text)
            text.encode("utf-8")
    for place in timeline.places:
        assert not CONTROL & set(place.title + place.url)


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, max_size=25))
def test_odd_events_are_passed_over(odd):
    body = [el(10, "button", "Send"), el(11, "input", id="a"), el(12, "label", "Name", for_="a")]
    start = window("w", [meta(0), full(1, *body)])
    events = list(start.events)
    for apart_ms, event_type, source, data in sorted(odd, key=lambda each: each[0]):
        told = {"type": event_type, "data": {**data, "source": source} if isinstance(data, dict) else data}
        raw = json.dumps(told).encode()
        events.append(Event(10 + apart_ms, event_type, source if event_type == 3 else None, raw))
    check(build_timeline(recording(Window("w", tuple(events), (Viewport(0, 1280, 720, None),)))))


def test_json_that_no_parser_takes_is_passed_over():
    raws = [
        b"",
        b"nonsense",
        b"[" * 3000,
        b'{"data":' * 900 + b"1" + b"}" * 900,
        b'{"data":{"id":1e999}}',
        b'{"data":"\\ud800"}',
    ]
    start = window("w", [meta(0), full(1)])
    events = [
        Event(10 * number + kind, kind, source, raw)
        for number, raw in enumerate(raws)
        for kind, source in ((2, None), (3, 0), (3, 2), (4, None), (5, None), (6, None))
    ]
    check(build_timeline(recording(Window("w", (*start.events, *events), start.viewports))))


def test_a_snapshot_as_deep_as_recordings_may_be_is_read():
    deep: Json = el(100, "button", "deep")
    for number in range(101, 1900):
        deep = el(number, "div", deep)
    with json_depth(8000):  # to write it
        own = window("w", [meta(0), full(1, deep), *click(1000, 100), event(5000, 5, {"tag": "$session_ending"})])
    assert [entry.title for entry in build_timeline(recording(own)).entries if "click" in entry.kind] == [
        "Clicked “deep”, and nothing happened"
    ]


def test_crowds_cost_little():
    """A thousand clicks in a page of twenty thousand labels that changes before each of them."""
    crowd = [el(1000 + number, "label", "Name", for_=f"f{number}") for number in range(20_000)]
    fields = [el(50_000 + number, "input", id=f"f{number}") for number in range(10)]
    parts = []
    for number in range(1000):
        attributes = {"id": 1000 + number, "attributes": {"class": str(number)}}
        parts.append(mutated(10 + 10 * number, attributes=[attributes]))
        parts.append(mouse(11 + 10 * number, 2, 50_000 + number % 10, number + 1, number))
    begun = time.process_time()
    timeline = session(meta(0), full(1, *crowd, *fields), parts)
    assert time.process_time() - begun < 3
    assert {entry.title for entry in timeline.entries if entry.kind == "click"} == {"Clicked into “Name”"}
