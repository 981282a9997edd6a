"""A clip told to a server of one's own, by the command line."""

from collections.abc import Iterator

import pytest

from renderer.deliver.parcel import Parcel
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import KEY, REPLAY, Desk, Fitting
from tests.vendors.webhook import WebhookVendor


@pytest.fixture
def webhook() -> Iterator[WebhookVendor]:
    with WebhookVendor() as running:
        yield running


def test_the_message_says_what_the_clip_is_and_sends_no_file(
    webhook: WebhookVendor, fitting: Fitting, parcel: Parcel
) -> None:
    receipt = Desk(webhook, fitting).deliver(parcel)
    assert (receipt.way, receipt.files, receipt.notes) == ("summary", (), ())
    assert list(webhook.messages) == [KEY]
    message = webhook.messages[KEY]
    assert (message["type"], message["data"]["ticket"], message["data"]["replay_url"]) == (
        "clip.attached",
        "48213",
        REPLAY,
    )
    assert {file["name"]: file["sha256"] for file in message["data"]["files"]} == {
        file.name: file.sha256 for file in parcel.files
    }
    assert fitting.asked == []


def test_a_message_whose_answer_was_lost_comes_again_with_the_same_id(
    webhook: WebhookVendor, fitting: Fitting, parcel: Parcel
) -> None:
    desk = Desk(webhook, fitting)
    webhook.fail("after")
    with pytest.raises(DestinationError):
        desk.deliver(parcel)
    desk.deliver(parcel)
    assert len(webhook.posts()) == 2
    assert len(webhook.notes()) == 1
