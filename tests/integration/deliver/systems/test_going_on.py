"""How a delivery goes on: after what fails, after what changed meanwhile, and never without an end."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.deliver import deliver
from renderer.deliver.journal import Steps
from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting, made
from tests.vendors.base import Asked, Fault, Reply
from tests.vendors.gitlab import GitLabVendor
from tests.vendors.zendesk import ZendeskVendor


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running


@pytest.fixture
def gitlab() -> Iterator[GitLabVendor]:
    with GitLabVendor() as running:
        yield running


def test_a_webm_that_is_too_large_ends_as_a_smaller_mp4(
    gitlab: GitLabVendor, fitting: Fitting, parcel: Parcel, tmp_path: Path
) -> None:
    gitlab.most_bytes = 200_000
    only = replace(parcel, files=(made("webm", tmp_path / "clip.webm", 1_000_000),))
    receipt = Desk(gitlab, fitting).deliver(only)
    assert [file.kind for file in receipt.files] == ["mp4"]
    assert [most for _, most in fitting.asked] == sorted({most for _, most in fitting.asked}, reverse=True)


def test_a_system_that_takes_no_size_at_all_is_not_asked_for_ever(
    gitlab: GitLabVendor, fitting: Fitting, parcel: Parcel
) -> None:
    gitlab.most_bytes = 0
    with pytest.raises(DestinationError) as caught:
        Desk(gitlab, fitting).deliver(replace(parcel, replay_url=None))
    assert caught.value.code == "nothing_to_attach"
    assert len(gitlab.asked) < 60


def test_a_note_that_is_not_whole_goes_and_is_posted_anew_when_it_is_tried_again(
    zendesk: ZendeskVendor, fitting: Fitting, parcel: Parcel
) -> None:
    desk = Desk(zendesk, fitting)

    def lose_bytes(asked: Asked) -> None:
        for upload in zendesk.uploads.values():
            upload["size"] -= 1

    zendesk.on_asked = lose_bytes
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    assert (caught.value.code, caught.value.retryable) == ("attachment_damaged", False)
    assert "it was taken away again" in caught.value.message
    assert desk.journal.steps == {}
    zendesk.on_asked = lambda _: None
    receipt = desk.deliver(replace(parcel, key=f"{parcel.key}.1"))
    assert not receipt.found
    assert len(zendesk.notes()) == 2
    assert len(zendesk.notes()[1].files["clip.mp4"]) == 700_000


def test_what_an_earlier_attempt_sent_is_what_the_receipt_tells_though_another_would_be_sent_now(
    zendesk: ZendeskVendor, fitting: Fitting, parcel: Parcel
) -> None:
    desk = Desk(zendesk, fitting)
    zendesk.fail("after")
    with pytest.raises(DestinationError):
        desk.deliver(parcel)
    receipt = desk.deliver(replace(parcel, files=parcel.files[2:]))
    assert receipt.found
    assert sorted(file.name for file in receipt.files) == ["clip.gif", "clip.mp4"]


def test_once_it_is_posted_nothing_but_what_arrived_is_looked_at(
    zendesk: ZendeskVendor, fitting: Fitting, parcel: Parcel
) -> None:
    desk = Desk(zendesk, fitting)
    zendesk.faults.append(Fault("GET", "/comments", reply=Reply(503)))
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    assert caught.value.retryable
    zendesk.ticket["status"] = "closed"
    assert desk.deliver(parcel).way == "attached"
    assert len(zendesk.notes()) == 1


def test_the_receipt_names_the_destination_and_not_its_kind(
    zendesk: ZendeskVendor, fitting: Fitting, parcel: Parcel
) -> None:
    known = Destinations([ZendeskVendor.system], lambda _, __: zendesk.settings(), {"eu": "zendesk"})
    system, ticket = known.resolve("eu:48213")
    desk = Desk(zendesk, fitting)
    receipt = deliver(system, ticket, parcel, Steps(desk.journal), fitting, name="eu")
    assert (receipt.destination, receipt.ticket) == ("eu", "48213")


@pytest.mark.parametrize("status", [203, 206, 226])
def test_a_success_that_nobody_documents_may_have_happened(
    zendesk: ZendeskVendor, fitting: Fitting, parcel: Parcel, status: int
) -> None:
    zendesk.fail("instead", Reply(status, {}))
    with pytest.raises(DestinationError) as caught:
        Desk(zendesk, fitting).deliver(parcel)
    assert (caught.value.code, caught.value.may_have_happened) == ("destination_bad_answer", True)
