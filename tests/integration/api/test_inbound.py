"""Ticket systems call: what is signed makes one clip for its ticket, and nothing else does anything."""

import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, cast

import httpx2
import pytest
from sqlalchemy import func, select, update

from renderer.api.app import create_app
from renderer.database.tables import AuditEntry, Clip, Delivery, Idempotency
from renderer.errors import RequestError
from tests.integration.api.desk import Desk
from tests.integration.api.serving import Served, serving
from tests.unit.inbound import signing
from tests.unit.inbound.signing import SECRET, comment, packed

ID = "0190aa2b-65f7-7603-87a4-92d7ef6dc542"
OTHER = "0190aa2b-0000-7603-87a4-92d7ef6dc542"
LINK = f"https://us.posthog.com/project/2/replay/{ID}?t=90"
SECRETS = {f"inbound_{system}_secret": SECRET for system in ("zendesk", "jira", "github", "intercom")}


class SetUp:
    """Stands where destinations are checked: every ticket system is set up but Intercom."""

    def check(self, tenant: str, destination: str) -> str:
        assert tenant in {"default", "support"}
        if destination.startswith("intercom:"):
            raise RequestError("destination_not_set_up", "Intercom is not set up: set RENDERER_INTERCOM_TOKEN")
        return destination


def with_destinations(desk: Desk) -> Desk:
    service = replace(desk.service, destinations=cast(Any, SetUp()))
    return Desk(service, create_app(service), desk.key)


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return with_destinations(make_desk(**SECRETS))


def call(desk: Desk, system: str, told: Any, headers: dict[str, str] | None = None) -> httpx2.Response:
    """With no key, and signed as the system signs unless other headers are given."""
    body = told if isinstance(told, bytes) else packed(told)
    signed: dict[str, Callable[[], dict[str, str]]] = {
        "zendesk": lambda: signing.zendesk(body, at_s=time.time()),
        "jira": lambda: signing.jira(body),
        "github": lambda: signing.github(body),
        "intercom": lambda: signing.intercom(body),
    }
    given = signed[system]() if headers is None else headers
    return desk.client("").post(
        f"/v1/inbound/{system}", content=body, headers={"Content-Type": "application/json", **given}
    )


def clips(desk: Desk) -> list[Clip]:
    with desk.service.database.read() as session:
        return list(session.scalars(select(Clip).order_by(Clip.id)))


def nothing_was_done(desk: Desk) -> bool:
    with desk.service.database.read() as session:
        tables = (Clip, Delivery, Idempotency)
        return not any(session.scalar(select(func.count()).select_from(table)) for table in tables)


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told.get("code")) == (status, code), told
    assert answer.headers["content-type"] == "application/problem+json"
    assert "\n" not in told["detail"]
    assert SECRET not in answer.text
    return told


def test_a_zendesk_ticket_gets_its_clip(desk: Desk) -> None:
    answer = call(desk, "zendesk", {"ticket_id": "48213", "session": "", "text": f"It fails, see {LINK}"})
    assert answer.status_code == 202
    (clip,) = clips(desk)
    assert answer.json() == {"clip": clip.id, "to": "zendesk:48213"}
    seen = desk.client().get(f"/v1/clips/{clip.id}").json()
    assert seen["request"]["recording"] == f"posthog:{ID}?t=90"
    assert seen["request"]["moment"] == {"name": None, "or_end": False, "before_ms": 15_000, "after_ms": 20_000}
    assert [(each["format"], each["max_bytes"]) for each in seen["request"]["outputs"]] == [
        ("mp4", 10_000_000),
        ("gif", 8_000_000),
    ]
    assert [(each["to"], each["status"]) for each in seen["deliveries"]] == [("zendesk:48213", "waiting")]
    assert seen["metadata"] == {"inbound": "zendesk", "ticket": "48213"}
    with desk.service.database.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert entry is not None
        assert (entry.actor, entry.action, entry.object) == ("inbound:zendesk", "clip.create", clip.id)
        assert entry.detail["to"] == "zendesk:48213"
    assert desk.service.audit.verify() is None


def test_without_a_time_the_first_thing_that_rules_find_is_shown(desk: Desk) -> None:
    assert call(desk, "jira", {"issue_key": "SUP-7", "session": ID}).status_code == 202
    (clip,) = clips(desk)
    seen = desk.client().get(f"/v1/clips/{clip.id}").json()
    assert seen["request"]["recording"] == f"posthog:{ID}"
    assert (seen["request"]["moment"]["name"], seen["request"]["moment"]["or_end"]) == ("first", True)
    assert (clip.session, clip.key_id, clip.tenant) == (ID, "inbound:jira", "default")


