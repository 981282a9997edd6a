"""What is particular to Freshdesk."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.freshdesk import FreshdeskVendor


@pytest.fixture
def freshdesk() -> Iterator[FreshdeskVendor]:
    with FreshdeskVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(freshdesk: FreshdeskVendor, tmp_path: Path) -> Desk:
    return Desk(freshdesk, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    return caught.value


def test_the_film_goes_with_the_note_and_is_named_in_it(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    note = freshdesk.notes()[0]
    assert list(note.files) == ["clip.mp4"]
    assert "Attached: clip.mp4" in note.text
    assert "<table>" in note.text
    assert receipt.url == f"{freshdesk.url}/a/tickets/812"


@pytest.mark.parametrize("page", ["a/tickets/812", "a/tickets/812?current_tab=details", "helpdesk/tickets/812#note"])
def test_a_pasted_address_of_a_ticket_is_understood(
    desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel, page: str
) -> None:
    assert desk.deliver(parcel, reference=f"freshdesk:{freshdesk.url}/{page}").ticket == "812"


def test_the_film_fits_into_what_the_tickets_files_leave(
    desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel
) -> None:
    freshdesk.ticket["attachments"] = [{"id": 900, "name": "log.txt", "size": 9_000_000}]
    freshdesk.reply_of_a_customer("It broke.", 10_000_000, 600_000)
    receipt = desk.deliver(parcel)
    assert receipt.files[0].bytes == 400_000
    assert len(freshdesk.posts()) == 1


def test_a_ticket_that_is_full_gets_a_link(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    freshdesk.reply_of_a_customer("All of it.", 20_000_000)
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc")))
    assert receipt.way == "link"
    assert freshdesk.posts()[0].headers["content-type"] == "application/json"
    assert not freshdesk.notes()[0].is_public


def test_a_note_is_found_behind_hundreds_of_replies(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    for number in range(230):
        freshdesk.reply_of_a_customer(f"reply {number}")
    freshdesk.fail("after")
    assert failing(desk, parcel).may_have_happened
    receipt = desk.deliver(parcel)
    assert receipt.found
    assert len(freshdesk.posts()) == 1


def test_a_ticket_with_more_than_can_be_looked_through_is_refused_before_anything_is_posted(
    desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel
) -> None:
    for number in range(2000):
        freshdesk.reply_of_a_customer(f"reply {number}")
    assert failing(desk, parcel).code == "ticket_too_long"
    assert not freshdesk.posts()


@pytest.mark.parametrize(("status", "code"), [(429, "destination_limited"), (403, "not_internal")])
def test_a_public_note_that_cannot_be_deleted_is_not_posted_beside(
    desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel, status: int, code: str
) -> None:
    freshdesk.shows_all = True
    freshdesk.faults.append(
        Fault("DELETE", "/conversations/", reply=Reply(status, {}), times=2 if status == 403 else 1)
    )
    error = failing(desk, parcel)
    assert error.code == code
    if error.retryable:
        assert failing(desk, parcel).code == "not_internal"
        assert freshdesk.notes() == []
    else:
        assert f"the note stands at {freshdesk.url}/a/tickets/812" in error.message
    assert len(freshdesk.posts()) == 1


@pytest.mark.parametrize("state", ["deleted", "spam"])
def test_a_ticket_in_the_trash_is_told(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel, state: str) -> None:
    freshdesk.ticket[state] = True
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "restore it" in error.message
    assert not freshdesk.posts()


def test_a_note_that_became_public_is_taken_away_again(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    freshdesk.shows_all = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert "taken away again" in error.message
    assert freshdesk.notes() == []


def test_taking_away_deletes_files_and_note_and_may_be_repeated(
    desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([freshdesk.system], lambda _, __: freshdesk.settings()).system("freshdesk")
    system.withdraw("812", receipt.facts)
    system.withdraw("812", receipt.facts)
    deleted = [each.path.split("/")[3] for each in freshdesk.asked if each.method == "DELETE"]
    assert deleted == ["attachments", "conversations"] * 2
    assert freshdesk.notes() == []


def test_words_of_a_refusal_are_told(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    errors = [{"field": "body", "code": "missing_field", "message": "It should be a/an String"}]
    freshdesk.fail("instead", Reply(400, {"description": "Validation failed", "errors": errors}))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "body: It should be a/an String" in error.message


def test_an_account_that_is_suspended_is_told(desk: Desk, freshdesk: FreshdeskVendor, parcel: Parcel) -> None:
    suspended = Reply(403, {"code": "account_suspended", "message": "Your account has been suspended."})
    freshdesk.faults.append(Fault("GET", r"/tickets/812$", reply=suspended))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "suspended" in error.message


def test_a_check_tells_which_tickets_are_seen(freshdesk: FreshdeskVendor) -> None:
    freshdesk.ticket_scope = 2
    system = Destinations([freshdesk.system], lambda _, __: freshdesk.settings()).system("freshdesk")
    found = [(each.is_good, each.said) for each in system.check()]
    assert found == [(True, "signed in as Agent Smith, an agent"), (None, "sees only tickets of its groups")]
