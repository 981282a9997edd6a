"""Filters in every form that PostHog writes, to the one that its list takes."""

import json
from pathlib import Path
from typing import Any

import pytest

from renderer.cli.sessions import line, parse_since
from renderer.errors import RequestError
from renderer.sources.model import Listed
from renderer.sources.posthog.filters import Wanted, read_filter

EVENT = {"id": "$ai_feedback", "name": "$ai_feedback", "type": "events", "order": 0, "properties": []}
ACTION = {"id": 7, "name": "Upgraded", "type": "actions"}
LOG = {"type": "log_entry", "key": "level", "operator": "exact", "value": ["error"]}
LONG = {"type": "recording", "key": "active_seconds", "operator": "gt", "value": 5}
VISITED = {"type": "recording", "key": "visited_page", "operator": "icontains", "value": "/billing"}
PERSON = {"type": "person", "key": "plan", "operator": "exact", "value": ["pro"]}
HOGQL = {"type": "hogql", "key": "properties.$browser = 'Chrome'"}
UNIVERSAL = {
    "date_from": "-7d",
    "date_to": None,
    "duration": [LONG, {"type": "recording", "key": "duration", "operator": "gt", "value": 1}],
    "filter_test_accounts": True,
    "filter_group": {
        "type": "OR",
        "values": [
            {"type": "AND", "values": [EVENT, ACTION, LOG, VISITED]},
            {"type": "AND", "values": [PERSON, HOGQL]},
        ],
    },
    "order": "start_time",
    "order_direction": "DESC",
}
CONVERTED = {
    "date_from": "-7d",
    "filter_test_accounts": True,
    "order": "start_time",
    "order_direction": "DESC",
    "events": [
        EVENT,
        {
            "id": "$pageview",
            "name": "$pageview",
            "type": "events",
            "properties": [{"type": "event", "key": "$current_url", "value": "/billing", "operator": "icontains"}],
        },
    ],
    "actions": [ACTION],
    "properties": [PERSON, HOGQL],
    "console_log_filters": [LOG],
    "having_predicates": [LONG],
    "operand": "OR",
}


def read(tmp_path: Path, told: Any) -> Wanted:
    path = tmp_path / "filter.json"
    path.write_bytes(told if isinstance(told, bytes) else json.dumps(told).encode())
    return read_filter(str(path))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (
            {"kind": "RecordingsQuery", "date_from": "-3d", "events": [EVENT], "limit": 5},
            {"date_from": "-3d", "events": [EVENT]},
        ),
        ({"properties": [PERSON], "operand": "AND"}, {"properties": [PERSON], "operand": "AND"}),
        (UNIVERSAL, CONVERTED),
        ({"short_id": "Ab3", "type": "filters", "name": "Angry", "filters": UNIVERSAL}, CONVERTED),
        ({"id": 4, "short_id": "Ab3", "type": None, "filters": UNIVERSAL}, CONVERTED),
        ({"name": "x", "filters": {"date_from": "-1d"}}, {"date_from": "-1d"}),
        ({}, {}),
    ],
)
def test_every_form(tmp_path: Path, told: Any, expected: dict[str, Any]) -> None:
    assert read(tmp_path, told) == Wanted(expected)


@pytest.mark.parametrize(
    "told", [{"short_id": "Ab3", "type": "collection", "filters": UNIVERSAL}, {"short_id": "Ab3", "filters": {}}]
)
def test_a_collection_is_its_items(tmp_path: Path, told: Any) -> None:
    assert read(tmp_path, told) == Wanted(collection="Ab3")


def test_parameters_are_json_but_for_texts(tmp_path: Path) -> None:
    told = {"date_from": "-3d", "events": [EVENT], "filter_test_accounts": False, "actions": [], "date_to": None}
    assert read(tmp_path, told).params() == {
        "date_from": "-3d",
        "events": json.dumps([EVENT], separators=(",", ":")),
        "filter_test_accounts": "false",
    }


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (b"", "bad_filter"),
        (b"date_from: -3d", "bad_filter"),
        (b"[" * 100_000, "bad_filter"),
        ([], "bad_filter"),
        ({"kind": "EventsQuery"}, "bad_filter"),
        ({"session_recording_duration": 5}, "bad_filter"),
        ({"short_id": "../x"}, "bad_filter"),
        ({"short_id": 3}, "bad_filter"),
        ({"filter_group": []}, "bad_filter"),
        ({"filter_group": {"type": "AND"}}, "bad_filter"),
        ({"filter_group": {"type": "AND", "values": [3]}}, "bad_filter"),
        (b" " * (5 << 20), "bad_filter"),
    ],
)
def test_what_is_no_filter(tmp_path: Path, told: Any, code: str) -> None:
    with pytest.raises(RequestError) as caught:
        read(tmp_path, told)
    assert caught.value.code == code
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("path", ["nothing.json", ".", "a\0b"])
def test_a_filter_that_is_not_there(path: str) -> None:
    with pytest.raises(RequestError) as caught:
        read_filter(path)
    assert caught.value.code == "filter_not_found"


@pytest.mark.parametrize(
    ("text", "ms"), [("90m", 5_400_000), ("24h", 86_400_000), (" 7 D", 604_800_000), ("2w", 1_209_600_000)]
)
def test_how_long_ago(text: str, ms: int) -> None:
    assert parse_since(text) == ms


@pytest.mark.parametrize("text", ["", "24", "h", "-1h", "0d", "1y", "999999w", "1.5h"])
def test_what_is_no_length_of_time(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        parse_since(text)
    assert caught.value.code == "bad_since"


def test_a_line_cannot_command_a_terminal() -> None:
    session = Listed(
        id="0190", start="2026-11-23T16:49:53.688Z", duration_ms=72_864, active_ms=0, person="a\x1b[31m\nb", errors=1, clicks=0,
        url="https://us.posthog.com/project/2/replay/0190", start_url=None, is_ongoing=False, is_mobile=False,
    )  # fmt: skip
    expected = (
        "posthog:0190  2026-11-23 16:49:53     1:12  a?[31m?b    1 error  https://us.posthog.com/project/2/replay/0190"
    )
    assert line("posthog", session, as_json=False) == expected
    assert json.loads(line("posthog", session, as_json=True))["recording"] == "posthog:0190"
