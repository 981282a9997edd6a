"""Deliveries to tickets when something comes between: a clip that is deleted, a worker that was lost, faults of our own."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from renderer.database.tables import Delivery
from renderer.deliver.journal import LostDeliveryError
from renderer.deliver.systems.zendesk import Zendesk
from renderer.jobs.deliveries import Deliveries
from renderer.jobs.tickets.rows import InHand, TicketRows
from tests.integration.api.desk import Desk
from tests.integration.api.test_tickets import TICKET, attach_all, delivered
from tests.made_clips import KINDS, clip_files
from tests.vendors.base import Asked
from tests.vendors.zendesk import ZendeskVendor

pytestmark = pytest.mark.timeout(60)


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


@pytest.fixture
def clip(desk: Desk) -> str:
    """Made, with a delivery that is due."""
    desk.client().post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": TICKET}]})
    return desk.finish()


def row(desk: Desk) -> Delivery:
    with desk.service.database.read() as session:
        return session.query(Delivery).one()


def due(desk: Desk) -> None:
    with desk.service.database.write() as session:
        session.query(Delivery).one().available_ms = 0


def test_a_clip_that_is_deleted_while_it_is_sent_is_not_posted(desk: Desk, zendesk: ZendeskVendor, clip: str) -> None:
    def delete(asked: Asked) -> None:
        if asked.path.endswith("uploads"):
            zendesk.on_asked = lambda _: None
            assert desk.client().delete(f"/v1/clips/{clip}").status_code in {200, 204}

    zendesk.on_asked = delete
    attach_all(desk)
    assert zendesk.notes() == []
    assert zendesk.uploads == {}
    assert row(desk).status != "succeeded"


def test_a_clip_that_is_deleted_while_the_note_is_posted_is_taken_away_again(
    desk: Desk, zendesk: ZendeskVendor, clip: str
) -> None:
    posted = zendesk.hold_after_post()
    worker = threading.Thread(target=attach_all, args=(desk,))
    worker.start()
    assert posted.wait(30)
    assert desk.client().delete(f"/v1/clips/{clip}").status_code in {200, 204}
    zendesk.release()
    worker.join(30)
    attach_all(desk)
    (note,) = zendesk.notes()
    assert clip_files()["clip.mp4"] not in note.files.values()
    assert row(desk).status == "withdrawn"


def test_a_link_goes_with_the_note_that_held_it(desk: Desk, zendesk: ZendeskVendor, clip: str) -> None:
    zendesk.refused_types = {"video/mp4", "image/gif", "image/png"}
    attach_all(desk)
    client = desk.client()
    (link,) = client.get(f"/v1/clips/{clip}/shares").json()["data"]
    page = link["url"].removeprefix("https://clips.example.com")
    assert client.get(page).status_code == 200
    assert link["expires_at"] <= client.get(f"/v1/clips/{clip}").json()["expires_at"]
    client.delete(f"/v1/clips/{clip}/deliveries/{row(desk).id}")
    attach_all(desk)
    assert delivered(desk, clip)[0]["status"] == "withdrawn"
    assert client.get(page).status_code == 410


def test_a_fault_of_our_own_is_counted_and_ends(
    desk: Desk, zendesk: ZendeskVendor, clip: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("no such luck")

    monkeypatch.setattr(Zendesk, "vet", broken)
    for failures in range(1, 10):
        attach_all(desk)
        seen = row(desk)
        assert (seen.status, seen.failures, (seen.error or {})["code"]) == ("queued", failures, "delivery_broke")
        assert "luck" not in str(seen.error)
        due(desk)
    attach_all(desk)
    assert row(desk).status == "failed"
    monkeypatch.undo()


def taken(rows: TicketRows) -> InHand:
    hand = rows.take()
    assert isinstance(hand, InHand)
    return hand


def test_who_lost_a_delivery_cannot_end_it_even_after_it_was_tried_again(desk: Desk, clip: str) -> None:
    database = desk.service.database
    first, second = (TicketRows(database, owner, lease_ms=30_000) for owner in ("wrk_a", "wrk_b"))
    lost = taken(first)
    first.settle(lost, status="failed")
    deliveries = Deliveries(database)
    deliveries.retry("default", clip, lost.id)
    held = taken(second)
    assert held.attempt > lost.attempt
    with pytest.raises(LostDeliveryError):
        first.hold(lost)
    first.settle(lost, status="failed")
    assert row(desk).status == "sending"
    second.hold(held)


def test_a_delivery_that_its_worker_lost_again_and_again_ends(desk: Desk, clip: str) -> None:
    rows = TicketRows(desk.service.database, "wrk_a", lease_ms=-1)
    for failures in range(1, 11):
        taken(rows)
        desk.service.sweeper.recover()
        assert row(desk).failures == failures
        due(desk)
    seen = row(desk)
    assert (seen.status, (seen.error or {})["code"]) == ("failed", "worker_lost")
