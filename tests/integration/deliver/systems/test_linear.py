"""What is particular to Linear."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from renderer.deliver.journal import MemoryJournal
from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.deliver.systems import linear as queries
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Asked, Fault, Reply
from tests.vendors.linear import LinearVendor, failed


@pytest.fixture
def linear() -> Iterator[LinearVendor]:
    with LinearVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(linear: LinearVendor, tmp_path: Path) -> Desk:
    return Desk(linear, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def created(linear: LinearVendor) -> list[dict[str, Any]]:
    return [each.json()["variables"]["input"] for each in linear.posts()]


def stored(linear: LinearVendor) -> list[Asked]:
    return [each for each in linear.asked if each.path.startswith("/storage/")]


def test_the_gif_is_a_picture_and_the_film_a_video_in_the_note(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    by_name = {asset["name"]: url for url, asset in linear.assets.items()}
    text = linear.notes()[0].text
    assert f"![clip.gif]({by_name['clip.gif']})" in text
    assert f"![clip.mp4]({by_name['clip.mp4']})" in text
    assert "+++ Failed requests" in text
    assert receipt.url == linear.comments[0]["url"]


def test_files_go_to_the_storage_with_the_headers_that_linear_gave_and_without_the_key(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    puts = stored(linear)
    assert len(puts) == 2
    for put in puts:
        assert "authorization" not in put.headers
        assert put.headers["x-goog-content-length-range"] == f"{len(put.body)},{len(put.body)}"
        assert put.headers["content-type"] in {"image/gif", "video/mp4"}


def test_a_personal_key_goes_bare_and_an_oauth_token_as_bearer(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    assert linear.asked[0].headers["authorization"] == "lin_api_4f1d9b7c20"
    linear.token = "lin_oauth_4f1d9b7c20"
    desk.journal = MemoryJournal()
    desk.deliver(replace(parcel, key="dlv_second"))
    assert linear.asked[-1].headers["authorization"] == "Bearer lin_oauth_4f1d9b7c20"


def test_the_notes_id_is_made_here_and_the_same_at_every_attempt(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    linear.fail("instead", Reply(502, b"<html>Bad Gateway</html>"))
    assert failing(desk, parcel).may_have_happened
    desk.deliver(parcel)
    first, second = created(linear)
    assert first["id"] == second["id"]
    assert uuid.UUID(first["id"]).version == 4
    assert second["doNotSubscribeToIssue"] is True
    assert len(linear.comments) == 1


def test_a_note_that_linear_has_by_this_id_already_is_not_made_again(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    desk.deliver(parcel)
    desk.journal = MemoryJournal()
    receipt = desk.deliver(parcel)
    assert len(linear.comments) == 1
    assert receipt.note_id == linear.comments[0]["id"]


def test_a_note_that_was_taken_away_can_be_posted_anew(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    system = Destinations([linear.system], lambda _, __: linear.settings()).system("linear")
    for _ in range(2):
        receipt = desk.deliver(parcel)
        system.withdraw("ENG-123", receipt.facts)
        assert linear.comments == []
        desk.journal = MemoryJournal()
    desk.deliver(parcel)
    assert len(linear.comments) == 1


def test_taking_away_what_is_gone_is_no_error(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    linear.comments.clear()
    system = Destinations([linear.system], lambda _, __: linear.settings()).system("linear")
    system.withdraw("ENG-123", receipt.facts)
    assert "commentDelete" in linear.asked[-1].json()["query"]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "expected", "retryable"),
    [
        ("AUTHENTICATION_ERROR", "destination_credentials", False),
        ("FORBIDDEN", "destination_forbidden", False),
        ("FEATURE_NOT_ACCESSIBLE", "destination_forbidden", False),
        ("RATELIMITED", "destination_limited", True),
        ("INTERNAL_SERVER_ERROR", "destination_failed", True),
        ("USAGE_LIMIT_EXCEEDED", "destination_refused", False),
    ],
)
def test_errors_count_in_answers_of_any_status(
    desk: Desk, linear: LinearVendor, parcel: Parcel, status: int, code: str, expected: str, retryable: bool
) -> None:
    linear.faults.append(Fault("POST", "/graphql", reply=failed(code, "Something is wrong", status=status)))
    error = failing(desk, parcel)
    assert (error.code, error.retryable) == (expected, retryable)


def test_a_limit_of_requests_ends_when_linear_says_in_milliseconds(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    reset_ms = round((time.time() + 120) * 1000)
    limited = failed("RATELIMITED", "Rate limit exceeded", status=400)
    headers = {"X-RateLimit-Requests-Remaining": "0", "X-RateLimit-Requests-Reset": f"{reset_ms}"}
    linear.faults.append(Fault("POST", "/graphql", reply=Reply(limited.status, limited.body, headers)))
    error = failing(desk, parcel)
    assert error.retry_after_s == pytest.approx(120, abs=30)


def test_words_for_people_are_told(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    said = failed("INPUT_ERROR", "Argument Validation Error", said="Comments are turned off for this issue.")
    linear.fail("instead", said, times=5)
    error = failing(desk, parcel)
    assert error.code == "destination_refused"
    assert "Comments are turned off for this issue." in error.message


def test_an_issue_in_the_trash_takes_no_note(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    linear.is_trashed = True
    error = failing(desk, parcel)
    assert "trash" in error.message
    assert linear.assets == {}


def test_a_storage_that_takes_no_file_so_large_gets_a_smaller_one(
    desk: Desk, linear: LinearVendor, parcel: Parcel
) -> None:
    page = b"<?xml version='1.0'?><Error><Code>EntityTooLarge</Code><Message>Larger than allowed</Message></Error>"
    linear.faults.append(Fault("PUT", "/storage/", reply=Reply(400, page)))
    receipt = desk.deliver(parcel)
    assert receipt.way == "attached"
    assert desk.fit.asked


def test_a_file_that_the_storage_damaged_is_told(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    linear.damages = True
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert linear.comments == []


def test_a_note_that_lost_a_file_is_told(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    linear.loses = "clip.mp4"
    error = failing(desk, parcel)
    assert error.code == "attachment_damaged"
    assert "clip.mp4" in error.message


@pytest.mark.parametrize(
    "reference",
    [
        "https://linear.app/acme/issue/ENG-123",
        "https://linear.app/acme/issue/ENG-123/no-answer-to-a-question",
        "https://linear.app/acme/issue/ENG-123/no-answer#comment-1a2b3c4d",
    ],
)
def test_a_pasted_address_of_an_issue_is_understood(
    desk: Desk, linear: LinearVendor, parcel: Parcel, reference: str
) -> None:
    given = linear.settings() | {"workspace": "acme"}
    assert desk.deliver(parcel, given, f"linear:{reference}").ticket == "ENG-123"


@pytest.mark.parametrize("workspace", [{}, {"workspace": "acme"}])
def test_an_address_of_another_workspace_is_no_reference(
    desk: Desk, linear: LinearVendor, parcel: Parcel, workspace: dict[str, str]
) -> None:
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, linear.settings() | workspace, "linear:https://linear.app/other/issue/ENG-123")
    assert caught.value.code == "bad_ticket_reference"
    assert linear.asked == []


def test_an_identifier_in_small_letters_is_the_same_issue(desk: Desk, parcel: Parcel) -> None:
    assert desk.deliver(parcel, reference="linear:eng-123").ticket == "ENG-123"


def test_a_page_of_a_proxy_is_no_answer(desk: Desk, linear: LinearVendor, parcel: Parcel) -> None:
    linear.faults.append(Fault("POST", "/graphql", reply=Reply(200, b"<html>Welcome</html>")))
    assert failing(desk, parcel).code == "destination_bad_answer"


def test_the_stand_in_refuses_what_linears_schema_does_not_have() -> None:
    with LinearVendor() as running:
        asked = {"query": queries.ISSUE.replace("trashed", "trashedAt"), "variables": {"id": "ENG-123"}}
        body = str(asked).replace("'", '"').encode()
        reply = running.handle(Asked("POST", "/graphql", {}, {"authorization": running.secret}, body))
    assert reply is not None
    assert reply.status == 400
    assert len(running.violations) == 1
    assert "trashedAt" in running.violations[0]