def test_a_command_on_github_gets_its_clip(desk: Desk) -> None:
    answer = call(desk, "github", comment(f"/clip {LINK}"))
    assert answer.status_code == 202
    assert answer.json()["to"] == "github:octo-org/desk.app#12"


@pytest.mark.parametrize(
    ("system", "told", "why"),
    [
        ("github", comment(f"/clip {ID}", association="NONE"), "may not ask"),
        ("github", comment(f"/clip {ID}", action="edited"), "not a new comment"),
        ("github", comment("how does /clip work?"), "no line with /clip"),
        ("zendesk", {"ticket_id": "1", "text": f"https://evil.example/replay/{ID}"}, "no session was found"),
        ("jira", {"webhookEvent": "jira:issue_deleted", "issue": {"key": "SUP-7"}, "text": LINK}, "not an event"),
        ("intercom", {"topic": "ping", "data": {"item": {"type": "ping"}}}, "ping"),
    ],
)
def test_what_asks_for_no_clip_is_answered_and_nothing_is_done(system: str, told: Any, why: str, desk: Desk) -> None:
    answer = call(desk, system, told)
    assert answer.status_code == 200
    assert why in answer.json()["ignored"]
    assert nothing_was_done(desk)


def test_githubs_ping_is_answered(desk: Desk) -> None:
    body = packed({"zen": "Keep it logically awesome.", "hook_id": 1})
    answer = call(desk, "github", body, signing.github(body, event="ping"))
    assert (answer.status_code, answer.json()) == (200, {"ignored": "ping"})


def test_a_forged_changed_or_old_request_is_refused(desk: Desk) -> None:
    told = {"ticket_id": "48213", "session": ID}
    body = packed(told)
    now = time.time()
    problem(call(desk, "zendesk", body, {}), 401, "bad_signature")
    problem(
        call(desk, "zendesk", body, signing.zendesk(body, at_s=now, secret="another secret!!")), 401, "bad_signature"
    )
    problem(call(desk, "zendesk", body + b" ", signing.zendesk(body, at_s=now)), 401, "bad_signature")
    problem(call(desk, "zendesk", body, signing.zendesk(body, at_s=now - 400)), 401, "stale_signature")
    problem(call(desk, "jira", body, {"X-Hub-Signature": "sha256=" + "0" * 64}), 401, "bad_signature")
    problem(call(desk, "github", body, {"X-GitHub-Event": "ping"}), 401, "bad_signature")
    problem(call(desk, "intercom", body, signing.jira(body)), 401, "bad_signature")
    # A key of the API is no signature.
    problem(call(desk, "zendesk", body, {"Authorization": f"Bearer {desk.key}"}), 401, "bad_signature")
    assert nothing_was_done(desk)


def test_a_rule_of_jira_may_send_the_secret_itself(desk: Desk) -> None:
    body = packed({"issue_key": "SUP-7", "session": ID})
    assert call(desk, "jira", body, {"X-Automation-Webhook-Token": SECRET}).status_code == 202
    problem(call(desk, "jira", body, {"X-Automation-Webhook-Token": SECRET + "x"}), 401, "bad_signature")
    assert len(clips(desk)) == 1


def test_a_system_without_a_secret_is_not_there(make_desk: Callable[..., Desk]) -> None:
    desk = with_destinations(make_desk(inbound_github_secret=SECRET))
    told = problem(call(desk, "zendesk", {"ticket_id": "1", "session": ID}), 404, "inbound_not_set_up")
    assert "RENDERER_INBOUND_ZENDESK_SECRET" in told["detail"]
    client = desk.client("")
    assert client.head("/v1/inbound/zendesk").status_code == 404
    assert client.head("/v1/inbound/github").status_code == 200
    assert client.post("/v1/inbound/slack", content=b"{}").status_code == 422
    assert client.get("/v1/inbound/github").status_code == 405
    # Nothing else of the API is open for that.
    assert client.post("/v1/inbound/../clips", content=b"{}").status_code in {401, 404}
    assert client.get("/v1/inboundx").status_code == 401
    assert client.get("/v1/inbound").status_code == 401


