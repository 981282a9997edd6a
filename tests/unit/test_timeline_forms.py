"""Every form of events file, told from its content."""

import gzip
import json
import re
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.errors import RecordingError
from renderer.sources.events import fetch_events
from renderer.timeline.analytics import AnalyticsEvent, AnalyticsEvents
from renderer.timeline.forms import rows
from renderer.timeline.forms.instants import unix_ms
from renderer.timeline.forms.limits import MAX_EVENT_BYTES, MAX_FILE_BYTES
from renderer.timeline.forms.read import read_events
from renderer.timeline.told.read import read_told

AT = 1_795_452_604_797.0
ISO = "2026-11-23T16:50:04.797Z"
NANOS = "1795452604797000000"
ROW: dict[str, Any] = {
    "uuid": "u1", "event": "llm_call_started", "timestamp": ISO, "distinct_id": "cus_1",
    "properties": {"$session_id": "s1", "$window_id": "w1", "$lib": "web", "llm_call_id": "a", "model": "nova"},
    "person": {"properties": {"email": "someone@example.com"}},
}  # fmt: skip
SPAN: dict[str, Any] = {
    "traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "chat nova", "kind": 3,
    "startTimeUnixNano": "1795452601797000000", "endTimeUnixNano": NANOS,
    "attributes": [
        {"key": "gen_ai.request.model", "value": {"stringValue": "nova"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "12"}},
        {"key": "gen_ai.request.temperature", "value": {"doubleValue": 0.5}},
        {"key": "stream", "value": {"boolValue": True}},
        {"key": "gen_ai.response.finish_reasons", "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}},
        {"key": "extra", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"intValue": 1}}]}}},
        {"key": "gen_ai.input.messages", "value": {"stringValue": '[{"role":"user","parts":[{"type":"text","content":"Hi"}]}]'}},
    ],
    "status": {"code": 2, "message": "overloaded"},
    "events": [{"timeUnixNano": NANOS, "name": "gen_ai.user.message", "attributes": [{"key": "content", "value": {"stringValue": "Hi"}}]}],
}  # fmt: skip
SCOPE = {"scope": {"name": "openai"}, "spans": [SPAN]}
RESOURCE = {
    "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "billing"}}]},
    "scopeSpans": [SCOPE],
}
REQUEST = {"resourceSpans": [RESOURCE]}


def read(value: Any) -> AnalyticsEvents:
    return read_events(value if isinstance(value, bytes) else json.dumps(value).encode(), "events.json")


def lines(*values: Any) -> bytes:
    return b"\n".join(value if isinstance(value, bytes) else json.dumps(value).encode() for value in values) + b"\n"


def only(found: AnalyticsEvents) -> AnalyticsEvent:
    (one,) = found.events
    return one


POSTHOG: dict[str, Any] = {
    "a list": [ROW],
    "a page of the API": {"next": None, "results": [ROW]},
    "one event": ROW,
    "lines": lines(ROW),
    "lines of pages": lines({"results": [ROW]}),
    "a capture batch": {"api_key": "phc_x", "batch": [ROW], "sent_at": ISO},
    "a batch with ages": {"batch": [{**{k: v for k, v in ROW.items() if k != "timestamp"}, "offset": 3000}], "sent_at": "2026-11-23T16:50:07.797Z"},
    "a HogQL answer": {
        "columns": ["uuid", "event", "timestamp", "distinct_id", "properties", "person"],
        "types": [["uuid", "UUID"]],
        "results": [["u1", "llm_call_started", "2026-11-23T16:50:04.797000Z", "cus_1", json.dumps(ROW["properties"]), json.dumps(ROW["person"])]],
    },
    "a wrapped page": {"data": {"results": [ROW]}},
    "a byte order mark": b"\xef\xbb\xbf" + json.dumps([ROW]).encode(),
    "properties as a string": [{**ROW, "properties": json.dumps(ROW["properties"])}],
}  # fmt: skip


@pytest.mark.parametrize("form", POSTHOG)
def test_posthogs_forms_give_the_same_event(form):
    found = read(POSTHOG[form])
    assert only(found) == AnalyticsEvent(
        name="llm_call_started", at_unix_ms=AT, origin="browser", properties=ROW["properties"], uuid="u1", session_id="s1",
        window_id="w1", distinct_id="cus_1", person=ROW["person"],
    )  # fmt: skip
    assert found.notices == ()


