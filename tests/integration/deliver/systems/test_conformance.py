"""What every ticket system's destination has to stand: one suite for all of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from renderer.deliver.deliver import deliver
from renderer.deliver.journal import MemoryJournal, Steps
from renderer.deliver.model import Sent
from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import REPLAY, Desk
from tests.integration.deliver.webhooks.receiver import Receiver
from tests.vendors.base import Asked, Fault, NoteSeen, Reply, Vendor


def only_note(vendor: Vendor) -> NoteSeen:
    notes = vendor.notes()
    assert len(notes) == 1
    return notes[0]


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    assert desk.vendor.secret not in caught.value.message
    assert "\n" not in caught.value.message
    return caught.value


def same_bytes(note: NoteSeen, parcel: Parcel) -> None:
    """Every file that arrived is one of the clip's, byte for byte."""
    known = {file.sha256 for file in parcel.files}
    assert {hashlib.sha256(content).hexdigest() for content in note.files.values()} <= known


def test_a_clip_stands_on_the_ticket(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    note = only_note(vendor)
    assert receipt.way == "attached"
    assert not receipt.found
    assert receipt.note_id
    assert {file.name for file in receipt.files} == set(note.files)
    assert "clip.mp4" in note.files or "clip.gif" in note.files
    same_bytes(note, parcel)


def test_the_note_is_internal_unless_asked_otherwise(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    assert not receipt.is_public
    assert not only_note(vendor).is_public


def test_a_public_note_is_public(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    receipt = desk.deliver(replace(parcel, is_public=True))
    assert receipt.is_public
    assert only_note(vendor).is_public


def test_the_note_tells_what_happened_and_where_to_look(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    text = only_note(vendor).text
    assert "thumbs" in text
    assert f"{REPLAY}?t=54" in text.replace("&amp;", "&")
    assert parcel.marker in text.replace("\\", "")
    assert "<b>of course" not in text


def test_delivering_again_asks_nobody(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    first = desk.deliver(parcel)
    count = len(vendor.asked)
    assert desk.deliver(parcel) == first
    assert len(vendor.asked) == count


def test_a_film_that_is_too_large_is_made_to_fit(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.most_bytes = 500_000
    receipt = desk.deliver(parcel)
    note = only_note(vendor)
    assert receipt.way == "attached"
    assert desk.fit.asked
    assert note.files
    assert all(len(content) <= 500_000 for content in note.files.values())
    assert any("quality lowered" in said for said in receipt.notes)
    assert {file.name: file.sha256 for file in receipt.files} == {
        name: hashlib.sha256(content).hexdigest() for name, content in note.files.items()
    }


def test_where_films_are_refused_a_picture_goes(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.refused_types = {"video/mp4", "video/webm"}
    receipt = desk.deliver(parcel)
    note = only_note(vendor)
    assert note.files
    assert not [name for name in note.files if name.endswith("mp4")]
    assert {file.kind for file in receipt.files} <= {"gif", "poster"}


def test_where_no_file_is_taken_a_link_goes_and_the_receipt_says_so(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.refused_types = {"video/mp4", "video/webm", "image/gif", "image/png"}
    link = "https://clips.example.com/s/abc"
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch(link)))
    note = only_note(vendor)
    assert receipt.way == "link"
    assert receipt.files == ()
    assert not note.files
    assert link in note.text


def test_without_files_and_links_nothing_is_posted(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.refused_types = {"video/mp4", "video/webm", "image/gif", "image/png"}
    assert failing(desk, replace(parcel, replay_url=None)).code == "nothing_to_attach"
    assert vendor.notes() == []


def test_wrong_credentials_are_told_with_what_to_check(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    error = failing(desk, parcel, settings=vendor.wrong_settings())
    assert error.code == "destination_credentials"
    assert not error.retryable
    assert "RENDERER_" in error.message
    assert vendor.notes() == []


def test_an_account_that_may_not_post_is_told_what_it_needs(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.may_post = False
    error = failing(desk, parcel)
    assert error.code == "destination_forbidden"
    assert not error.retryable
    assert vendor.notes() == []


def test_a_ticket_that_is_not_there_is_told(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    error = failing(desk, parcel, reference=vendor.missing)
    assert error.code == "ticket_not_found"
    assert not error.retryable
    assert vendor.notes() == []
    assert not vendor.posts()


def test_a_reference_of_the_wrong_shape_is_told_before_anybody_is_asked(
    desk: Desk, vendor: Vendor, parcel: Parcel
) -> None:
    for reference in vendor.bad_references:
        with pytest.raises(RequestError) as caught:
            desk.deliver(parcel, reference=reference)
        assert caught.value.code == "bad_ticket_reference"
        assert vendor.system.reference_says in caught.value.message
    assert vendor.asked == []


@pytest.mark.parametrize("lacking", ["all", "secret"])
def test_missing_credentials_are_told_with_what_to_set(
    desk: Desk, vendor: Vendor, parcel: Parcel, lacking: str
) -> None:
    given = vendor.settings()
    settings = {} if lacking == "all" else {name: value for name, value in given.items() if value != vendor.secret}
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings=settings)
    assert caught.value.code == "destination_not_set_up"
    assert "RENDERER_" in caught.value.message
    assert vendor.asked == []


def test_a_limit_of_requests_is_kept_to(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.fail("instead", Reply(429, {}, {"Retry-After": "7"}))
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert error.retryable
    assert error.retry_after_s == 7
    desk.deliver(parcel)
    same_bytes(only_note(vendor), parcel)


def test_a_server_that_fails_is_tried_again(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.fail("instead", Reply(500, b"<html>oops</html>"))
    error = failing(desk, parcel)
    assert error.retryable
    assert error.may_have_happened
    receipt = desk.deliver(parcel)
    assert not receipt.found
    same_bytes(only_note(vendor), parcel)


def test_a_note_whose_answer_was_lost_is_found_again(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    vendor.fail("after")
    error = failing(desk, parcel)
    assert error.retryable
    assert error.may_have_happened
    receipt = desk.deliver(parcel)
    assert receipt.found
    assert receipt.note_id
    assert len(vendor.posts()) == 1
    same_bytes(only_note(vendor), parcel)


@pytest.mark.parametrize("was_lost", [False, True], ids=["at-first", "after-a-lost-answer"])
def test_a_page_of_a_proxy_is_never_read_as_an_answer(
    desk: Desk, vendor: Vendor, parcel: Parcel, was_lost: bool
) -> None:
    """In the place of each question's answer, one after the other: the clip is on the ticket once in the end."""
    broken = 0
    for number in range(30):
        desk.journal = MemoryJournal()
        this = replace(parcel, key=f"{parcel.key}x{number}")
        before = len(vendor.notes())
        if was_lost:
            vendor.fail("after")
            failing(desk, this)
        vendor.page_after = number
        try:
            desk.deliver(this)
        except DestinationError as error:
            assert error.retryable
            broken += 1
        was_whole = vendor.page_after >= 0
        vendor.page_after = None
        desk.deliver(this)
        notes = vendor.notes()[before:]
        assert len(notes) == 1
        same_bytes(notes[0], parcel)
        if was_whole:
            break
    assert broken


def test_of_a_found_note_nothing_more_than_its_marker_has_to_be_known(
    desk: Desk, vendor: Vendor, parcel: Parcel
) -> None:
    """What was said of uploads may be forgotten by the time that the note is looked for."""
    receipt = desk.deliver(parcel)
    system = Destinations([vendor.system], lambda _, __: vendor.settings()).system(vendor.system.name)
    files = {file.kind: file for file in parcel.files}
    sent = [Sent(files[each.kind], {}, each.inline) for each in receipt.files]
    posted = system.find(receipt.ticket, parcel, sent)
    assert posted is not None
    confirmed = system.confirm(receipt.ticket, posted, sent, parcel)
    assert confirmed.id == receipt.note_id


def test_credentials_never_follow_to_another_host(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    with Receiver() as elsewhere:
        to = f"http://localhost:{elsewhere.port}/stolen"
        for method in ("GET", "POST", "PUT", "PATCH"):
            vendor.faults.append(Fault(method, "", reply=Reply(307, b"", {"Location": to}), times=100))
        error = failing(desk, parcel)
        assert error.code == "destination_redirected"
        assert not error.retryable
        assert elsewhere.came == []
    assert vendor.notes() == []


class LostChange(Fault):
    """Of the `number`-th request that changes something the answer is lost."""

    def __init__(self, vendor: Vendor, number: int) -> None:
        super().__init__("", "", how="after")
        self._vendor = vendor
        self._left = number

    def matches(self, asked: Asked) -> bool:
        if self.times == 0 or self._vendor.is_look(asked):
            return False
        self._left -= 1
        return self._left < 0


class Killed(BaseException):
    """As a SIGKILL: nothing of ours runs any more."""


class KilledAfter(MemoryJournal):
    """The process dies right after, or right before, its `number`-th step was stored."""

    def __init__(self, number: int, *, stored: bool) -> None:
        super().__init__()
        self._left = number
        self._stored = stored

    def write(self, step: str, result: Mapping[str, Any]) -> None:
        self._left -= 1
        if self._left == 0 and not self._stored:
            raise Killed
        super().write(step, result)
        if self._left == 0:
            raise Killed


@pytest.mark.parametrize("stored", [True, False], ids=["after-the-step", "before-the-step"])
def test_killed_between_any_two_steps_it_is_posted_once(
    desk: Desk, vendor: Vendor, parcel: Parcel, stored: bool
) -> None:
    killed = 0
    for number in range(1, 20):
        kept = KilledAfter(number, stored=stored)
        desk.journal = kept
        this = replace(parcel, key=f"{parcel.key}x{number}")
        before = len(vendor.notes())
        try:
            desk.deliver(this)
        except Killed:
            killed += 1
        else:
            break
        desk.journal = MemoryJournal(kept.steps)
        receipt = desk.deliver(this)
        assert receipt.note_id
        notes = vendor.notes()[before:]
        assert len(notes) == 1
        same_bytes(notes[0], parcel)
    assert killed >= 3


def test_a_check_says_yes_without_posting(vendor: Vendor) -> None:
    found = list(Destinations([vendor.system], lambda _, __: vendor.settings()).system(vendor.system.name).check())
    assert found
    assert all(each.is_good is not False for each in found)
    assert vendor.notes() == []
    assert not vendor.posts()


def test_a_check_tells_wrong_credentials(vendor: Vendor) -> None:
    system = Destinations([vendor.system], lambda _, __: vendor.wrong_settings()).system(vendor.system.name)
    with pytest.raises(DestinationError) as caught:
        list(system.check())
    assert caught.value.code == "destination_credentials"
    assert vendor.secret not in caught.value.message


def test_a_delivered_clip_can_be_taken_away(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([vendor.system], lambda _, __: vendor.settings()).system(vendor.system.name)
    system.withdraw(receipt.ticket, receipt.facts)
    for note in vendor.notes():
        for content in note.files.values():
            assert hashlib.sha256(content).hexdigest() not in {file.sha256 for file in parcel.files}


def test_a_withdrawal_whose_answer_was_lost_succeeds_the_second_time(
    desk: Desk, vendor: Vendor, parcel: Parcel
) -> None:
    system = Destinations([vendor.system], lambda _, __: vendor.settings()).system(vendor.system.name)
    lost = 0
    for number in range(20):
        desk.journal = MemoryJournal()
        receipt = desk.deliver(replace(parcel, key=f"{parcel.key}x{number}"))
        fault = LostChange(vendor, number)
        vendor.faults.append(fault)
        try:
            system.withdraw(receipt.ticket, receipt.facts)
        except DestinationError as error:
            assert error.retryable
            lost += 1
        vendor.faults.remove(fault)
        system.withdraw(receipt.ticket, receipt.facts)
        for note in vendor.notes():
            for content in note.files.values():
                assert hashlib.sha256(content).hexdigest() not in {file.sha256 for file in parcel.files}
        if fault.times:
            break
    assert lost


def test_secrets_are_in_no_step_and_no_repr(desk: Desk, vendor: Vendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([vendor.system], lambda _, __: vendor.settings()).system(vendor.system.name)
    assert vendor.secret not in str(desk.journal.steps)
    assert vendor.secret not in str(receipt)
    assert vendor.secret not in str(vars(system).get("settings", ""))


def test_two_destinations_of_one_system_can_be_set_up(vendor: Vendor, parcel: Parcel, desk: Desk) -> None:
    other = f"{vendor.system.name}-eu"
    known = Destinations(
        [vendor.system], lambda name, _: vendor.settings() if name == other else {}, {other: vendor.system.name}
    )
    system, ticket = known.resolve(vendor.reference.replace(vendor.system.name, other, 1))
    deliver(system, ticket, desk.accepting(parcel), Steps(desk.journal), desk.fit)
    assert len(vendor.notes()) == 1