def test_a_delivery_that_comes_again_makes_no_second_clip(desk: Desk) -> None:
    body = packed(comment(f"/clip {ID}"))
    headers = signing.github(body, delivery="72d3162e")
    first, again = call(desk, "github", body, headers), call(desk, "github", body, headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    # Even when its clip failed: the delivery was taken.
    desk.fail()
    assert call(desk, "github", body, headers).json() == first.json()
    assert len(clips(desk)) == 1


def test_a_session_is_put_on_a_ticket_once_a_day(desk: Desk) -> None:
    told = {"issue_key": "SUP-7", "session": ID}
    first = call(desk, "jira", told).json()
    again = call(desk, "jira", told | {"text": "changed"})
    assert (again.status_code, again.json(), again.headers["idempotency-replayed"]) == (202, first, "true")
    desk.finish()
    # Our own note links to moments of the session, and is an event too.
    assert call(desk, "jira", told | {"comment": {"body": f"{LINK}"}}).json() == first
    other_ticket, other_session = (
        call(desk, "jira", told | {"issue_key": "SUP-8"}),
        call(desk, "jira", told | {"session": OTHER}),
    )
    assert len({first["clip"], other_ticket.json()["clip"], other_session.json()["clip"]}) == 3
    with desk.service.database.write() as session:
        session.execute(update(Clip).values(created_ms=Clip.created_ms - 25 * 3_600_000))
    assert call(desk, "jira", told).json()["clip"] != first["clip"]


def test_a_clip_that_failed_or_was_deleted_may_be_asked_for_again(desk: Desk) -> None:
    told = {"issue_key": "SUP-7", "session": ID}
    first = call(desk, "jira", told).json()["clip"]
    desk.fail()
    second = call(desk, "jira", told).json()["clip"]
    assert desk.client().delete(f"/v1/clips/{second}").status_code == 204
    third = call(desk, "jira", told).json()["clip"]
    assert len({first, second, third}) == 3


@pytest.mark.parametrize(
    ("status", "options", "is_made_again"),
    [
        ("waiting", {}, False),
        ("queued", {}, False),
        ("sending", {}, False),
        ("succeeded", {}, False),
        ("failed", {}, True),
        ("canceled", {}, True),
        ("withdrawn", {}, True),
        ("queued", {"withdraw": True}, True),
    ],
)
def test_a_clip_that_is_not_on_the_ticket_and_will_not_be_may_be_asked_for_again(
    desk: Desk, status: str, options: dict[str, Any], is_made_again: bool
) -> None:
    told = {"issue_key": "SUP-7", "session": ID}
    first = call(desk, "jira", told).json()["clip"]
    desk.finish()
    with desk.service.database.write() as session:
        session.execute(update(Delivery).values(status=status, options=options))
    again = call(desk, "jira", told).json()["clip"]
    assert (again != first) == is_made_again


def test_a_command_may_ask_for_another_moment(desk: Desk) -> None:
    def ask(named: str, delivery: str) -> str:
        body = packed(comment(f"/clip {named}"))
        return str(call(desk, "github", body, signing.github(body, delivery=delivery)).json()["clip"])

    first = ask(ID, "1")
    assert ask(ID, "2") == first
    assert ask(f"{ID}?t=5", "3") != first
    assert len(clips(desk)) == 2


@pytest.fixture(params=["sqlite", "postgres"])
def any_desk(request: pytest.FixtureRequest, make_desk: Callable[..., Desk]) -> Desk:
    there = {"database_url": request.getfixturevalue("postgres_url")} if request.param == "postgres" else {}
    return with_destinations(make_desk(**SECRETS, **there))


def test_deliveries_at_the_same_time_make_one_clip(any_desk: Desk) -> None:
    desk = any_desk
    bodies = [packed({"issue_key": "SUP-7", "session": ID, "number": number}) for number in range(8)]

    def send(body: bytes) -> httpx2.Response:
        return call(desk, "jira", body, signing.jira(body, identifier=body.hex()))

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(send, bodies))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["clip"] for answer in answers}) == len(clips(desk)) == 1
    assert [send(body).json() for body in bodies] == [answer.json() for answer in answers]


def test_tenant_fields_and_destination_are_those_of_the_settings(make_desk: Callable[..., Desk]) -> None:
    settings = {"inbound_tenant": "support", "inbound_fields": "customfield_10042", "inbound_destinations": "jira=jsm"}
    desk = with_destinations(make_desk(**SECRETS, **settings))
    told = {"webhookEvent": "jira:issue_created", "issue": {"key": "SUP-7", "fields": {"customfield_10042": ID}}}
    answer = call(desk, "jira", told).json()
    clip_id = answer["clip"]
    assert answer["to"] == "jsm:SUP-7"
    assert desk.client().get(f"/v1/clips/{clip_id}").status_code == 404
    assert desk.client(desk.new_key("clips:read", tenant="support")).get(f"/v1/clips/{clip_id}").status_code == 200


