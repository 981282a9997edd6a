"""What is particular to Zammad."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.zammad import ZammadVendor


@pytest.fixture
def zammad() -> Iterator[ZammadVendor]:
    with ZammadVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(zammad: ZammadVendor, tmp_path: Path) -> Desk:
    return Desk(zammad, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, reference: str | None = None) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, reference=reference)
    return caught.value


def test_both_files_go_with_the_note_and_what_is_long_is_folded(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    note = zammad.notes()[0]
    assert list(note.files) == ["clip.gif", "clip.mp4"]
    assert "Attached: clip.gif" in note.text
    assert "Attached: clip.mp4" in note.text
    assert "<details>\n<summary>Failed requests (1)</summary>" in note.text
    assert receipt.url == f"{zammad.url}/#ticket/zoom/123/500"


def test_a_ticket_is_known_by_its_number_too(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel, reference="zammad:#67001")
    assert receipt.ticket == "#67001"
    assert zammad.articles[0]["ticket_id"] == 123
    assert len([each for each in zammad.asked if each.path.endswith("/search")]) == 1


def test_a_note_on_a_ticket_known_by_its_number_is_found_again(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel
) -> None:
    zammad.fail("after")
    failing(desk, parcel, "zammad:#67001")
    assert desk.deliver(parcel, reference="zammad:#67001").found
    assert len(zammad.posts()) == 1


def test_a_note_on_a_ticket_too_long_for_one_answer_is_found_again(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel
) -> None:
    zammad.articles = [
        {"id": number, "body": "x" * 450_000, "internal": True, "attachments": []} for number in range(1, 21)
    ]
    zammad.fail("after")
    failing(desk, parcel)
    assert desk.deliver(parcel).found
    assert len(zammad.posts()) == 1


def test_a_number_that_no_ticket_has_is_told(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    error = failing(desk, parcel, "zammad:#7001")
    assert error.code == "ticket_not_found"
    assert "#7001" in error.message
    assert not zammad.posts()


@pytest.mark.parametrize("page", ["#ticket/zoom/123", "#ticket/zoom/123/500", "desktop/tickets/123"])
def test_a_pasted_address_of_a_ticket_is_understood(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel, page: str
) -> None:
    assert desk.deliver(parcel, reference=f"zammad:{zammad.url}/{page}").ticket == "123"


def test_who_is_no_agent_may_not_write_what_is_meant_to_be_internal(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel
) -> None:
    zammad.is_agent = False
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert zammad.notes() == []
    assert desk.deliver(replace(parcel, is_public=True)).is_public


def test_a_note_that_became_public_is_made_internal_again(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    zammad.faults.append(Fault("GET", r"/ticket_articles/\d+$", reply=Reply(503)))
    assert failing(desk, parcel).retryable
    zammad.articles[0]["internal"] = False
    desk.deliver(parcel)
    assert not zammad.notes()[0].is_public


def test_a_note_that_stays_public_is_told(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    zammad.faults.append(Fault("GET", r"/ticket_articles/\d+$", reply=Reply(503)))
    assert failing(desk, parcel).retryable
    zammad.articles[0]["internal"] = False
    zammad.faults.append(Fault("PUT", r"/ticket_articles/\d+$", reply=Reply(200, zammad.articles[0])))
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert "keeps it so" in error.message


def test_a_file_that_did_not_arrive_whole_is_told(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    zammad.faults.append(Fault("GET", r"/ticket_articles/\d+$", reply=Reply(503)))
    assert failing(desk, parcel).retryable
    zammad.damage()
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.mp4" in error.message


def test_a_merged_ticket_is_told(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    zammad.ticket["state"] = "merged"
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "merged" in error.message
    assert not zammad.posts()


def test_a_note_is_taken_away_while_zammad_allows_it(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([zammad.system], lambda _, __: zammad.settings()).system("zammad")
    zammad.keeps_notes_s = 0
    with pytest.raises(DestinationError, match="ten minutes only"):
        system.withdraw(receipt.ticket, receipt.facts)
    zammad.keeps_notes_s = 600
    system.withdraw(receipt.ticket, receipt.facts)
    assert zammad.notes() == []


@pytest.mark.parametrize(
    ("status", "said", "code"),
    [
        (403, "API token access disabled!", "destination_refused"),
        (403, "Maintenance mode enabled!", "destination_failed"),
        (401, "Not authorized (token expired)!", "destination_credentials"),
        (403, "Not authorized", "destination_forbidden"),
    ],
)
def test_zammads_own_errors_are_told(
    desk: Desk, zammad: ZammadVendor, parcel: Parcel, status: int, said: str, code: str
) -> None:
    zammad.faults.append(Fault("GET", r"/tickets/123$", reply=Reply(status, {"error": said})))
    assert failing(desk, parcel).code == code


def test_words_of_a_refusal_are_told(desk: Desk, zammad: ZammadVendor, parcel: Parcel) -> None:
    zammad.fail("instead", Reply(422, {"error": "The required value 'time_unit' is missing."}))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "time_unit" in error.message


def test_a_check_tells_who_is_no_agent(zammad: ZammadVendor) -> None:
    system = Destinations([zammad.system], lambda _, __: zammad.settings()).system("zammad")
    zammad.is_agent = False
    assert [each.is_good for each in system.check()] == [True, False]
