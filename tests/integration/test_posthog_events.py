"""What PostHog knows of a session beside its recording: joined by session, by person and by trace, and redacted."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.session import read_session
from renderer.sources import Sources
from renderer.timeline.model import Timeline
from tests.integration.posthog_desk import Desk
from tests.integration.posthog_server import KEY, SAMPLE, SESSION, PostHogServer, answer_json, failure, running


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        own.store_sample()
        yield own


def timeline(desk: Desk, events: str | None = None, redaction: str = "default") -> Timeline:
    sources = Sources({"posthog": desk.source})
    return read_session(f"posthog:{SESSION}", events, redaction, sources=sources).timeline


def of_files() -> Timeline:
    return read_session(str(SAMPLE / "session.jsonl.gz"), str(SAMPLE / "events.json")).timeline


def busier_session(path: Path) -> str:
    """An export of the hour, in which somebody else did more."""
    own = json.loads((SAMPLE / "events.json").read_text())
    others = [
        {**row, "uuid": f"{copy}-{number}", "properties": {**row["properties"], "$session_id": "somebody-elses"}}
        for copy in range(2)
        for number, row in enumerate(own)
    ]
    path.write_text(json.dumps([*own, *others]))
    return str(path)


@pytest.mark.parametrize("redaction", ["default", "off"])
def test_a_file_is_asked_for_the_recordings_own_session(desk: Desk, tmp_path: Path, redaction: str) -> None:
    events = busier_session(tmp_path / "events.json")
    told = timeline(desk, events, redaction)
    expected = read_session(str(SAMPLE / "session.jsonl.gz"), str(SAMPLE / "events.json"), redaction).timeline
    assert len(told.calls) == 4
    assert (told.calls, told.entries) == (expected.calls, expected.entries)
    left_out = {notice.code: notice.count for notice in told.notices}["events_of_other_sessions"]
    assert left_out == 2 * len(json.loads((SAMPLE / "events.json").read_text()))


def test_what_is_shown_of_a_file_depends_on_the_session_and_so_does_the_digest(desk: Desk, tmp_path: Path) -> None:
    events = busier_session(tmp_path / "events.json")
    known = read_session(f"posthog:{SESSION}", events, sources=Sources({"posthog": desk.source}))
    guessed = read_session(str(SAMPLE / "session.jsonl.gz"), events)
    assert known.timeline.calls != guessed.timeline.calls
    assert known.events_digest != guessed.events_digest


@pytest.mark.parametrize("split", [True, False])
def test_the_same_timeline_as_from_files(desk: Desk, split: bool) -> None:
    """Whether the long texts of the model's calls are in a table of their own or, on older servers, with the rest."""
    desk.server.store_events(split)
    expected = of_files()
    told = timeline(desk)
    assert len(told.calls) == 4
    assert told.calls[0].answer
    assert told.calls == expected.calls
    assert told.entries == expected.entries
    assert told.environment == expected.environment


def test_servers_that_do_not_know_the_session(desk: Desk) -> None:
    desk.server.store_events()
    for row in (*desk.server.events, *desk.server.ai_events):
        if row["event"] == "$ai_generation":
            row["properties"].pop("$session_id", None)
    assert timeline(desk).calls == of_files().calls


def test_somebody_who_was_never_identified(desk: Desk) -> None:
    desk.server.store_events()
    told = next(row["distinct_id"] for row in desk.server.events if row["event"] == "$ai_generation")
    desk.server.recordings[SESSION].facts = {"person": None, "distinct_id": told}
    for row in (*desk.server.events, *desk.server.ai_events):
        if row["event"] == "$ai_generation":
            row["properties"].pop("$session_id", None)
    assert timeline(desk).calls == of_files().calls


def test_calls_that_only_their_trace_leads_to(desk: Desk) -> None:
    """The thumb came from the browser, the call from a server that knows neither session nor person."""
    desk.server.store_events()
    desk.server.events = [row for row in desk.server.events if row["event"] != "$ai_generation"]
    traces = [row["trace_id"] for row in desk.server.ai_events if row["event"] == "$ai_generation"]
    template = desk.server.events[0]
    feedback = {
        **template,
        "uuid": "0199a1b2-0000-7000-8000-0000000000ff",
        "event": "$ai_metric",
        "properties": {**template["properties"], "$ai_trace_id": traces[0], "$ai_metric_name": "quality"},
    }
    desk.server.events.append(feedback)
    assert of_files().calls[0].model in {call.model for call in timeline(desk).calls}


