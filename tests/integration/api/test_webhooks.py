"""Webhooks and deliveries over HTTP; messages go to a real receiver on loopback, which the operator named."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import standardwebhooks
from sqlalchemy import select

from renderer.database.tables import AuditEntry, Webhook
from renderer.jobs.posting import Posting
from tests.integration.api.desk import Desk
from tests.integration.deliver.webhooks.receiver import Came, Receiver
from tests.told_news import as_promised


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def desk(make_desk: Callable[..., Desk], receiver: Receiver) -> Desk:
    return make_desk(webhook_hosts=f"127.0.0.1:{receiver.port}")


@pytest.fixture
def url(receiver: Receiver) -> str:
    return f"http://127.0.0.1:{receiver.port}/hooks"


def post_all(desk: Desk) -> None:
    service = desk.service
    posting = Posting(service.database, service.webhooks, service.sender, service.settings, "wrk_test")
    while posting.send_one():
        pass


def opened(came: Came, *secrets: str) -> dict[str, Any]:
    """What it says, once every secret was found good."""
    for secret in secrets:
        standardwebhooks.Webhook(secret).verify(came.body, came.headers)
    told: dict[str, Any] = json.loads(came.body)
    return told


def test_a_webhook_is_made_changed_and_taken_away(desk: Desk, url: str) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url})
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    told = {name: value for name, value in made.json().items() if name != "secret"}
    assert (told["url"], told["events"], told["enabled"]) == (url, ["clip.succeeded", "clip.failed"], True)
    path = f"/v1/webhooks/{told['id']}"
    assert client.get(path).json() == told
    assert client.get("/v1/webhooks").json() == {"data": [told]}
    changed = client.patch(path, json={"events": ["clip.expired"], "enabled": False}).json()
    assert (changed["events"], changed["enabled"], changed["disabled_reason"]) == (
        ["clip.expired"],
        False,
        "by its owner",
    )
    assert client.patch(path, json={"enabled": True}).json()["disabled_reason"] is None
    assert client.patch(path, json={"url": "https://10.0.0.1/"}).status_code == 422
    assert client.patch(path, json={"enabled": "yes"}).status_code == 422
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    with desk.service.database.read() as session:
        audit = [vars(entry) for entry in session.scalars(select(AuditEntry))]
        assert session.scalars(select(Webhook)).all() == []
    assert secret not in str(audit)


def test_a_test_message_is_sent_now_and_signed(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url}).json()
    answer = client.post(f"/v1/webhooks/{made['id']}/test")
    assert answer.json() == {"delivered": True, "status": 204, "code": None, "detail": None}
    assert opened(receiver.came[0], made["secret"])["type"] == "webhook.test"
    receiver.answer = lambda handler: handler.reply(500, b"broken")
    failed = client.post(f"/v1/webhooks/{made['id']}/test").json()
    assert (failed["delivered"], failed["code"]) == (False, "webhook_refused")
    assert "500" in failed["detail"]


def test_a_secret_is_replaced_without_a_gap(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url}).json()
    rotated = client.post(f"/v1/webhooks/{made['id']}/rotate").json()
    assert rotated["secret"] != made["secret"]
    client.post(f"/v1/webhooks/{made['id']}/test")
    opened(receiver.came[0], made["secret"], rotated["secret"])
    with desk.service.database.write() as session:
        session.get_one(Webhook, made["id"]).rotated_ms = 1
    client.post(f"/v1/webhooks/{made['id']}/test")
    opened(receiver.came[1], rotated["secret"])
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        opened(receiver.came[1], made["secret"])


def test_every_webhook_of_the_tenant_hears_and_the_clip_tells_of_it(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url}).json()
    foreign = desk.client(desk.new_key("admin", tenant="others"))
    foreign.post("/v1/webhooks", json={"url": url})
    clip_id = client.post("/v1/clips", json={"recording": "posthog:s", "metadata": {"t": 1}}).json()["id"]
    desk.finish()
    post_all(desk)
    assert len(receiver.came) == 1
    told = opened(receiver.came[0], made["secret"])
    as_promised(told)
    assert (told["type"], told["data"]["id"], told["data"]["metadata"]) == ("clip.succeeded", clip_id, {"t": 1})
    delivery = client.get(f"/v1/clips/{clip_id}").json()["deliveries"][0]
    assert (delivery["to"], delivery["status"], delivery["event"]) == (
        f"webhook:{made['id']}",
        "succeeded",
        "clip.succeeded",
    )
    assert (delivery["receipt"]["status"], delivery["attempts"]) == (204, 1)


def test_a_clip_is_delivered_where_it_was_asked_to_go(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url, "events": ["clip.expired"]}).json()
    to = f"webhook:{made['id']}"
    clip = client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": to}, {"to": to}]}).json()
    assert [(each["to"], each["status"]) for each in clip["deliveries"]] == [(to, "waiting")]
    twice = client.post(f"/v1/clips/{clip['id']}/deliveries", json={"to": to})
    assert (twice.status_code, twice.json()["code"]) == (409, "delivery_exists")
    desk.finish()
    post_all(desk)
    assert opened(receiver.came[0], made["secret"])["type"] == "clip.succeeded"
    listed = client.get(f"/v1/clips/{clip['id']}/deliveries").json()["data"]
    assert [(each["id"], each["status"]) for each in listed] == [(clip["deliveries"][0]["id"], "succeeded")]


def test_a_delivery_is_asked_for_called_off_and_tried_again(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url, "events": ["clip.expired"]}).json()
    clip_id = client.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"]
    desk.finish()
    path = f"/v1/clips/{clip_id}/deliveries"
    body, key = {"to": f"webhook:{made['id']}"}, {"Idempotency-Key": "k"}
    first = client.post(path, json=body, headers=key)
    assert first.status_code == 202
    assert client.post(path, json=body, headers=key).json() == first.json()
    assert client.get(first.headers["location"]).json() == first.json()
    one = f"{path}/{first.json()['id']}"
    assert client.post(f"{one}/cancel").json()["status"] == "canceled"
    assert client.post(f"{one}/cancel").json()["code"] == "delivery_ended"
    post_all(desk)
    assert receiver.came == []
    assert client.post(f"{one}/retry").json()["status"] == "queued"
    assert client.post(f"{one}/retry").json()["code"] == "delivery_not_failed"
    post_all(desk)
    assert len(receiver.came) == 1
    assert client.get(one).json()["status"] == "succeeded"
    assert client.get(f"{path}/dlv_x").json()["code"] == "delivery_not_found"
    assert client.post(path, json={"to": "webhook:whk_x"}).json()["errors"][0]["pointer"] == "#/to"


def test_an_endpoint_that_wants_no_more_is_disabled_and_says_why(desk: Desk, url: str, receiver: Receiver) -> None:
    client = desk.client()
    made = client.post("/v1/webhooks", json={"url": url}).json()
    receiver.answer = lambda handler: handler.reply(410)
    clip_id = client.post("/v1/clips", json={"recording": "posthog:s"}).json()["id"]
    desk.finish()
    post_all(desk)
    told = client.get(f"/v1/webhooks/{made['id']}").json()
    assert (told["enabled"], "410" in told["disabled_reason"]) == (False, True)
    delivery = client.get(f"/v1/clips/{clip_id}").json()["deliveries"][0]
    assert (delivery["status"], delivery["error"]["code"]) == ("failed", "webhook_gone")
    refused = client.post("/v1/clips", json={"recording": "posthog:s", "deliver": [{"to": f"webhook:{made['id']}"}]})
    assert refused.json()["errors"][0]["code"] == "webhook_disabled"
