"""Sessions as PostHog lists them: pages, cursors, filters, and people as the policy shows them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from renderer.errors import RequestError, SourceError
from renderer.redact.policy.model import DEFAULT, OFF, Policy
from renderer.rules.load import parse_rules
from renderer.settings import Settings
from renderer.sources.model import Listed
from renderer.sources.posthog.api.patience import Patience
from renderer.sources.posthog.listing import PostHogSessions
from tests.integration.posthog_server import KEY, PROJECT, Block, PostHogServer, answer_json, iso, running

START_MS = 1_795_452_593_688


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        for number in range(23):
            line = json.dumps(["w", {"type": 5, "data": {"tag": "a"}, "timestamp": START_MS - number * 3_600_000}])
            own.store(Block("0", [line.encode()]), session_id=f"session-{number:02}")
        yield own


def sessions(
    server: PostHogServer,
    filters: Path | None = None,
    since_ms: int | None = None,
    limit: int = 100,
    policy: Policy = DEFAULT,
    page: int = 10,
) -> list[Listed]:
    settings = Settings(posthog_host=server.url, posthog_project=PROJECT, posthog_api_key=KEY)  # type: ignore[arg-type]  # pydantic
    listing = PostHogSessions(settings, Patience(sleep=lambda _: None, now=lambda: START_MS / 1000), page=page)
    return list(listing.sessions(str(filters) if filters else None, since_ms, limit, policy, lambda _: None))


def test_all_pages_by_cursor(server: PostHogServer) -> None:
    assert [each.id for each in sessions(server)] == [f"session-{number:02}" for number in range(23)]
    assert [asked.query.get("after") for asked in server.asked] == [None, "cursor-10", "cursor-20"]


def test_a_server_without_cursors_is_asked_by_offset(server: PostHogServer) -> None:
    def without_cursor(asked: Any) -> Any:
        server.faults.clear()
        status, _, body = server.answer(asked)
        server.asked.pop()
        server.faults.append(without_cursor)
        answer = json.loads(body)
        answer.pop("next_cursor", None)
        return answer_json(status, answer)

    server.faults.append(without_cursor)
    assert len(sessions(server)) == 23
    assert [asked.query.get("offset") for asked in server.asked] == [None, "10", "20"]


def test_a_server_that_repeats_itself_is_not_asked_for_ever(server: PostHogServer) -> None:
    page = {"results": [{"id": "a"}, {"id": "b"}, {"no": "id"}, 3], "has_next": True, "next_cursor": "x"}
    server.faults.append(lambda asked: answer_json(200, page))
    assert [each.id for each in sessions(server)] == ["a", "b"]
    assert len(server.asked) == 1 + 1


def test_no_more_than_the_limit(server: PostHogServer) -> None:
    assert len(sessions(server, limit=12)) == 12
    assert [asked.query["limit"] for asked in server.asked] == ["10", "2"]


def test_since_goes_before_the_filter(server: PostHogServer, tmp_path: Path) -> None:
    path = tmp_path / "filter.json"
    path.write_text(json.dumps({"date_from": "-30d", "events": [{"id": "$exception", "type": "events"}]}))
    sessions(server, path, since_ms=86_400_000)
    assert server.asked[0].query["date_from"] == iso(START_MS - 86_400_000)
    assert json.loads(server.asked[0].query["events"]) == [{"id": "$exception", "type": "events"}]


def test_items_of_a_collection(server: PostHogServer, tmp_path: Path) -> None:
    server.playlists["Ab3"] = server.listed[3:5]
    path = tmp_path / "playlist.json"
    path.write_text(json.dumps({"short_id": "Ab3", "type": "collection"}))
    assert [each.id for each in sessions(server, path)] == ["session-03", "session-04"]


def test_a_key_without_the_scope_of_playlists(server: PostHogServer, tmp_path: Path) -> None:
    server.keys[KEY] = frozenset({"session_recording:read"})
    path = tmp_path / "playlist.json"
    path.write_text(json.dumps({"short_id": "Ab3", "type": "collection"}))
    with pytest.raises(RequestError) as caught:
        sessions(server, path)
    assert caught.value.code == "posthog_scope_missing"
    assert "session_recording_playlist:read" in caught.value.message


@pytest.mark.parametrize(
    ("policy", "person", "query"),
    [
        (DEFAULT, None, "•"),
        (OFF, "visitor@northwind.example", "v@n.example"),
        (DEFAULT.model_copy(update={"person": "hash", "salt": "0123456789abcdef"}), "person-", "•"),
    ],
)
def test_people_as_the_policy_says(server: PostHogServer, policy: Policy, person: str | None, query: str) -> None:
    (first,) = sessions(server, limit=1, policy=policy)
    assert (first.person or "").startswith(person or "")
    assert (first.person is None) == (person is None)
    assert query in (first.start_url or "")
    assert policy.is_off or "v@n.example" not in repr(first)
    assert policy.is_off or "visitor@" not in repr(first)
    assert first.url == f"{server.url}/project/2/replay/session-00"
    assert (first.errors, first.clicks) == (2, 9)


def test_a_filter_that_posthog_refuses_is_the_callers_fault(server: PostHogServer) -> None:
    server.faults.append(lambda asked: answer_json(400, {"detail": "Invalid operator: 'bigger'"}))
    with pytest.raises(RequestError) as caught:
        sessions(server)
    assert "Invalid operator" in caught.value.message


def test_an_answer_that_is_no_list(server: PostHogServer) -> None:
    server.faults.append(lambda asked: answer_json(200, {"results": None}))
    with pytest.raises(SourceError) as caught:
        sessions(server)
    assert caught.value.code == "posthog_not_json"


RULES = """
rules:
  - {name: paid, when: {kind: custom, name: [paid, upgraded]}}
  - name: broke
    session: {where: {duration: "> 30s"}}
    when: {kind: console, level: error}
