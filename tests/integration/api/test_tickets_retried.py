"""Deliveries that are tried again, called off or taken away: what the row says by then, and that a ticket gets one note."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select

from renderer.database.tables import Delivery, DeliveryStep
from tests.integration.api.desk import Desk
from tests.integration.api.test_tickets import TICKET, attach_all, delivered
from tests.made_clips import KINDS, clip_files
from tests.vendors.zendesk import ZendeskVendor

RT = "rt:12"


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(make_desk: Callable[..., Desk], zendesk: ZendeskVendor) -> Desk:
    """Zendesk, and a Request Tracker that nobody asks for anything."""
    set_for = {f"zendesk_{name}": value for name, value in zendesk.settings().items()}
    desk = make_desk(rt_url="https://rt.invalid", rt_token="hush-7d21", **set_for)
    desk.files = {name: (*KINDS[name], content) for name, content in clip_files().items()}
    return desk


def asked(desk: Desk, to: str = TICKET) -> tuple[str, str]:
    """The clip, and the path of its delivery."""
    clip = desk.client().post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": to}]}).json()
    return clip["id"], f"/v1/clips/{clip['id']}/deliveries/{clip['deliveries'][0]['id']}"


def on_ticket(desk: Desk) -> tuple[str, str]:
    clip_id, path = asked(desk)
    desk.finish()
    attach_all(desk)
    assert [each["status"] for each in delivered(desk, clip_id)] == ["succeeded"]
    return clip_id, path


def keep_step(desk: Desk, path: str, step: str) -> None:
    with desk.service.database.write() as session:
        session.add(DeliveryStep(delivery=path.rpartition("/")[2], step=step, result={"bytes": 0}, at_ms=1))


def steps(desk: Desk) -> list[str]:
    with desk.service.database.read() as session:
        return list(session.scalars(select(DeliveryStep.step).order_by(DeliveryStep.step)))


def set_status(desk: Desk, path: str, status: str, **options: Any) -> None:
    with desk.service.database.write() as session:
        row = session.get_one(Delivery, path.rpartition("/")[2])
        row.status, row.options = status, {**row.options, **options}


def film_is_there(zendesk: ZendeskVendor) -> bool:
    return any(clip_files()["clip.mp4"] in note.files.values() for note in zendesk.notes())


def test_what_is_tried_again_before_its_clip_is_made_waits_for_it(desk: Desk, zendesk: ZendeskVendor) -> None:
    clip_id, path = asked(desk)
    client = desk.client()
    assert client.post(f"{path}/cancel").json()["status"] == "canceled"
    again = client.post(f"{path}/retry")
    assert (again.status_code, again.json()["status"], again.json()["event"]) == (202, "waiting", "clip")
    attach_all(desk)
    assert delivered(desk, clip_id)[0]["status"] == "waiting"
    desk.finish()
    attach_all(desk)
    (done,) = delivered(desk, clip_id)
    assert (done["status"], done["event"], len(zendesk.notes())) == ("succeeded", "clip.succeeded", 1)


def test_what_was_called_off_before_its_clip_was_made_goes_when_it_is_tried_again(
    desk: Desk, zendesk: ZendeskVendor
) -> None:
    clip_id, path = asked(desk)
    client = desk.client()
    client.post(f"{path}/cancel")
    desk.finish()
    again = client.post(f"{path}/retry").json()
    assert (again["status"], again["event"]) == ("queued", "clip.succeeded")
    twice = client.post(f"/v1/clips/{clip_id}/deliveries", json={"to": TICKET})
    assert (twice.status_code, twice.json()["code"]) == (409, "delivery_exists")
    attach_all(desk)
    assert (delivered(desk, clip_id)[0]["status"], len(zendesk.notes())) == ("succeeded", 1)


def test_another_delivery_to_the_same_ticket_is_in_the_way_of_one_that_was_called_off(
    desk: Desk, zendesk: ZendeskVendor
) -> None:
    clip_id, path = asked(desk)
    client = desk.client()
    client.post(f"{path}/cancel")
    desk.finish()
    assert client.post(f"/v1/clips/{clip_id}/deliveries", json={"to": TICKET}).status_code == 202
    for _ in ("on its way", "there"):
        again = client.post(f"{path}/retry")
        assert (again.status_code, again.json()["code"]) == (409, "delivery_exists")
        attach_all(desk)
    assert [each["status"] for each in delivered(desk, clip_id)] == ["canceled", "succeeded"]
    assert len(zendesk.notes()) == 1


def test_the_news_of_a_clip_waits_again_as_well(desk: Desk) -> None:
    client = desk.client()
    hook = client.post("/v1/webhooks", json={"url": "https://example.com/hook", "events": ["clip.failed"]}).json()
    _, path = asked(desk, f"webhook:{hook['id']}")
    client.post(f"{path}/cancel")
    assert client.post(f"{path}/retry").json()["status"] == "waiting"
    desk.finish()
    assert client.get(path).json()["event"] == "clip.succeeded"


def test_a_limit_that_was_learned_is_forgotten_when_it_is_tried_again(desk: Desk) -> None:
    _, path = asked(desk)
    desk.finish()
    set_status(desk, path, "failed")
    for step in ("limit:mp4", "note?", "upload:mp4:00"):
        keep_step(desk, path, step)
    assert desk.client().post(f"{path}/retry").status_code == 202
    assert steps(desk) == ["note?", "upload:mp4:00"], "where it was broken off it goes on"


def test_what_was_taken_away_is_delivered_from_the_beginning(desk: Desk) -> None:
    _, path = asked(desk)
    desk.finish()
    set_status(desk, path, "withdrawn")
    for step in ("limit:mp4", "posted"):
        keep_step(desk, path, step)
    assert desk.client().post(f"{path}/retry").status_code == 202
    assert steps(desk) == []


def test_a_clip_that_is_deleted_before_it_is_taken_away_is_taken_away(desk: Desk, zendesk: ZendeskVendor) -> None:
    clip_id, path = on_ticket(desk)
    client = desk.client()
    assert client.delete(path).status_code == 202
    assert client.delete(f"/v1/clips/{clip_id}").status_code == 204
    assert film_is_there(zendesk)
    attach_all(desk)
    assert client.get(path).json()["status"] == "withdrawn"
    assert not film_is_there(zendesk)


def test_a_clip_that_was_deleted_can_still_be_taken_away(desk: Desk, zendesk: ZendeskVendor) -> None:
    clip_id, path = on_ticket(desk)
    client = desk.client()
    client.delete(f"/v1/clips/{clip_id}")
    assert client.get(path).json()["status"] == "succeeded"
    for action in ("retry", "cancel"):
        assert client.post(f"{path}/{action}").json()["code"] == "clip_gone"
    assert client.get(f"/v1/clips/{clip_id}/deliveries/dlv_none").json()["code"] == "clip_gone"
    other = desk.client(desk.new_key("clips:read", "deliveries:write", tenant="other"))
    assert (other.get(path).status_code, other.delete(path).status_code) == (404, 404)
    assert client.delete(path).status_code == 202
    attach_all(desk)
    assert client.get(path).json()["status"] == "withdrawn"
    assert not film_is_there(zendesk)


def test_a_deleted_clip_calls_off_what_has_not_gone_and_forgets_how_far_it_was(desk: Desk) -> None:
    clip_id, path = asked(desk)
    client = desk.client()
    desk.finish()
    keep_step(desk, path, "upload:mp4:00")
    keep_step(desk, "/of/another", "upload:mp4:00")
    client.delete(f"/v1/clips/{clip_id}")
    assert client.get(path).json()["status"] == "canceled"
    with desk.service.database.read() as session:
        assert [step.delivery for step in session.scalars(select(DeliveryStep))] == ["another"]


def test_steps_of_what_is_being_sent_or_taken_away_outlive_the_clip(desk: Desk) -> None:
    for status, options in (("sending", {}), ("queued", {"withdraw": True})):
        clip_id, path = asked(desk)
        desk.finish()
        set_status(desk, path, status, **options)
        keep_step(desk, path, f"posted {status}")
        desk.client().delete(f"/v1/clips/{clip_id}")
    assert steps(desk) == ["posted queued", "posted sending"]


def test_where_nothing_can_be_taken_away_it_is_said_at_once(desk: Desk) -> None:
    _, path = asked(desk, RT)
    desk.finish()
    set_status(desk, path, "succeeded")
    client = desk.client()
    refused = client.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "cannot_withdraw")
    assert "no way to take a note away" in refused.json()["detail"]
    assert client.get(path).json()["status"] == "succeeded"
    better = {"recording": "posthog:s", "speed": 2, "deliver": [{"to": RT, "replaces": path.rpartition("/")[2]}]}
    refused = client.post("/v1/clips", json=better)
    told = refused.json()
    assert (told["code"], told["errors"][0]["pointer"]) == ("cannot_withdraw", "#/deliver/0/replaces")
    assert "hush" not in refused.text


def test_a_destination_whose_address_is_wrong_is_not_ready(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RENDERER_ZENDESK_URL", "ftp://acme.zendesk.com")
    listed = {each["name"]: each["ready"] for each in desk.client().get("/v1/destinations").json()["data"]}
    assert (listed["zendesk"], listed["rt"]) == (False, True)
