"""What is particular to Intercom."""

import base64
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from renderer.deliver.http.encoded import Base64File, encoded_json
from renderer.deliver.parcel import Parcel
from renderer.deliver.registry import Destinations
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting
from tests.vendors.base import Fault, Reply
from tests.vendors.intercom import IntercomVendor


@pytest.fixture
def intercom() -> Iterator[IntercomVendor]:
    with IntercomVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(intercom: IntercomVendor, tmp_path: Path) -> Desk:
    return Desk(intercom, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, reference: str | None = None) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, reference=reference)
    return caught.value


def test_both_files_go_with_the_note_and_the_film_is_named_in_it(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel
) -> None:
    receipt = desk.deliver(parcel)
    note = intercom.notes()[0]
    assert list(note.files) == ["clip.gif", "clip.mp4"]
    assert "Attached: clip.mp4" in note.text
    assert "clip.gif" not in note.text
    assert intercom.parts[0]["author"]["id"] == "991267459"
    assert receipt.note_id == "149"
    assert receipt.url == "https://app.eu.intercom.com/a/inbox/x1abc/inbox/conversation/215470"


def test_tables_are_lists_as_intercom_has_none(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    text = intercom.notes()[0].text
    assert "<table" not in text
    assert "<h2>" in text
    assert "POST http://chat.example/api/feedback" in text


def test_a_ticket_gets_its_note_and_loses_it_again(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel, reference="intercom:ticket/631")
    assert receipt.ticket == "ticket/631"
    assert receipt.note_id == "149"
    assert not intercom.notes()[0].is_public
    assert intercom.posts()[0].path == "/tickets/631/reply"
    system = Destinations([intercom.system], lambda _, __: intercom.settings()).system("intercom")
    system.withdraw(receipt.ticket, receipt.facts)
    assert intercom.notes() == []
    system.withdraw(receipt.ticket, receipt.facts)


def test_a_note_that_cannot_be_redacted_is_told(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    system = Destinations([intercom.system], lambda _, __: intercom.settings()).system("intercom")
    errors = [{"code": "conversation_part_not_redactable", "message": "Part can't be redacted"}]
    intercom.faults.append(Fault("POST", "/redact$", reply=Reply(400, {"type": "error.list", "errors": errors})))
    with pytest.raises(DestinationError, match="can't be redacted"):
        system.withdraw(receipt.ticket, receipt.facts)
    assert intercom.notes()


def test_nothing_that_can_fail_is_asked_once_another_teammates_note_is_there(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel
) -> None:
    given = intercom.settings() | {"admin": "5017691"}
    intercom.on_asked = lambda asked: (
        intercom.faults.append(Fault("GET", "/me$", reply=Reply(429, {}))) if intercom.parts else None
    )
    desk.deliver(parcel, given)
    assert len(intercom.posts()) == 1


def test_a_note_on_a_ticket_is_found_again(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    intercom.fail("after")
    failing(desk, parcel, "intercom:ticket/631")
    assert desk.deliver(parcel, reference="intercom:ticket/631").found
    assert len(intercom.posts()) == 1


def test_a_ticket_that_the_customer_does_not_see_gets_no_public_note(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel
) -> None:
    error = failing(desk, replace(parcel, is_public=True), "intercom:ticket/631")
    assert error.code == "destination_refused"
    assert "not shared" in error.message
    assert not intercom.posts()
    intercom.ticket["is_shared"] = True
    assert desk.deliver(replace(parcel, is_public=True), reference="intercom:ticket/631").is_public


@pytest.mark.parametrize(
    ("reference", "ticket"),
    [
        ("https://app.intercom.com/a/inbox/x1abc/inbox/admin/991/conversation/215470", "215470"),
        ("https://app.eu.intercom.com/a/inbox/x1abc/inbox/conversation/215470?view=List", "215470"),
        ("https://app.intercom.com/a/apps/x1abc/conversations/215470", "215470"),
    ],
)
def test_a_pasted_address_of_a_conversation_is_understood(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel, reference: str, ticket: str
) -> None:
    given = intercom.settings() | {"workspace": "x1abc"}
    assert desk.deliver(parcel, given, f"intercom:{reference}").ticket == ticket


@pytest.mark.parametrize("workspace", [{}, {"workspace": "x2other"}])
def test_an_address_of_another_workspace_is_no_reference(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel, workspace: dict[str, str]
) -> None:
    page = "https://app.intercom.com/a/inbox/x1abc/inbox/conversation/215470"
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, intercom.settings() | workspace, f"intercom:{page}")
    assert caught.value.code == "bad_ticket_reference"
    assert intercom.asked == []


def test_the_note_can_be_another_teammates(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    desk.deliver(parcel, settings=intercom.settings() | {"admin": "5017691"})
    assert intercom.parts[0]["author"]["id"] == "5017691"


def test_a_teammate_who_is_not_there_is_told(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, settings=intercom.settings() | {"admin": "12"})
    assert caught.value.code == "destination_refused"
    assert "RENDERER_INTERCOM_ADMIN" in caught.value.message


def test_a_teammate_of_the_wrong_shape_is_told_before_anybody_is_asked(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel
) -> None:
    with pytest.raises(RequestError) as caught:
        desk.deliver(parcel, settings=intercom.settings() | {"admin": "me@example.com"})
    assert caught.value.code == "destination_bad_setting"
    assert intercom.asked == []


def test_a_note_that_was_sent_to_the_customer_is_redacted(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    intercom.sends_notes = True
    assert failing(desk, parcel).code == "not_internal"
    assert intercom.notes() == []


def test_the_limits_own_header_is_kept_to(desk: Desk, intercom: IntercomVendor, parcel: Parcel) -> None:
    reset = {"X-RateLimit-Limit": "166", "X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(time.time()) + 9)}
    body = {"type": "error.list", "errors": [{"code": "rate_limit_exceeded", "message": "Exceeded rate limit"}]}
    intercom.fail("instead", Reply(429, body, reset))
    error = failing(desk, parcel)
    assert error.code == "destination_limited"
    assert error.retry_after_s is not None
    assert 6 <= error.retry_after_s <= 9


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (403, "api_plan_restricted", "destination_refused"),
        (403, "forbidden", "destination_forbidden"),
        (401, "token_unauthorized", "destination_forbidden"),
        (401, "token_revoked", "destination_credentials"),
        (400, "intercom_version_invalid", "destination_refused"),
        (404, "not_found", "ticket_not_found"),
    ],
)
def test_intercoms_own_codes_are_told(
    desk: Desk, intercom: IntercomVendor, parcel: Parcel, status: int, code: str, told: str
) -> None:
    body = {"type": "error.list", "errors": [{"code": code, "message": "Active subscription needed."}]}
    intercom.faults.append(Fault("GET", r"/conversations/215470$", reply=Reply(status, body)))
    assert failing(desk, parcel).code == told


@pytest.mark.parametrize("size", [0, 1, 2, 3, 48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, 200_000])
def test_files_in_json_are_read_as_they_are_sent(tmp_path: Path, size: int) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(bytes(at % 251 for at in range(size)))
    given = {"a": [{"data": Base64File(path, size), "n": None}, {}], "ü": "“"}
    body = encoded_json(given)
    sent = b"".join(body.content())
    assert len(sent) == int(body.headers()["Content-Length"])
    read = json.loads(sent)
    assert base64.b64decode(read["a"][0]["data"], validate=True) == path.read_bytes()
    assert read["ü"] == "“"
    assert read["a"][0]["n"] is None
    assert read["a"][1] == {}
