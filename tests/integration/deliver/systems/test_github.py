"""What is particular to GitHub."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.systems.github import GitHub, Settings, uploads_of
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.github import GitHubVendor

LINK = "https://clips.example.com/s/abc"


@pytest.fixture
def github() -> Iterator[GitHubVendor]:
    with GitHubVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(github: GitHubVendor, tmp_path: Path) -> Desk:
    return Desk(github, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def findings(github: GitHubVendor, **settings: str) -> list[tuple[bool | None, str]]:
    system = Destinations([GitHub], lambda _, __: github.settings() | settings).system("github")
    return [(each.is_good, each.said) for each in system.check()]


def test_the_film_plays_where_its_address_stands_alone_on_a_line(
    desk: Desk, github: GitHubVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    lines = github.comments[0]["body"].split("\n")
    assert [line for line in lines if line.startswith(f"{github.url}/user-attachments/assets/")]
    assert "![" not in github.comments[0]["body"]
    assert [(file.kind, file.inline) for file in receipt.files] == [("mp4", True)]
    assert receipt.url == "https://github.com/acme/shop/issues/12#issuecomment-1"


def test_a_picture_is_written_as_one(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    github.refused_types = {"video/mp4"}
    desk.deliver(parcel)
    assert f"![The clip]({github.url}/user-attachments/assets/" in github.comments[0]["body"]


def test_a_public_repository_is_refused_unless_that_is_accepted(
    desk: Desk, github: GitHubVendor, parcel: Parcel
) -> None:
    github.repository |= {"private": False, "visibility": "public"}
    error = failing(desk, parcel)
    assert error.code == "not_internal"
    assert "public_project" in error.message
    assert not github.posts()
    assert desk.deliver(replace(parcel, accepts=frozenset({"public_project"}))).way == "attached"


def test_a_public_note_may_go_to_a_public_repository(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    github.repository |= {"private": False, "visibility": "public"}
    assert desk.deliver(replace(parcel, is_public=True)).is_public


@pytest.mark.parametrize("status", [404, 403])
def test_where_the_token_may_not_upload_a_link_is_posted_and_one_file_was_tried(
    desk: Desk, github: GitHubVendor, parcel: Parcel, status: int
) -> None:
    github.faults.append(Fault("POST", "/user-attachments/", reply=Reply(status, {"message": "Not Found"}), times=9))
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch(LINK)))
    assert receipt.way == "link"
    assert LINK in github.comments[0]["body"]
    assert len([each for each in github.asked if "user-attachments" in each.path]) == 1


def test_with_uploads_off_none_is_tried(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    settings = github.settings() | {"uploads": "off"}
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch(LINK)), settings=settings)
    assert receipt.way == "link"
    assert not [each for each in github.asked if "user-attachments" in each.path]


def test_who_may_only_read_posts_a_link(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    github.repository["permissions"]["push"] = False
    receipt = desk.deliver(replace(parcel, watch=lambda: Watch(LINK)))
    assert receipt.way == "link"
    assert not [each for each in github.asked if "user-attachments" in each.path]


@pytest.mark.parametrize(
    ("url", "uploads"),
    [
        ("https://api.github.com", "https://uploads.github.com"),
        ("https://api.acme.ghe.com", "https://uploads.acme.ghe.com"),
        ("https://github.acme.example/api/v3", None),
    ],
)
def test_files_go_to_the_host_that_belongs_to_the_api(url: str, uploads: str | None) -> None:
    assert uploads_of(url) == uploads


def test_a_larger_limit_of_a_paid_plan_can_be_set(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    small = github.settings() | {"video_bytes": "500000"}
    assert desk.deliver(parcel, settings=small).files[0].bytes == 500_000
    with pytest.raises(ValidationError):
        Settings.model_validate({"token": "x", "video_bytes": 200_000_000})


def test_an_archived_repository_is_told(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    github.repository["archived"] = True
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "archived" in error.message


@pytest.mark.parametrize("may_push", [True, False])
def test_a_locked_issue_takes_comments_of_who_may_write_alone(
    desk: Desk, github: GitHubVendor, parcel: Parcel, may_push: bool
) -> None:
    github.issue["locked"] = True
    github.repository["permissions"]["push"] = may_push
    if may_push:
        assert desk.deliver(parcel).way == "attached"
    else:
        assert "locked" in failing(desk, parcel).message
        assert not github.posts()


def test_a_repository_that_moved_is_told(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    there = {"Location": f"{github.url}/repositories/4711"}
    github.faults.append(Fault("GET", "/repos/acme/shop$", reply=Reply(301, {"message": "Moved Permanently"}, there)))
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "another name" in error.message


def test_an_issue_that_moved_is_told(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    github.faults.append(Fault("GET", "/issues/12$", reply=Reply(301, {"message": "Moved Permanently"})))
    assert "moved to another repository" in failing(desk, parcel).message


@pytest.mark.parametrize(
    ("status", "headers", "said", "wait_s"),
    [
        (403, {"Retry-After": "31"}, "You have exceeded a secondary rate limit", 31),
        (403, {"X-RateLimit-Remaining": "4000"}, "You have exceeded a secondary rate limit", 60),
        (429, {"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": "9999999999"}, "Too many requests", 60),
    ],
)
def test_a_secondary_limit_is_a_pause_and_no_missing_right(
    desk: Desk,
    github: GitHubVendor,
    parcel: Parcel,
    status: int,
    headers: dict[str, str],
    said: str,
    wait_s: int,
) -> None:
    github.fail("instead", Reply(status, {"message": said}, headers))
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert error.retry_after_s == wait_s
    desk.deliver(parcel)
    assert len(github.comments) == 1


def test_the_hours_quota_is_waited_for(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(round(time.time()) + 600)}
    github.fail("instead", Reply(403, {"message": "API rate limit exceeded for user ID 7."}, headers))
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert 590 <= (error.retry_after_s or 0) <= 601


def test_single_sign_on_is_told(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    said = "Resource protected by organization SAML enforcement."
    github.faults.append(Fault("GET", "/repos/", reply=Reply(403, {"message": said}, {"X-GitHub-SSO": "required"})))
    error = failing(desk, parcel)
    assert error.code == "destination_forbidden"
    assert "single sign-on" in error.message


def test_a_lost_note_is_found_among_more_comments_than_a_page_holds(
    desk: Desk, github: GitHubVendor, parcel: Parcel
) -> None:
    github.comments += [
        {"id": 1000 + at, "body": "me too", "html_url": "", "updated_at": "2100-01-01T00:00:00Z"} for at in range(150)
    ]
    github.fail("after")
    failing(desk, parcel)
    assert desk.deliver(parcel).found
    assert len(github.posts()) == 1


def test_a_comment_that_lost_its_film_is_told(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    changed = Reply(200, {"id": 1, "body": "edited by somebody"})
    github.faults.append(Fault("GET", r"/issues/comments/\d+$", reply=changed))
    assert failing(desk, parcel).code == "attachment_damaged"


def test_taking_away_twice_is_no_error(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([GitHub], lambda _, __: github.settings()).system("github")
    system.withdraw(receipt.ticket, receipt.facts)
    system.withdraw(receipt.ticket, receipt.facts)
    assert github.comments == []


@pytest.mark.parametrize(
    ("url", "web"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("https://github.acme.example/api/v3", "https://github.acme.example"),
    ],
)
def test_an_issue_may_be_pasted_from_the_server_that_is_set_up(url: str, web: str) -> None:
    system = Destinations([GitHub], lambda _, __: {"token": "secret", "url": url}).system("github")
    for page in ("issues/12", "pull/12", "issues/12#issuecomment-99", "issues/12?x=1"):
        assert system.ticket(f"{web}/acme/shop/{page}") == "acme/shop#12"
    for other in ("https://github.other.example", f"{web}.other.example", "https://other.example/x"):
        with pytest.raises(RequestError) as caught:
            system.ticket(f"{other}/acme/shop/issues/12")
        assert caught.value.code == "bad_ticket_reference"


def test_a_note_is_found_behind_more_than_a_thousand_comments(desk: Desk, github: GitHubVendor, parcel: Parcel) -> None:
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    github.comments = [{"id": number, "body": "+1", "updated_at": now} for number in range(1, 1250)]
    github.fail("after")
    failing(desk, parcel)
    assert desk.deliver(parcel).found
    assert len(github.posts()) == 1


def test_a_check_tells_scopes_and_tokens_that_bring_no_files(github: GitHubVendor) -> None:
    assert (False, "the token may not write to repositories: give it the scope repo") not in findings(github)
    github.scopes = "gist, read:org"
    assert (False, "the token may not write to repositories: give it the scope repo") in findings(github)
    assert any("uploads are off" in said for _, said in findings(github, uploads="off"))


def test_a_check_takes_an_apps_token(github: GitHubVendor) -> None:
    said = {"message": "Resource not accessible by integration"}
    github.faults.append(Fault("GET", "/user$", reply=Reply(403, said)))
    assert all(good is not False for good, _ in findings(github))