"""
PAID, UPGRADED = ({"id": name, "name": name, "type": "events"} for name in ("paid", "upgraded"))
BROKE = {"key": "level", "value": ["error"], "operator": "exact", "type": "log_entry"}
LONG = {"type": "recording", "key": "duration", "operator": "gt", "value": 29}


def listed(
    server: PostHogServer, rules: str, filters: Path | None = None, limit: int = 100, page: int = 10
) -> list[str]:
    settings = Settings(posthog_host=server.url, posthog_project=PROJECT, posthog_api_key=KEY)  # type: ignore[arg-type]  # pydantic
    listing = PostHogSessions(settings, Patience(sleep=lambda _: None, now=lambda: START_MS / 1000), page=page)
    found = listing.sessions(
        str(filters) if filters else None, 86_400_000, limit, DEFAULT, lambda _: None, parse_rules(rules, "rules.yaml")
    )
    return [each.id for each in found]


def holds(server: PostHogServer, found: dict[str, list[str]]) -> None:
    """The sessions that PostHog finds for each event or level that it is asked for, the newest first."""

    def answer(asked: Any) -> Any:
        if asked.method == "POST":
            return None
        words = asked.query.get("events", "") + asked.query.get("console_log_filters", "")
        names = next(names for word, names in found.items() if word in words)
        return answer_json(200, {"results": [{"id": name} for name in names], "has_next": False})

    server.faults.append(answer)


def lists(server: PostHogServer) -> list[Any]:
    return [asked for asked in server.asked if asked.method == "GET"]


def filters_of(asked: Any) -> dict[str, Any]:
    lists = {"events", "console_log_filters", "having_predicates", "properties"}
    return {name: json.loads(value) for name, value in asked.query.items() if name in lists}


def test_each_question_of_the_rules_is_asked_and_each_session_comes_once(server: PostHogServer) -> None:
    holds(server, {"paid": ["a", "b"], "upgraded": ["b", "c"], "error": ["c", "a", "d"]})
    assert listed(server, RULES) == ["a", "b", "c", "d"]
    assert [filters_of(asked) for asked in lists(server)] == [
        {"events": [PAID]},
        {"events": [UPGRADED]},
        {"console_log_filters": [BROKE], "having_predicates": [LONG]},
    ]
    assert {(asked.query["operand"], asked.query["date_from"]) for asked in lists(server)} == {
        ("AND", iso(START_MS - 86_400_000))
    }


def test_a_filter_of_ones_own_goes_with_each_question(server: PostHogServer, tmp_path: Path) -> None:
    own = {"id": "$pageview", "type": "events"}
    path = tmp_path / "filter.json"
    path.write_text(json.dumps({"events": [own], "filter_test_accounts": True}))
    listed(server, RULES, path)
    asked = [each for each in lists(server) if "after" not in each.query]
    assert [filters_of(each)["events"] for each in asked] == [[own, PAID], [own, UPGRADED], [own]]
    assert {each.query["filter_test_accounts"] for each in asked} == {"true"}


@pytest.mark.parametrize("told", [{"operand": "OR", "events": [PAID]}, {"short_id": "Ab3", "type": "collection"}])
def test_where_both_cannot_be_asked_at_once_the_filter_is_asked_alone(
    told: dict[str, Any], server: PostHogServer, tmp_path: Path
) -> None:
    server.playlists["Ab3"] = server.listed
    path = tmp_path / "filter.json"
    path.write_text(json.dumps(told))
    assert len(listed(server, RULES, path, page=100)) == 23
    (asked,) = lists(server)
    assert filters_of(asked) == {name: value for name, value in told.items() if name == "events"}


def test_rules_that_do_not_narrow_ask_for_all_sessions(server: PostHogServer) -> None:
    assert len(listed(server, RULES + "  - {name: rage, when: {kind: rage_click}}\n", page=100)) == 23
    assert [filters_of(asked) for asked in lists(server)] == [{}]


def test_the_limit_is_of_all_questions_together(server: PostHogServer) -> None:
    holds(server, {"paid": ["a", "b"], "upgraded": ["b", "c"], "error": ["c", "a", "d"]})
    assert listed(server, RULES, limit=3) == ["a", "b", "c"]
    assert len(lists(server)) == 2, "nobody asks for what is not wanted"


def event(name: str, at_ms: float, **properties: str) -> dict[str, Any]:
    return {"uuid": "u", "event": name, "timestamp": iso(at_ms), "distinct_id": "d", "properties": properties}


@pytest.mark.parametrize(
    ("told", "is_narrowed"),
    [
        ([], True),
        ([event("paid", START_MS - 1000, **{"$session_id": "s"})], True),
        ([event("other", START_MS - 1000)], True),
        ([event("paid", START_MS - 3 * 86_400_000)], True),
        ([event("paid", START_MS - 1000)], False),
        ([event("upgraded", START_MS - 86_400_000)], False),
    ],
)
def test_events_that_say_no_session_make_it_look_into_all(
    server: PostHogServer, told: list[dict[str, Any]], is_narrowed: bool
) -> None:
    """As a server sends them: they are joined to a session by its person, which PostHog's filter does not do."""
    server.events.extend(told)
    holds(server, {"paid": ["a"], "upgraded": ["b"], "error": ["c"], "": ["a", "b", "c", "d"]})
    assert listed(server, RULES) == (["a", "b", "c"] if is_narrowed else ["a", "b", "c", "d"])
    (question,) = [asked for asked in server.asked if asked.method == "POST"]
    assert question.body["query"]["values"]["names"] == ["paid", "upgraded"]


def test_where_posthog_does_not_say_all_are_looked_into(server: PostHogServer) -> None:
    server.keys[KEY] = frozenset({"session_recording:read"})
    assert len(listed(server, RULES, page=100)) == 23
    assert [filters_of(asked) for asked in lists(server)] == [{}]


def test_what_needs_no_events_needs_no_question(server: PostHogServer) -> None:
    listed(server, "rules: [{name: broke, when: {kind: console, level: error}}]", page=100)
    assert [asked.method for asked in server.asked] == ["GET"]
