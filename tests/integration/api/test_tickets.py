"""Clips on tickets over HTTP: a stand-in of Zendesk on loopback, a real database, the worker's own hands."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from renderer.bootstrap import build_destinations
from renderer.database.tables import AuditEntry, Delivery, DeliveryStep
from renderer.jobs.tickets.attach import Attaching
from renderer.jobs.tickets.rows import TicketRows
from tests.integration.api.desk import Desk
from tests.made_clips import KINDS, REPLAY, clip_files
from tests.vendors.base import Reply
from tests.vendors.zendesk import ZendeskVendor

TICKET = "zendesk:48213"


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(make_desk: Callable[..., Desk], zendesk: ZendeskVendor) -> Desk:
    set_for = {f"zendesk_{name}": value for name, value in zendesk.settings().items()}
    desk = make_desk(public_url="https://clips.example.com", **set_for)
    desk.files = {name: (*KINDS[name], content) for name, content in clip_files().items()}
    return desk


def attach_all(desk: Desk, stopping: threading.Event | None = None) -> None:
    """As a worker does, without waiting for what is due later."""
    service = desk.service
    rows = TicketRows(service.database, "wrk_test", lease_ms=30_000)
    known = build_destinations(service.settings)
    attaching = Attaching(rows, known, service.store, service.shares, service.settings, stopping)
    while attaching.attach_one() and not (stopping and stopping.is_set()):
        pass


def delivered(desk: Desk, clip_id: str) -> list[dict[str, Any]]:
    return list(desk.client().get(f"/v1/clips/{clip_id}").json()["deliveries"])


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def test_a_clip_that_carries_its_delivery_stands_on_the_ticket_once_it_is_made(
    desk: Desk, zendesk: ZendeskVendor
) -> None:
    client = desk.client()
    asked = client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": "zendesk:#48213"}]}).json()
    assert [(each["to"], each["status"]) for each in asked["deliveries"]] == [(TICKET, "waiting")]
    attach_all(desk)
    assert zendesk.asked == []
    clip_id = desk.finish()
    attach_all(desk)
    (delivery,) = delivered(desk, clip_id)
    assert (delivery["status"], delivery["event"], delivery["attempts"]) == ("succeeded", "clip.succeeded", 1)
    receipt = delivery["receipt"]
    assert (receipt["way"], receipt["url"]) == ("attached", f"{zendesk.url}/agent/tickets/48213")
    (note,) = zendesk.notes()
    assert not note.is_public
    assert {name: sha256(content) for name, content in note.files.items()} == {
        name: sha256(clip_files()[name]) for name in ("clip.mp4", "clip.gif")
    }
    assert f"{REPLAY}?t=32" in note.text
    assert f"renderer-{delivery['id']}" in note.text


def test_a_finished_clip_is_delivered_at_once_and_publicly_when_asked(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s"})
    clip_id = desk.finish()
    made = client.post(f"/v1/clips/{clip_id}/deliveries", json={"to": TICKET, "public": True})
    assert (made.status_code, made.json()["status"], made.json()["public"]) == (202, "queued", True)
    attach_all(desk)
    assert zendesk.notes()[0].is_public
    twice = client.post(f"/v1/clips/{clip_id}/deliveries", json={"to": TICKET})
    assert (twice.status_code, twice.json()["code"]) == (409, "delivery_exists")
    with desk.service.database.read() as session:
        assert session.scalars(select(DeliveryStep)).all() == []
        noted = [entry.action for entry in session.scalars(select(AuditEntry))]
    assert noted.count("delivery.create") == 1


def test_a_delivery_that_fails_for_now_comes_again_and_one_that_fails_for_good_says_why(
    desk: Desk, zendesk: ZendeskVendor
) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    zendesk.fail("instead", Reply(429, {}, {"Retry-After": "90"}))
    attach_all(desk)
    (waiting,) = delivered(desk, clip_id)
    assert (waiting["status"], waiting["error"]["code"]) == ("queued", "destination_limited")
    assert zendesk.notes() == []
    with desk.service.database.write() as session:
        row = session.get_one(Delivery, waiting["id"])
        assert row.available_ms >= row.created_ms + 90_000
        row.available_ms = row.created_ms
    zendesk.may_post = False
    attach_all(desk)
    (failed,) = delivered(desk, clip_id)
    assert (failed["status"], failed["error"]["code"]) == ("failed", "destination_forbidden")
    assert zendesk.secret not in str(failed)
    zendesk.may_post = True
    assert client.post(f"/v1/clips/{clip_id}/deliveries/{failed['id']}/retry").status_code == 202
    attach_all(desk)
    assert delivered(desk, clip_id)[0]["status"] == "succeeded"
    assert len(zendesk.notes()) == 1


def test_a_worker_that_is_lost_after_posting_leaves_no_second_note(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    zendesk.fail("after")
    attach_all(desk)
    (lost,) = delivered(desk, clip_id)
    assert lost["status"] == "queued"
    with desk.service.database.write() as session:
        session.get_one(Delivery, lost["id"]).available_ms = 0
    attach_all(desk)
    (found,) = delivered(desk, clip_id)
    assert (found["status"], found["attempts"], found["receipt"]["found"]) == ("succeeded", 2, True)
    assert len(zendesk.notes()) == 1


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_others(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    stopping = threading.Event()
    zendesk.on_asked = lambda asked: stopping.set() if asked.path.endswith("uploads") else None
    attach_all(desk, stopping)
    (given_back,) = delivered(desk, clip_id)
    assert (given_back["status"], given_back["attempts"], given_back["error"]) == ("queued", 1, None)
    assert zendesk.notes() == []
    attach_all(desk)
    assert delivered(desk, clip_id)[0]["status"] == "succeeded"
    sent = [asked.query["filename"] for asked in zendesk.asked if asked.path.endswith("uploads")]
    assert sorted(sent) == ["clip.gif", "clip.mp4"]


def test_a_delivered_clip_is_taken_away_and_may_be_delivered_again(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    attach_all(desk)
    (delivery,) = delivered(desk, clip_id)
    path = f"/v1/clips/{clip_id}/deliveries/{delivery['id']}"
    assert client.delete(path).status_code == 202
    assert client.post(f"{path}/cancel").status_code == 409
    attach_all(desk)
    assert delivered(desk, clip_id)[0]["status"] == "withdrawn"
    assert sha256(clip_files()["clip.mp4"]) not in {sha256(each) for each in zendesk.notes()[0].files.values()}
    twice = client.delete(path)
    assert (twice.status_code, twice.json()["code"]) == (409, "not_delivered")
    assert client.post(f"{path}/retry").status_code == 202
    attach_all(desk)
    assert delivered(desk, clip_id)[0]["status"] == "succeeded"
    assert sha256(clip_files()["clip.mp4"]) == sha256(zendesk.notes()[1].files["clip.mp4"])


def test_a_better_clip_takes_the_place_of_an_earlier_one(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    first = desk.finish()
    attach_all(desk)
    old = delivered(desk, first)[0]["id"]
    client.post("/v1/clips", json={"recording": "posthog:s", "speed": 2})
    second = desk.finish()
    path = f"/v1/clips/{second}/deliveries"
    for replaces, code in (("dlv_none", "delivery_not_found"), (old, "not_delivered")):
        to = TICKET if code == "delivery_not_found" else "zendesk:9"
        refused = client.post(path, json={"to": to, "replaces": replaces}).json()
        assert (refused["errors"][0]["pointer"], refused["code"]) == ("#/replaces", code)
    assert client.post(path, json={"to": TICKET, "replaces": old}).status_code == 202
    attach_all(desk)
    assert (delivered(desk, first)[0]["status"], delivered(desk, second)[0]["status"]) == ("withdrawn", "succeeded")
    before, after = zendesk.notes()
    assert clip_files()["clip.mp4"] not in before.files.values()
    assert after.files["clip.mp4"] == clip_files()["clip.mp4"]


def test_what_cannot_be_taken_away_stays_delivered_and_says_so(
    desk: Desk, zendesk: ZendeskVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    attach_all(desk)
    (delivery,) = delivered(desk, clip_id)
    monkeypatch.setenv("RENDERER_ZENDESK_TOKEN", "wrong")
    client.delete(f"/v1/clips/{clip_id}/deliveries/{delivery['id']}")
    attach_all(desk)
    (still,) = delivered(desk, clip_id)
    assert (still["status"], still["error"]["code"]) == ("succeeded", "destination_credentials")
    assert still["receipt"] == delivery["receipt"]


def test_a_link_is_made_only_where_no_file_is_taken(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    zendesk.refused_types = {"video/mp4", "image/gif", "image/png"}
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.finish()
    attach_all(desk)
    (delivery,) = delivered(desk, clip_id)
    assert delivery["receipt"]["way"] == "link"
    (link,) = client.get(f"/v1/clips/{clip_id}/shares").json()["data"]
    assert link["url"] in zendesk.notes()[0].text
    assert client.get(link["url"].removeprefix("https://clips.example.com")).status_code == 200


def test_of_a_clip_that_failed_nothing_is_posted(desk: Desk, zendesk: ZendeskVendor) -> None:
    client = desk.client()
    client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    clip_id = desk.fail()
    attach_all(desk)
    (delivery,) = delivered(desk, clip_id)
    assert (delivery["status"], delivery["error"]["code"]) == ("failed", "clip_failed")
    assert "nothing to play" in delivery["error"]["detail"]
    refused = client.post(f"/v1/clips/{clip_id}/deliveries", json={"to": "zendesk:1"})
    assert (refused.status_code, refused.json()["code"]) == (409, "clip_not_deliverable")
    assert zendesk.asked == []


def test_a_ticket_takes_a_key_that_may_deliver(desk: Desk) -> None:
    key = desk.new_key("clips:write", "clips:read")
    refused = desk.client(key).post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    assert (refused.status_code, refused.json()["code"]) == (403, "scope_missing")
    key = desk.new_key("clips:write", "clips:read", "deliveries:write")
    body = {"recording": "posthog:s", "deliver": [{"to": TICKET}]}
    assert desk.client(key).post("/v1/clips", json=body).status_code == 202


@pytest.mark.parametrize(
    ("deliver", "pointer", "code"),
    [
        ({"to": "zendesk:HELP-1"}, "#/deliver/0/to", "bad_ticket_reference"),
        ({"to": "github:o/r#1"}, "#/deliver/0/to", "destination_not_set_up"),
        ({"to": "nowhere:1"}, "#/deliver/0/to", "unknown_destination"),
        ({"to": "console:1"}, "#/deliver/0/to", "unknown_destination"),
        ({"to": TICKET, "public": "yes"}, "#/deliver/0/public", "bool_type"),
        ({"to": TICKET, "accept": ["everything"]}, "#/deliver/0/accept/0", "literal_error"),
    ],
)
def test_a_bad_delivery_is_refused_with_the_clip(desk: Desk, deliver: dict[str, Any], pointer: str, code: str) -> None:
    refused = desk.client().post("/v1/clips", json={"recording": "posthog:s", "deliver": [deliver]})
    assert refused.status_code == 422
    error = refused.json()["errors"][0]
    assert (error["pointer"], error.get("code", error.get("type"))) == (pointer, code)


def test_destinations_are_listed_with_what_each_can_do(desk: Desk) -> None:
    listed = {each["name"]: each for each in desk.client().get("/v1/destinations").json()["data"]}
    assert listed["zendesk"]["ready"]
    assert listed["zendesk"]["readers"] == "internal"
    assert listed["zendesk"]["takes"]["mp4"] == 50 * 1024 * 1024
    assert "console" not in listed
    assert next(iter(listed)) == "zendesk"
