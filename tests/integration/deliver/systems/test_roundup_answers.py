"""What Roundup answers seldom; a real one is asked in test_roundup.py."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.roundup import RoundupVendor


@pytest.fixture
def roundup() -> Iterator[RoundupVendor]:
    with RoundupVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(roundup: RoundupVendor, tmp_path: Path) -> Desk:
    return Desk(roundup, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    return caught.value


def test_an_issue_that_others_change_meanwhile_is_asked_for_anew(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel
) -> None:
    roundup.changes = 3
    desk.deliver(parcel)
    assert len(roundup.posts()) == 4
    assert len(roundup.items["msg"]) == 1


def test_one_that_changes_all_the_time_is_tried_later(desk: Desk, roundup: RoundupVendor, parcel: Parcel) -> None:
    roundup.changes = 1000
    error = failing(desk, parcel)
    assert error.code == "destination_busy"
    assert error.retryable
    roundup.changes = 0
    desk.deliver(parcel)
    assert len(roundup.items["msg"]) == 1


@pytest.mark.parametrize("how", ["instead", "after"])
def test_a_message_that_came_into_no_issue_is_taken_up_again(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel, how: str
) -> None:
    roundup.faults.append(Fault("POST", "/data/msg$", how="after" if how == "after" else "instead", reply=Reply(500)))
    assert failing(desk, parcel).may_have_happened
    desk.deliver(parcel)
    assert len(roundup.items["msg"]) == 1
    assert roundup.items["issue"][12]["messages"] == [1]


def test_a_message_that_tells_of_other_files_is_not_taken_up(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    Destinations([roundup.system], lambda _, __: roundup.settings()).system("roundup").withdraw("12", receipt.facts)
    desk.journal.forget("")
    assert desk.deliver(parcel).note_id == "2"
    assert roundup.items["issue"][12]["messages"] == [2]


def test_strangers_must_not_read_it(desk: Desk, roundup: RoundupVendor, parcel: Parcel) -> None:
    roundup.is_open = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert '"public_project"' in error.message
    assert roundup.items["file"] == {}
    strangers = [each for each in roundup.asked if each.path == "/demo/issue12"]
    assert all("authorization" not in each.headers for each in strangers)
    assert strangers
    assert desk.deliver(replace(parcel, accepts=frozenset({"public_project"}))).way == "attached"


def test_a_locked_account_is_left_alone_for_as_long_as_it_says(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel
) -> None:
    roundup.wrong_passwords = 4
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert error.retry_after_s == 150


def test_an_address_that_the_tracker_does_not_have_is_told_in_a_check(roundup: RoundupVendor) -> None:
    roundup.own_address = "https://bugs.example.com"
    system = Destinations([roundup.system], lambda _, __: roundup.settings()).system("roundup")
    with pytest.raises(DestinationError) as caught:
        list(system.check())
    assert caught.value.code == "destination_bad_address"
    assert "RENDERER_ROUNDUP_URL" in caught.value.message


def test_without_the_right_to_look_for_users_the_message_has_no_author(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel
) -> None:
    roundup.may_search_users = False
    desk.deliver(parcel)
    assert "author" not in roundup.items["msg"][1]


def test_what_a_detector_says_is_told(desk: Desk, roundup: RoundupVendor, parcel: Parcel) -> None:
    refusal = Reply(400, {"error": {"status": 400, "msg": "Messages need a keyword"}})
    roundup.faults.append(Fault("POST", "/data/msg$", reply=refusal))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "Messages need a keyword" in error.message


def test_bytes_that_are_other_ones_are_told(desk: Desk, roundup: RoundupVendor, parcel: Parcel) -> None:
    roundup.faults.append(Fault("GET", "/binary_content$", reply=Reply(200, b"scanned")))
    assert failing(desk, parcel).code == "attachment_damaged"


@pytest.mark.parametrize("reference", ["issue12", "#12", "{url}/demo/issue12", "{url}/demo/issue12#msg3"])
def test_a_reference_is_a_number_a_designator_or_a_pasted_address(
    desk: Desk, roundup: RoundupVendor, parcel: Parcel, reference: str
) -> None:
    assert desk.deliver(parcel, reference=f"roundup:{reference.format(url=roundup.url)}").ticket == "12"
