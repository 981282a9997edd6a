"""What is particular to Request Tracker; a real one is asked in tests/trackers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Reply
from tests.vendors.rt import RtVendor


@pytest.fixture
def rt() -> Iterator[RtVendor]:
    with RtVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(rt: RtVendor, tmp_path: Path) -> Desk:
    return Desk(rt, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    return caught.value


def test_the_note_is_html_with_tables_that_have_lines(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    text = rt.notes()[0].text
    assert '<table border="1"' in text
    assert "Attached: clip.mp4" in text
    assert receipt.url == f"{rt.url}/Ticket/Display.html?id=12#txn-{receipt.note_id}"


def test_the_subject_holds_the_marker(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    assert rt.transactions[-1]["Data"] == f"Clip of the session ({parcel.marker})\n"


def test_a_long_note_is_cut_where_request_tracker_would_not_show_it(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    rows = "".join(f"| 0:{number % 60:02} | “ünïcödé” {'ß' * 200} |\n" for number in range(100))
    desk.deliver(replace(parcel, summary=f"It broke.\n\n| At | Message |\n| --- | --- |\n{rows}"))
    text = rt.notes()[0].text
    assert len(text.encode()) <= 25_000
    assert "The rest is in" in text


@pytest.mark.parametrize(("drops", "setting"), [(False, "TruncateLongAttachments"), (True, "DropLongAttachments")])
def test_a_file_that_it_did_not_keep_is_told_though_it_said_yes(
    desk: Desk, rt: RtVendor, parcel: Parcel, drops: bool, setting: str
) -> None:
    rt.keeps_bytes, rt.drops = 500_000, drops
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.mp4" in error.message
    assert "500000 bytes" in error.message
    assert setting in error.message
    assert len(rt.notes()) == 1


@pytest.mark.parametrize("sees_comments", [True, False])
def test_a_note_whose_number_is_not_told_is_looked_for(
    desk: Desk, rt: RtVendor, parcel: Parcel, sees_comments: bool
) -> None:
    rt.tells_location, rt.sees_comments = False, sees_comments
    if sees_comments:
        assert desk.deliver(parcel).note_id == "2"
    else:
        assert "ShowTicketComments" in failing(desk, parcel).message


def test_a_note_is_found_behind_hundreds_of_changes(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    rt.fail("after")
    failing(desk, parcel)
    rt.transactions += [{"id": str(number), "Type": "Set", "Data": "", "parts": []} for number in range(1000, 1350)]
    assert desk.deliver(parcel).found


def test_a_note_without_files_is_a_link(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    link = "https://clips.example.com/s/abc"
    receipt = desk.deliver(replace(parcel, files=(), watch=lambda: Watch(link)))
    assert receipt.way == "link"
    assert link in rt.notes()[0].text


def test_permissions_that_went_meanwhile_are_told_as_such(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    rt.fail("instead", Reply(400, {"message": "Permission Denied"}))
    error = failing(desk, parcel)
    assert error.code == "destination_forbidden"
    assert "CommentOnTicket" in error.message


def test_other_refusals_are_told_in_its_words(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    rt.fail("instead", Reply(400, {"message": "Transaction custom field Team is mandatory"}))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "Team is mandatory" in error.message


def test_a_users_password_does_as_well_as_a_token(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    desk.deliver(parcel, settings={**rt.settings(), "user": "agent"})
    assert len(rt.notes()) == 1


def test_a_pasted_address_of_a_ticket_is_understood(desk: Desk, rt: RtVendor, parcel: Parcel) -> None:
    pasted = f"{rt.url}/Ticket/Display.html?id=12#txn-7"
    assert desk.deliver(parcel, reference=f"rt:{pasted}").ticket == "12"


def test_an_account_without_queues_is_told_in_a_check(rt: RtVendor) -> None:
    rt.queues = 0
    findings = list(Destinations([rt.system], lambda _, __: rt.settings()).system("rt").check())
    assert findings[1].is_good is False
    assert "SeeQueue" in findings[1].said