def test_pages_of_events(desk: Desk) -> None:
    desk.server.store_events()
    desk.page_rows = 7
    assert timeline(desk).entries == of_files().entries
    offsets = [
        asked.body["query"]["query"].rpartition(" ")[2] for asked in desk.server.asked if asked.path.endswith("/query/")
    ]
    assert offsets[:6] == ["0", "7", "14", "21", "28", "35"]


def test_values_are_never_part_of_a_query(desk: Desk) -> None:
    desk.server.store_events()
    timeline(desk)
    queries = [asked.body["query"] for asked in desk.server.asked if asked.path.endswith("/query/")]
    assert len(queries) == 3
    assert all(SESSION not in query["query"] for query in queries)
    assert queries[0]["values"]["session_id"] == SESSION
    assert queries[0]["values"]["first"] == "2026-11-22T16:49:53.688Z"


def test_a_key_that_may_not_query(desk: Desk) -> None:
    desk.server.store_events()
    desk.server.keys[KEY] = frozenset({"session_recording:read"})
    told = timeline(desk)
    (notice,) = [each for each in told.notices if each.code.startswith("posthog")]
    assert notice.code == "posthog_events_scope"
    assert "query:read" in notice.message
    assert told.calls == ()


@pytest.mark.parametrize(
    "answer",
    [
        failure(400, "validation_error", "invalid_input", "Unknown table"),
        answer_json(200, {"query_status": {"id": "1"}}),
        answer_json(200, {"results": "none"}),
        answer_json(200, {"results": [["a"], 3, []]}),
        (200, {"Content-Type": "text/html"}, b"<html>"),
        answer_json(500, {}),
    ],
)
def test_a_clip_without_events_is_better_than_none(desk: Desk, answer: tuple[int, dict[str, str], bytes]) -> None:
    desk.server.store_events()
    desk.server.faults = [lambda asked: answer if asked.path.endswith("/query/") else None]
    told = timeline(desk)
    assert told.calls == ()
    assert told.entries
    expected = set() if b'["a"]' in answer[2] else {"posthog_events_unavailable"}
    assert {each.code for each in told.notices if each.code.startswith("posthog")} == expected


def test_a_server_without_the_table_of_long_texts(desk: Desk) -> None:
    desk.server.store_events()
    unknown = failure(400, "validation_error", "invalid_input", "Unknown table `ai_events`")
    desk.server.faults = [lambda asked: unknown if asked.body and "ai_events" in asked.body["query"]["query"] else None]
    told = timeline(desk)
    assert len(told.calls) == 4
    assert {each.code for each in told.notices if each.code.startswith("posthog")} == {"posthog_ai_events_unavailable"}


def test_events_of_a_file_are_joined(desk: Desk, tmp_path: Path) -> None:
    desk.server.store_events()
    own = tmp_path / "own.json"
    own.write_text(json.dumps([{"event": "shipped", "timestamp": "2026-11-23T16:50:00.000Z", "$session_id": SESSION}]))
    told = timeline(desk, str(own))
    assert [entry.at_ms for entry in told.entries if entry.name == "shipped"] == [6312]
    assert told.calls == of_files().calls


@pytest.mark.parametrize(("redaction", "seen"), [("default", False), ("off", True)])
def test_people_are_hidden_like_everywhere(desk: Desk, redaction: str, seen: bool) -> None:
    desk.server.store_events()
    desk.server.events[0]["properties"] |= {
        "$set": {"email": "canary-1@n.example"},
        "token": "canary-2-sk-live-0123456789abcdef",
        "note": "write to canary-3@n.example",
        "$ip": "203.0.113.77",
    }
    desk.server.events[0]["event"] = "told of canary-4@n.example"
    desk.server.events[0]["distinct_id"] = "canary-5@n.example"
    told = repr(timeline(desk, redaction=redaction))
    assert ("canary-3@n.example" in told) == seen
    for canary in ("canary-1@", "canary-2-sk-live-0123456789", "canary-4@n", "canary-5@n", "v@n.example"):
        assert seen or canary not in told