PLAIN: dict[str, Any] = {
    "event, nested": {"event": "llm_call_started", "timestamp": ISO, "properties": {"llm_call_id": "a", "model": "nova"}},
    "name, flat": {"name": "llm_call_started", "timestamp": ISO, "llm_call_id": "a", "model": "nova"},
    "type, ms": {"type": "llm_call_started", "timestamp": AT, "llm_call_id": "a", "model": "nova"},
    "seconds": {"event": "llm_call_started", "time": AT / 1000, "llm_call_id": "a", "model": "nova"},
    "ms as a string": {"event": "llm_call_started", "ts": str(AT), "llm_call_id": "a", "model": "nova"},
    "another zone": {"event": "llm_call_started", "timestamp": "2026-11-23T18:50:04.797+02:00", "llm_call_id": "a", "model": "nova"},
    "no zone": {"event": "llm_call_started", "timestamp": "2026-11-23 16:50:04.797", "llm_call_id": "a", "model": "nova"},
    "both flat and nested": {"event": "llm_call_started", "timestamp": ISO, "llm_call_id": "a", "properties": {"model": "nova"}},
    "attributes": {"name": "llm_call_started", "timestamp": ISO, "attributes": {"llm_call_id": "a", "model": "nova"}},
}  # fmt: skip


@pytest.mark.parametrize("form", PLAIN)
def test_the_plain_form_is_flat_or_nested_with_any_clock(form):
    for found in (read([PLAIN[form]]), read(lines(PLAIN[form], PLAIN[form]))):
        event = found.events[0]
        assert (event.name, round(event.at_unix_ms, 3), event.origin) == ("llm_call_started", AT, "browser")
        assert event.properties == {"llm_call_id": "a", "model": "nova"}
        assert found.notices == ()


OTLP: dict[str, Any] = {
    "a request": REQUEST,
    "requests, one a line": lines(REQUEST),
    "a list of requests": [REQUEST],
    "resource spans, one a line": lines(RESOURCE),
    "in snake case": {"resource_spans": [{"resource": RESOURCE["resource"], "scope_spans": [SCOPE]}]},
    "before version 0.15": {
        "resourceSpans": [{"resource": RESOURCE["resource"], "instrumentationLibrarySpans": [SCOPE]}]
    },
}


@pytest.mark.parametrize("form", OTLP)
def test_otlp_spans_are_events_that_end(form):
    event = only(read(OTLP[form]))
    assert (event.name, event.at_unix_ms, event.origin, event.session_id) == ("gen_ai", AT, "server", None)
    assert event.properties == {
        "gen_ai.request.model": "nova", "gen_ai.usage.input_tokens": 12, "gen_ai.request.temperature": 0.5, "stream": True,
        "gen_ai.response.finish_reasons": ["stop"], "extra": {"a": 1},
        "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "Hi"}]}],
        "span_name": "chat nova", "trace_id": SPAN["traceId"], "span_id": SPAN["spanId"], "service": "billing",
        "status_message": "overloaded", "is_error": True, "latency_ms": 3000.0,
        "span_events": [{"name": "gen_ai.user.message", "at_unix_ms": AT, "attributes": {"content": "Hi"}}],
    }  # fmt: skip


def test_a_span_alone_and_one_that_an_sdk_prints():
    assert only(read(SPAN)).properties["latency_ms"] == 3000
    assert len(read(lines(SPAN, SPAN)).events) == 2
    printed = {
        "name": "chat nova", "context": {"trace_id": "0xabc", "span_id": "0xdef"}, "parent_id": "0x1",
        "start_time": "2026-11-23T16:50:01.797000Z", "end_time": "2026-11-23T16:50:04.797000Z",
        "status": {"status_code": "ERROR"}, "attributes": {"gen_ai.system": "acme"},
    }  # fmt: skip
    event = only(read([printed]))
    assert (event.name, event.at_unix_ms) == ("gen_ai", AT)
    told = {
        name: event.properties[name] for name in ("trace_id", "span_id", "parent_span_id", "is_error", "latency_ms")
    }
    assert told == {
        "trace_id": "0xabc",
        "span_id": "0xdef",
        "parent_span_id": "0x1",
        "is_error": True,
        "latency_ms": 3000.0,
    }


def test_spans_of_other_things_keep_their_name_and_a_running_one_has_no_latency():
    http = {**SPAN, "name": "POST /chat", "attributes": [], "events": []}
    assert only(read(http)).name == "POST /chat"
    running = only(read({**SPAN, "endTimeUnixNano": "0"}))
    assert (running.at_unix_ms, running.properties["unfinished"]) == (AT - 3000, True)
    assert "latency_ms" not in running.properties


def test_a_browsers_spans_are_by_the_browsers_clock():
    resource = {"attributes": [{"key": "telemetry.sdk.language", "value": {"stringValue": "webjs"}}]}
    assert only(read({"resourceSpans": [{"resource": resource, "scopeSpans": [SCOPE]}]})).origin == "browser"


