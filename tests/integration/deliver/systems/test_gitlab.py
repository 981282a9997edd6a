"""What is particular to GitLab."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.systems.gitlab import GitLab
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.gitlab import GitLabVendor

GUEST, PLANNER, REPORTER, DEVELOPER = 10, 15, 20, 30


@pytest.fixture
def gitlab() -> Iterator[GitLabVendor]:
    with GitLabVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(gitlab: GitLabVendor, tmp_path: Path) -> Desk:
    return Desk(gitlab, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def system_of(gitlab: GitLabVendor) -> GitLab:
    system = Destinations([GitLab], lambda _, __: gitlab.settings()).system("gitlab")
    assert isinstance(system, GitLab)
    return system


def test_the_film_is_written_as_a_picture_which_gitlab_plays(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    secret, name, _ = gitlab.uploads[1]
    assert f"![clip.mp4](/uploads/{secret}/{name})" in gitlab.written[0]["body"]
    assert [file.kind for file in receipt.files] == ["mp4"]
    assert receipt.url == f"{gitlab.url}/acme/support/shop/-/issues/12#note_301"


def test_a_merge_request_is_as_good_as_an_issue(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel, reference="gitlab:acme/support/shop!12")
    assert gitlab.posts()[0].path == "/api/v4/projects/acme%2Fsupport%2Fshop/merge_requests/12/notes"
    assert receipt.url == f"{gitlab.url}/acme/support/shop/-/merge_requests/12#note_301"
    assert not gitlab.notes()[0].is_public


@pytest.mark.parametrize(
    ("role", "reference", "may"),
    [
        (GUEST, "gitlab:acme/support/shop#12", False),
        (PLANNER, "gitlab:acme/support/shop#12", True),
        (PLANNER, "gitlab:acme/support/shop!12", False),
        (REPORTER, "gitlab:acme/support/shop!12", True),
    ],
)
def test_who_may_not_write_internal_notes_writes_none(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel, role: int, reference: str, may: bool
) -> None:
    gitlab.role = role
    if may:
        desk.deliver(parcel, reference=reference)
        assert not gitlab.notes()[0].is_public
    else:
        error = failing(desk, parcel, reference=reference)
        assert error.code == "not_internal"
        assert "Reporter" in error.message
        assert gitlab.written == []
        assert gitlab.uploads == {}


@pytest.mark.parametrize(("role", "may"), [(DEVELOPER, True), (GUEST, False), (0, False)])
def test_a_role_that_comes_from_a_group_further_up_counts(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel, role: int, may: bool
) -> None:
    gitlab.is_direct_member, gitlab.role = False, role
    if may:
        assert desk.deliver(parcel).way == "attached"
    else:
        assert failing(desk, parcel).code == "not_internal"


def test_an_administrator_needs_no_role(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.is_direct_member, gitlab.role, gitlab.is_admin = False, 0, True
    assert desk.deliver(parcel).way == "attached"


def test_a_guest_may_write_a_public_note(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.role = GUEST
    assert desk.deliver(replace(parcel, is_public=True)).is_public
    assert "internal" not in gitlab.posts()[0].json()


def test_a_note_that_became_public_all_the_same_is_deleted_at_once(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel
) -> None:
    gitlab.ignores_internal = True
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert not error.retryable
    assert "taken away" in error.message
    assert gitlab.written == []
    assert gitlab.uploads == {}


@pytest.mark.parametrize(
    ("project", "says"),
    [
        ({"visibility": "public"}, "is public"),
        ({"enforce_auth_checks_on_uploads": False}, "require authentication to view media files"),
    ],
)
def test_files_that_open_without_signing_in_are_refused_unless_accepted(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel, project: dict[str, Any], says: str
) -> None:
    gitlab.project |= project
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert says in error.message
    assert "visible_files" in error.message
    assert gitlab.uploads == {}
    desk.deliver(replace(parcel, accepts=frozenset({"visible_files"})))
    assert not gitlab.notes()[0].is_public


def test_an_archived_project_is_told(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.project["archived"] = True
    assert "archived" in failing(desk, parcel).message


@pytest.mark.parametrize(
    "reply",
    [
        Reply(413, {"message": "413 Request Entity Too Large"}),
        Reply(400, {"message": "400 Bad request - File is too big (maximum is 10 MiB)"}),
        Reply(400, {"error": "file exceeds the maximum size"}),
    ],
)
def test_the_limit_is_learned_from_a_refusal(desk: Desk, gitlab: GitLabVendor, parcel: Parcel, reply: Reply) -> None:
    gitlab.faults.append(Fault("POST", "/uploads$", reply=reply))
    receipt = desk.deliver(parcel)
    assert receipt.files[0].bytes == 350_000
    assert receipt.files[0].given_up == ("quality lowered",)


def test_where_nothing_fits_a_link_goes(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.most_bytes = 1000
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc")))
    assert receipt.way == "link"
    assert "https://clips.example.com/s/abc" in gitlab.written[0]["body"]


def test_a_file_that_comes_back_changed_is_told(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.faults.append(Fault("GET", r"/uploads/\w+/clip\.mp4$", reply=Reply(200, b"something else")))
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.mp4" in error.message


@pytest.mark.parametrize("status", [404, 302])
def test_where_a_file_cannot_be_read_back_that_is_no_error(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel, status: int
) -> None:
    gitlab.faults.append(Fault("GET", r"/uploads/\w+/", reply=Reply(status, b"", {"Location": "https://cdn.example"})))
    assert desk.deliver(parcel).way == "attached"


def test_uploads_of_a_refused_note_are_taken_away(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    gitlab.may_post = False
    assert failing(desk, parcel).code == "destination_forbidden"
    assert gitlab.uploads == {}


def test_note_and_files_are_taken_away(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system_of(gitlab).withdraw(receipt.ticket, receipt.facts)
    assert gitlab.written == []
    assert gitlab.uploads == {}
    system_of(gitlab).withdraw(receipt.ticket, receipt.facts)


def test_below_maintainer_the_note_goes_and_the_files_that_stay_are_told(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel
) -> None:
    gitlab.role = DEVELOPER
    receipt = desk.deliver(parcel)
    with pytest.raises(DestinationError) as caught:
        system_of(gitlab).withdraw(receipt.ticket, receipt.facts)
    assert "Maintainer" in caught.value.message
    assert gitlab.written == []


def test_no_key_to_a_file_is_in_the_receipt(desk: Desk, gitlab: GitLabVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    assert gitlab.uploads[1][0] not in str(receipt)
    assert gitlab.uploads[1][0] not in str(desk.journal.steps)


@pytest.mark.parametrize(
    ("reference", "ticket"),
    [
        ("acme/support/shop#12", "acme/support/shop#12"),
        ("OWN/acme/shop/-/work_items/12", "acme/shop#12"),
        ("OWN/acme/shop/-/merge_requests/12#note_7", "acme/shop!12"),
        ("OWN/acme/shop/-/issues/12?show=x", "acme/shop#12"),
        ("OWN/acme/shop/-/issues/12", "acme/shop#12"),
    ],
)
def test_an_issue_may_be_pasted(gitlab: GitLabVendor, reference: str, ticket: str) -> None:
    assert system_of(gitlab).ticket(reference.replace("OWN", gitlab.url)) == ticket


@pytest.mark.parametrize("other", ["https://gitlab.com", "OWN.other.example", "https://other.example/OWN"])
def test_an_address_of_another_gitlab_is_no_reference(gitlab: GitLabVendor, other: str) -> None:
    with pytest.raises(RequestError) as caught:
        system_of(gitlab).ticket(f"{other}/acme/shop/-/issues/12".replace("OWN", gitlab.url))
    assert caught.value.code == "bad_ticket_reference"


@pytest.mark.parametrize(("status", "code"), [(429, "destination_limited"), (403, "not_internal")])
def test_a_public_note_that_cannot_be_deleted_is_not_posted_beside(
    desk: Desk, gitlab: GitLabVendor, parcel: Parcel, status: int, code: str
) -> None:
    gitlab.ignores_internal = True
    gitlab.faults.append(
        Fault("DELETE", r"/notes/\d+$", reply=Reply(status, {"message": "no"}), times=2 if status == 403 else 1)
    )
    error = failing(desk, parcel)
    assert error.code == code
    if error.retryable:
        assert failing(desk, parcel).code == "not_internal"
        assert gitlab.written == []
    else:
        assert "the note stands at" in error.message
    assert len(gitlab.posts()) == 1


def test_a_check_tells_a_scope_that_is_missing(gitlab: GitLabVendor) -> None:
    gitlab.scopes = ["read_api"]
    found = [(each.is_good, each.said) for each in system_of(gitlab).check()]
    assert (False, "the token lacks the scope api") in found


def test_a_check_of_a_token_that_is_no_personal_one_says_what_it_cannot_tell(gitlab: GitLabVendor) -> None:
    gitlab.faults.append(Fault("GET", "/personal_access_tokens/self$", reply=Reply(404, {"message": "404 Not found"})))
    assert all(each.is_good is not False for each in system_of(gitlab).check())
