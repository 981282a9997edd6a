"""What is particular to Zendesk."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.http.waits import wait_s
from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.zendesk import ZendeskVendor


@pytest.fixture
def zendesk() -> Iterator[ZendeskVendor]:
    with ZendeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(zendesk: ZendeskVendor, tmp_path: Path) -> Desk:
    return Desk(zendesk, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    return caught.value


def found(zendesk: ZendeskVendor) -> list[tuple[bool | None, str]]:
    system = Destinations([zendesk.system], lambda _, __: zendesk.settings()).system("zendesk")
    return [(each.is_good, each.said) for each in system.check()]


def test_the_gif_moves_in_the_note_and_the_film_is_linked(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    gif, film = zendesk.comments[0]["attachments"]
    text = zendesk.notes()[0].text
    assert f'<img src="{gif["content_url"]}"' in text
    assert f'<a href="{film["content_url"]}">clip.mp4</a>' in text
    assert gif["inline"]
    assert not film["inline"]
    assert {file.name: file.inline for file in receipt.files} == {"clip.gif": True, "clip.mp4": False}
    assert receipt.url == f"{zendesk.url}/agent/tickets/48213"


def test_a_picture_in_the_text_is_taken_away_too(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    Destinations([zendesk.system], lambda _, __: zendesk.settings()).system("zendesk").withdraw("48213", receipt.facts)
    assert [each["file_name"] for each in zendesk.comments[0]["attachments"]] == ["redacted.txt", "redacted.txt"]


def test_the_note_has_only_tags_of_zendesks_editor(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    text = zendesk.notes()[0].text
    assert "<details" not in text
    assert "<h4>Failed requests (1)</h4>" in text
    assert "<table>" in text
    assert "<ol>" in text


def test_a_pasted_address_of_a_ticket_is_understood(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel, reference=f"zendesk:{zendesk.url}/agent/tickets/48213?brand=2")
    assert receipt.ticket == "48213"


@pytest.mark.parametrize("reference", ["zendesk:48213", "zendesk:#48213", "zendesk: 48213 "])
def test_a_ticket_has_one_spelling(desk: Desk, parcel: Parcel, reference: str) -> None:
    assert desk.deliver(parcel, reference=reference).ticket == "48213"


def test_a_closed_ticket_is_told(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    zendesk.ticket["status"] = "closed"
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "follow-up" in error.message
    assert not zendesk.uploads


def test_an_end_user_may_not_write_what_is_meant_to_be_internal(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.me["role"] = "end-user"
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert zendesk.notes() == []
    assert desk.deliver(replace(parcel, is_public=True)).is_public


def test_a_light_agent_may_not_write_what_is_meant_to_be_public(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.me["only_private_comments"] = True
    assert failing(desk, replace(parcel, is_public=True)).code == "destination_forbidden"
    assert zendesk.notes() == []
    assert not desk.deliver(parcel).is_public


def test_a_note_that_a_rule_made_public_is_made_private_again(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.faults.append(Fault("GET", r"/comments$", reply=Reply(503), times=1))
    assert failing(desk, parcel).retryable
    zendesk.comments[0]["public"] = True
    desk.deliver(parcel)
    assert not zendesk.notes()[0].is_public


def test_a_note_that_stays_public_is_told_and_loses_its_files(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.faults.append(Fault("GET", "/comments$", reply=Reply(503)))
    assert failing(desk, parcel).retryable
    zendesk.comments[0]["public"] = True
    zendesk.faults.append(Fault("PUT", "/make_private$", reply=Reply(403, {"error": "Forbidden"})))
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert "keeps it so" in error.message
    assert set(zendesk.notes()[0].files) == {"redacted.txt"}


def test_the_accounts_own_limit_is_kept_to(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    assert zendesk.account is not None
    zendesk.account["limits"]["attachment_size"] = 500_000
    desk.deliver(parcel)
    assert [int(each.headers["content-length"]) for each in zendesk.asked if each.path.endswith("/uploads")] == [
        400_000,
        500_000,
    ]


def test_where_the_limit_may_not_be_read_the_documented_one_holds(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.account = None
    assert len(desk.deliver(parcel).files) == 2
    assert (None, "may not read the account's settings: whether files are private cannot be told") in found(zendesk)


def test_a_ticket_that_takes_no_files_gets_a_link(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    zendesk.ticket["allow_attachments"] = False
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc")))
    assert receipt.way == "link"
    assert not any(each.path.endswith("/uploads") for each in zendesk.asked)


def test_uploads_that_zendesk_deleted_are_sent_again(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    zendesk.fail("instead", Reply(500))
    failing(desk, parcel)
    zendesk.uploads.clear()
    error = failing(desk, parcel)
    assert error.code == "upload_lost"
    assert error.retryable
    desk.deliver(parcel)
    content = zendesk.notes()[0].files["clip.mp4"]
    assert hashlib.sha256(content).hexdigest() == parcel.files[0].sha256


def test_uploads_of_a_delivery_that_failed_for_good_are_deleted(
    desk: Desk, zendesk: ZendeskVendor, parcel: Parcel
) -> None:
    zendesk.may_post = False
    assert failing(desk, parcel).code == "destination_forbidden"
    assert zendesk.uploads == {}


def test_words_of_a_refusal_are_told(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    zendesk.fail("instead", Reply(422, {"error": "RecordInvalid", "description": "Assignee: is required"}))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "Assignee: is required" in error.message


def test_the_limit_of_updates_of_one_ticket_is_kept_to(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    headers = {"ratelimit-reset": "12", "zendesk-ratelimit-tickets-update": "total=30; remaining=0; resets=417"}
    zendesk.fail("instead", Reply(429, {}, headers))
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert error.retry_after_s == 417


def test_a_limit_that_is_not_used_up_asks_for_no_pause() -> None:
    assert wait_s({"zendesk-ratelimit-tickets-index": "total=100; remaining=99; resets=41"}, 0) is None


def test_credentials_of_nobody_are_told(desk: Desk, zendesk: ZendeskVendor, parcel: Parcel) -> None:
    zendesk.me = {"id": None, "name": "Anonymous user", "role": "end-user"}
    assert failing(desk, parcel).code == "destination_credentials"


def test_an_oauth_token_is_sent_as_one(zendesk: ZendeskVendor) -> None:
    given = {"url": zendesk.url, "token": zendesk.secret}
    system = Destinations([zendesk.system], lambda _, __: given).system("zendesk")
    with pytest.raises(DestinationError):
        list(system.check())
    assert zendesk.asked[0].headers["authorization"] == f"Bearer {zendesk.secret}"


def test_a_check_tells_of_files_that_anybody_can_open(zendesk: ZendeskVendor) -> None:
    assert zendesk.account is not None
    assert (True, "files can be opened only by who is signed in and sees the ticket") in found(zendesk)
    zendesk.account["tickets"]["private_attachments"] = False
    assert (None, "private attachments are off: whoever has a file's address can open it") in found(zendesk)
    zendesk.me["role"] = "end-user"
    assert (False, "is no agent: what it writes is public") in found(zendesk)