def test_heavy_columns_of_ai_events_come_back_as_properties():
    answer = {
        "columns": ["event", "timestamp", "trace_id", "input", "output_choices", "properties.$ai_model", "properties"],
        "results": [
            ["$ai_generation", ISO, "t", '[{"role":"user","content":"Hi"}]', "[]", "nova", '{"$ai_latency":1.5}']
        ],
    }
    event = only(read(answer))
    assert event.properties == {
        "$ai_latency": 1.5, "$ai_trace_id": "t", "$ai_input": [{"role": "user", "content": "Hi"}], "$ai_output_choices": [],
        "$ai_model": "nova",
    }  # fmt: skip
    assert event.origin == "server"


@pytest.mark.parametrize(
    ("properties", "origin"),
    [
        ({"$lib": "web"}, "browser"), ({"$lib": "posthog-python"}, "server"), ({"$lib": "posthog-node"}, "server"),
        ({"$lib": "posthog-react-native"}, "browser"), ({"$current_url": "x"}, "browser"), ({"source": "backend"}, "server"),
        ({}, "browser"),
    ],
)  # fmt: skip
def test_the_library_tells_whose_clock_it_is(properties, origin):
    assert only(read([{"event": "x", "timestamp": ISO, "properties": properties}])).origin == origin


def test_llm_events_come_from_servers_and_reactions_from_browsers():
    names = ["$ai_generation", "$ai_trace", "$ai_feedback", "$ai_metric"]
    found = read([{"event": name, "timestamp": ISO} for name in names])
    assert [event.origin for event in found.events] == ["server", "server", "browser", "browser"]


@pytest.mark.parametrize(
    ("value", "at"),
    [
        (1_795_452_604, 1_795_452_604_000.0), (AT, AT), (AT * 1000, AT), (NANOS, AT), ("2026-11-23", 1_795_392_000_000.0),
        ("2026-11-23T16:50:04.797123456Z", AT + 0.123), ("2026-11-23 16:50:04+00", 1_795_452_604_000.0),
        ("2026-11-23 16:50:04.797 UTC", AT), (5000, None), (-1, None), (True, None), ("soon", None), ("", None), (None, None),
        ("9999-12-31T23:59:59Z", None), ("1" * 400, None), (float("inf"), None), ([], None), (10**400, None),
    ],
)  # fmt: skip
def test_instants(value, at):
    assert unix_ms(value) == (pytest.approx(at, abs=0.01) if at is not None else None)


def test_what_has_no_time_or_is_no_event_is_passed_over_and_counted():
    snapshot = {"event": "$snapshot", "timestamp": ISO, "properties": {"$snapshot_data": []}}
    found = read(
        [ROW, {"event": "x"}, {"event": "x", "timestamp": "soon"}, 5, "text", {}, {"type": 3, "timestamp": 1}, snapshot]
    )
    assert len(found.events) == 1
    assert {each.code: each.count for each in found.notices} == {"event_without_time": 2, "not_an_event": 4}


def test_an_empty_list_is_a_file_without_events():
    found = read(b"[]")
    assert (found.events, [each.code for each in found.notices]) == ((), ["no_events"])


def test_lines_that_are_no_json_are_skipped_and_a_cut_one_is_named():
    found = read(lines(ROW, b"oops", ROW) + b'{"event": "cut')
    assert len(found.events) == 2
    assert {each.code: each.count for each in found.notices} == {"bad_lines": 1, "cut_last_line": 1}
    assert len(read(lines(b"oops{", ROW, ROW)[4:]).events) == 2


def test_what_javascript_and_python_write_is_mended():
    body = json.dumps([{**ROW, "properties": {"score": float("nan"), "text": "half \ud83d"}}]).encode()
    found = read(body)
    assert only(found).properties == {"score": None, "text": "half \ufffd"}
    assert {each.code for each in found.notices} == {"non_finite_numbers", "lone_surrogates"}


def test_the_digest_is_of_what_was_read():
    body = json.dumps([ROW]).encode()
    assert read(body).digest == sha256(body).hexdigest()


@pytest.mark.parametrize(
    "pack", [gzip.compress, zstandard.compress, lambda body: zstandard.compress(gzip.compress(body)), bytes]
)
def test_files_may_be_compressed(tmp_path, pack):
    path = tmp_path / "events.bin"
    path.write_bytes(pack(lines(ROW, ROW)))
    assert [event.name for event in fetch_events(str(path)).events] == ["llm_call_started"] * 2
    assert fetch_events(f"file:{path}") == fetch_events(str(path))