def test_a_destination_that_is_not_set_up_is_told(desk: Desk) -> None:
    item = {"type": "conversation", "id": "1", "source": {"body": LINK}}
    told = {"type": "notification_event", "id": "n1", "topic": "conversation.user.created", "data": {"item": item}}
    answer = problem(call(desk, "intercom", told), 422, "destination_not_set_up")
    assert "RENDERER_INTERCOM_TOKEN" in answer["detail"]
    assert "errors" not in answer
    assert nothing_was_done(desk)


def test_recordings_that_the_operator_does_not_allow_are_refused(make_desk: Callable[..., Desk]) -> None:
    desk = with_destinations(make_desk(**SECRETS, allowed_recordings="recording:"))
    problem(call(desk, "jira", {"issue_key": "SUP-7", "session": ID}), 422, "recording_not_allowed")


def test_each_system_may_ask_so_often_and_forgers_do_not_count(make_desk: Callable[..., Desk]) -> None:
    desk = with_destinations(make_desk(**SECRETS, requests_per_minute=2))
    for _ in range(5):
        problem(call(desk, "jira", b"{}", {}), 401, "bad_signature")
    told = {"issue_key": "SUP-7", "session": ID}
    assert [call(desk, "jira", told).status_code for _ in range(2)] == [202, 202]
    assert int(call(desk, "jira", told).headers["retry-after"]) > 0
    problem(call(desk, "jira", told), 429, "rate_limited")
    assert call(desk, "zendesk", {"ticket_id": "1", "session": ID}).status_code == 202


HOSTILE = [
    (b"[" * 500_000, 422, "bad_event"),
    (b'{"a":' * 150_000, 422, "bad_event"),
    (b'{"ticket_id": "\xff\xfe"}', 422, "bad_event"),
    (b"", 422, "bad_event"),
    (b'{"ticket_id": "1", "text": "' + b"<a " * 300_000 + b'"}', 200, None),
    (b'{"ticket_id": "1", "text": "' + b"https://us.posthog.com/replay/[?" * 30_000 + b'"}', 200, None),
    (b'{"ticket_id": "1", "text": "' + b"session id: " * 80_000 + b'"}', 200, None),
    (b'{"ticket_id": "1", "x": [' + b"[]," * 300_000 + b"[]]}", 200, None),
    (b" " * 2 * 1024 * 1024, 413, "body_too_large"),
]


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    with serving(desk) as served:
        yield served


@pytest.mark.parametrize("is_signed", [True, False], ids=["signed", "forged"])
def test_hostile_bodies_are_refused_quickly(is_signed: bool, served: Served) -> None:
    with served.client("") as client:
        for body, status, code in HOSTILE:
            headers = signing.zendesk(body, at_s=time.time()) if is_signed else {}
            began = time.monotonic()
            answer = client.post("/v1/inbound/zendesk", content=body, headers=headers)
            assert time.monotonic() - began < 4
            if is_signed or status == 413:
                assert (answer.status_code, answer.json().get("code")) == (status, code), body[:30]
            else:
                problem(answer, 401, "bad_signature")
            assert len(answer.text.splitlines()) == 1
    assert nothing_was_done(served.desk)


def test_the_log_holds_no_secret_and_no_text_of_a_ticket(desk: Desk, capfd: pytest.CaptureFixture[str]) -> None:
    call(desk, "jira", {"issue_key": "SUP-7", "session": ID, "text": "quentin@corvidae.example"})
    call(desk, "jira", b"{quentin@corvidae.example", signing.jira(b"{quentin@corvidae.example"))
    call(desk, "jira", b"{}", {"X-Automation-Webhook-Token": "quentin@corvidae.example"})
    told = "".join(capfd.readouterr())
    assert "/v1/inbound/{system}" in told
    assert SECRET not in told
    assert "corvidae" not in told
    assert re.search(rf"session.{{0,20}}{ID}", told)


def test_an_answer_says_no_more_than_it_must(desk: Desk) -> None:
    """Repositories' administrators see it, and so does whoever may look at a webhook's log."""
    answer = call(desk, "zendesk", {"ticket_id": "48213", "session": ID})
    assert sorted(json.loads(answer.text)) == ["clip", "to"]
