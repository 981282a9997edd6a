"""What is particular to Redmine; a real one is asked in tests/trackers."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.journal import MemoryJournal
from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.redmine import RedmineVendor


@pytest.fixture
def redmine() -> Iterator[RedmineVendor]:
    with RedmineVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(redmine: RedmineVendor, tmp_path: Path) -> Desk:
    return Desk(redmine, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel)
    return caught.value


def test_the_note_shows_the_picture_and_leads_to_the_film(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    text = redmine.notes()[0].text
    assert "p. !clip.gif!" in text
    assert "p. attachment:clip.mp4" in text
    assert "{{collapse(Failed requests (1))" in text
    assert receipt.url == f"{redmine.url}/issues/12#change-{receipt.note_id}"


def test_where_redmine_is_set_to_markdown_the_note_is(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    desk.deliver(parcel, settings={**redmine.settings(), "format": "markdown"})
    text = redmine.notes()[0].text
    assert "![The clip](clip.gif)" in text
    assert "### What happened" in text


def test_another_format_is_refused_with_those_that_there_are(
    redmine: RedmineVendor, desk: Desk, parcel: Parcel
) -> None:
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings={**redmine.settings(), "format": "html"})
    assert caught.value.code == "destination_bad_setting"
    assert "RENDERER_REDMINE_FORMAT" in caught.value.message
    assert "markdown" in caught.value.message


def test_files_that_customers_would_see_are_refused(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    desk.accepts = frozenset()
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert '"visible_files"' in error.message
    assert {each.method for each in redmine.asked} == {"GET"}


def test_a_note_without_files_hides_all_of_it(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    desk.accepts = frozenset()
    link = "https://clips.example.com/s/abc"
    receipt = desk.deliver(replace(parcel, files=(), watch=lambda: Watch(link)))
    assert receipt.way == "link"
    assert not redmine.notes()[0].is_public


@pytest.mark.parametrize("lacks", ["right", "membership"])
def test_a_note_that_would_be_public_is_refused(desk: Desk, redmine: RedmineVendor, parcel: Parcel, lacks: str) -> None:
    if lacks == "right":
        redmine.permissions.remove("set_notes_private")
    else:
        redmine.is_member = False
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert redmine.notes() == []
    assert desk.deliver(replace(parcel, is_public=True)).is_public


def test_an_administrator_may_all_of_it(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    redmine.is_admin, redmine.is_member = True, False
    desk.deliver(parcel)
    assert not redmine.notes()[0].is_public


@pytest.mark.parametrize("can_edit_notes", [True, False])
def test_a_note_that_is_public_in_spite_of_all_loses_its_files(
    desk: Desk, redmine: RedmineVendor, parcel: Parcel, can_edit_notes: bool
) -> None:
    redmine.makes_public, redmine.can_edit_notes = True, can_edit_notes
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert [note.files for note in redmine.notes()] == ([] if can_edit_notes else [{}])


@pytest.mark.parametrize(
    "says",
    [
        "This file cannot be uploaded because it exceeds the maximum allowed file size ({limit})",
        "Diese Datei kann nicht hochgeladen werden, da sie die maximale Dateigröße von ({limit}) überschreitet.",
    ],
)
def test_the_limit_is_read_in_any_language(desk: Desk, redmine: RedmineVendor, parcel: Parcel, says: str) -> None:
    redmine.most_bytes, redmine.language_says = 500_000, says
    receipt = desk.deliver(parcel)
    assert desk.fit.asked == [("mp4", 500_000)]
    assert {file.kind: file.bytes for file in receipt.files} == {"gif": 400_000, "mp4": 500_000}


def test_uploads_that_are_gone_are_sent_again(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    redmine.fail("instead", Reply(502, b"<html>"))
    failing(desk, parcel)
    redmine.forget_uploads()
    assert failing(desk, parcel).code == "upload_lost"
    desk.deliver(parcel)
    assert set(redmine.notes()[0].files) == {"clip.gif", "clip.mp4"}


def test_what_an_issue_lacks_is_told_in_redmines_words(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    redmine.fail("instead", Reply(422, {"errors": ["Severity cannot be blank"]}))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "Severity cannot be blank" in error.message


def test_an_older_note_keeps_its_picture_when_another_of_that_name_comes(
    desk: Desk, redmine: RedmineVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    desk.journal = MemoryJournal()
    desk.deliver(replace(parcel, key="another"))
    first, second = redmine.notes()
    assert set(first.files) == {"clip.gif", "clip.mp4"}
    assert set(second.files) == {"clip-2.gif", "clip-2.mp4"}
    assert "!clip-2.gif!" in second.text


def test_a_name_that_textile_would_read_otherwise_is_made_plain(
    desk: Desk, redmine: RedmineVendor, parcel: Parcel
) -> None:
    files = tuple(replace(file, name=f"my clip! (1).{file.name.partition('.')[2]}") for file in parcel.files)
    desk.deliver(replace(parcel, files=files))
    assert set(redmine.notes()[0].files) == {"my-clip-1-.gif", "my-clip-1-.mp4"}
    assert "!my-clip-1-.gif!" in redmine.notes()[0].text


def test_bytes_that_are_other_ones_are_told(desk: Desk, redmine: RedmineVendor, parcel: Parcel) -> None:
    redmine.faults.append(Fault("GET", "/attachments/download/", reply=Reply(200, b"scanned and found wanting")))
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.gif" in error.message


@pytest.mark.parametrize("reference", ["#12", "issues/12", "issues/12#change-3", "issues/12?tab=notes"])
def test_a_reference_is_a_number_or_a_pasted_address(
    desk: Desk, redmine: RedmineVendor, parcel: Parcel, reference: str
) -> None:
    pasted = reference if reference.startswith("#") else f"{redmine.url}/{reference}"
    assert desk.deliver(parcel, reference=f"redmine:{pasted}").ticket == "12"


@pytest.mark.parametrize(
    ("permissions", "good", "words"),
    [
        (["add_issue_notes", "set_notes_private"], True, "private notes in Support"),
        (["add_issue_notes"], None, "public notes alone in Support"),
        (["view_issues"], False, "in no project"),
    ],
)
def test_a_check_tells_where_notes_can_be_private(
    redmine: RedmineVendor, permissions: list[str], good: bool | None, words: str
) -> None:
    redmine.permissions = permissions
    findings = list(Destinations([redmine.system], lambda _, __: redmine.settings()).system("redmine").check())
    assert findings[1].is_good is good
    assert words in findings[1].said
    assert "files of its private notes" in findings[2].said


@pytest.mark.parametrize(("status", "is_told"), [(403, False), (404, False), (500, True), (429, True)])
def test_a_note_that_was_not_made_empty_is_told_unless_it_never_can_be(
    desk: Desk, redmine: RedmineVendor, parcel: Parcel, status: int, is_told: bool
) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([redmine.system], lambda _, __: redmine.settings()).system("redmine")
    redmine.faults.append(Fault("PUT", "/journals/", reply=Reply(status, b"")))
    if is_told:
        with pytest.raises(DestinationError) as caught:
            system.withdraw(receipt.ticket, receipt.facts)
        assert caught.value.retryable
        system.withdraw(receipt.ticket, receipt.facts)
        assert not any(note.files for note in redmine.notes())
    else:
        system.withdraw(receipt.ticket, receipt.facts)