BAD: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "empty_file", "export the session's events again"),
    "blank": (b" \n\t ", "empty_file", "export"),
    "prose": (b"hello there", "not_json", "give PostHog events"),
    "a table": (b"event,timestamp\nx,1\n", "not_json", "give PostHog events"),
    "a number": (b"42", "not_json", "give"),
    "broken": (b'{"event": "x",, }', "not_json", "give"),
    "cut": (json.dumps([ROW, ROW]).encode()[:-40], "truncated_json", "copy or download it again"),
    "cut, pretty": (json.dumps([ROW, ROW], indent=1).encode()[:-40], "truncated_json", "copy or download it again"),
    "an object of something else": (b'{"hello": "world"}', "not_events", "give PostHog events"),
    "a recording": (
        json.dumps([{"type": 4, "timestamp": AT, "data": {"href": "x"}}] * 3).encode(),
        "not_events",
        "holds no events",
    ),
    "UTF-16": (json.dumps([ROW]).encode("utf-16"), "not_utf8", "save it as UTF-8"),
    "too deep": (b"[" * 100_000 + b"]" * 100_000, "json_too_deep", "nests too deep"),
    "damaged gzip": (
        gzip.compress(json.dumps([ROW] * 50).encode())[:-20],
        "truncated_gzip",
        "copy or download it again",
    ),
    "a zip archive": (b"PK\x03\x04" + b"\0" * 60, "unsupported_compression", "decompress it first"),
    "a bomb": (gzip.compress(b"[" + b" " * 90_000_000 + b"]"), "compression_bomb", "inflates to far more"),
    "a larger bomb": (zstandard.compress(b" " * (MAX_FILE_BYTES + 1)), "*", "events.json"),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_files_are_refused_in_one_line_that_names_file_and_mend(tmp_path, kind):
    body, code, mend = BAD[kind]
    path = tmp_path / "events.json"
    path.write_bytes(body)
    with pytest.raises(RecordingError) as raised:
        fetch_events(str(path))
    assert raised.value.exit_code == 2
    assert raised.value.code == code or code == "*"
    assert "events.json" in raised.value.message
    assert mend in raised.value.message
    assert "\n" not in raised.value.message
    assert "recording" not in raised.value.message


def test_missing_files_and_directories_are_refused(tmp_path):
    for reference, code in (
        (tmp_path, "events_is_directory"),
        (tmp_path / "no.json", "events_not_found"),
        ("/dev/null", "events_not_a_file"),
    ):
        with pytest.raises(RecordingError) as raised:
            fetch_events(str(reference))
        assert raised.value.code == code
        assert "events" in raised.value.message


def test_limits_hold(monkeypatch):
    with pytest.raises(RecordingError) as raised:
        read_events(bytes(MAX_FILE_BYTES + 1), "events.json")
    assert raised.value.code == "events_too_large"
    large = {"event": "x", "timestamp": ISO, "text": "x" * MAX_EVENT_BYTES}
    found = read([large, ROW])
    assert ([each.name for each in found.events], [each.code for each in found.notices]) == (
        ["llm_call_started"],
        ["event_too_large"],
    )
    monkeypatch.setattr(rows, "MAX_EVENTS", 3)
    with pytest.raises(RecordingError) as raised:
        read([{"event": "x", "timestamp": ISO}] * 4)
    assert raised.value.code == "too_many_events"
    with pytest.raises(RecordingError) as raised:
        read([0] * 5)
    assert raised.value.code == "too_many_events"


def test_one_event_is_cut_to_a_size_that_can_be_walked():
    deep: Any = "leaf"
    for _ in range(300):
        deep = {"a": deep}
    event = only(
        read([{"event": "x", "timestamp": ISO, "properties": {"deep": deep, "wide": [0] * 60_000, "after": 1}}])
    )
    levels, inner = 0, event.properties["deep"]
    while isinstance(inner, dict) and inner:
        levels, inner = levels + 1, inner.get("a", {})
    assert 40 < levels < 70
    assert len(event.properties["wide"]) == 10_000


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["event", "name", "type", "timestamp", "properties", "results", "columns", "batch", "spans", "resource",
                         "attributes", "traceId", "startTimeUnixNano", "events", "data", "key", "value", "status", "$ai_input"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_any_json_is_events_or_an_error_of_ours(value):
    try:
        found = read([ROW, value])
    except RecordingError:
        return
    assert found.events[0].uuid == "u1"


def test_the_examples_of_the_page_are_read_as_it_says():
    page = (Path(__file__).parents[2] / "docs" / "llm-events.md").read_text("utf-8")
    plain, generation, span = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    assert [event.name for event in read(plain.encode()).events] == ["llm_call_started"] + ["llm_call_completed"] * 2
    assert [event.name for event in read(generation.encode()).events] == ["$ai_generation"]
    assert [event.name for event in read(span.encode()).events] == ["gen_ai"]
    events = [*read(plain.encode()).events, *read(generation.encode()).events, *read(span.encode()).events]
    found = read_told(events, started_at_ms=1_795_452_593_688, duration_ms=72_864, recorded=())
    assert [(call.forms, call.satisfied) for call in found.calls] == [(("llm_call", "$ai_generation", "gen_ai"), False)]
