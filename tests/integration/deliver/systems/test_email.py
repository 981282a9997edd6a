"""What is particular to e-mail."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest

from renderer.deliver.parcel import Parcel, Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.systems.email import Email
from renderer.errors import DestinationError, RequestError
from tests.integration.deliver.systems.conftest import Desk, Fitting, made
from tests.services.smtp import Fault, Received, SmtpServer, running_smtp
from tests.vendors.email import EmailVendor


@pytest.fixture
def mail() -> Iterator[EmailVendor]:
    with EmailVendor() as running:
        yield running
    assert running.violations == []


@pytest.fixture
def desk(mail: EmailVendor, tmp_path: Path) -> Desk:
    return Desk(mail, Fitting(tmp_path / "fitted"))


def failing(desk: Desk, parcel: Parcel, **given: Any) -> DestinationError:
    with pytest.raises(DestinationError) as caught:
        desk.deliver(parcel, **given)
    return caught.value


def only(mail: EmailVendor) -> Received:
    assert len(mail.server.messages) == 1
    return mail.server.messages[0]


def shape(part: Any) -> Any:
    kind = part.get_content_type()
    return {kind: [shape(each) for each in part.iter_parts()]} if part.is_multipart() else kind


def settings_for(server: SmtpServer, security: str) -> dict[str, str]:
    return {
        "host": server.host,
        "port": str(server.port),
        "security": security,
        "sender": "support@example.com",
        "user": "renderer",
        "password": "right-password",
    }


def test_the_picture_is_in_the_letter_and_the_film_beside_it(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    receipt = desk.deliver(parcel)
    message = only(mail).message
    assert shape(message) == {
        "multipart/mixed": [
            {"multipart/related": [{"multipart/alternative": ["text/plain", "text/html"]}, "image/gif"]},
            "video/mp4",
        ]
    }
    picture = next(part for part in message.walk() if part.get_content_type() == "image/gif")
    html = message.get_body(("html",))
    assert html is not None
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in html.get_content()
    assert picture.get_content_disposition() == "inline"
    assert [(file.kind, file.inline) for file in receipt.files] == [("gif", True), ("mp4", False)]


def test_the_plain_text_tells_the_same(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    plain = only(mail).message.get_body(("plain",))
    assert isinstance(plain, EmailMessage)
    text = str(plain.get_content())
    assert "Gave the answer a thumbs-down" in text
    assert "Attached: The clip (clip.gif)" in text
    assert "Attached: clip.mp4" in text
    assert "cid:" not in text
    assert parcel.marker in text


def test_a_letter_says_who_sent_it_and_that_no_answer_is_wanted(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    desk.deliver(parcel)
    got = only(mail)
    assert (got.sender, got.recipients) == ("support@example.com", ("anna@example.com",))
    assert got.message["From"] == "support@example.com"
    assert got.message["To"] == "anna@example.com"
    assert got.message["Message-ID"] == f"<{parcel.marker}@example.com>"
    assert got.message["Auto-Submitted"] == "auto-generated"
    assert got.message["X-Auto-Response-Suppress"] == "All"
    assert str(got.message["Subject"]).startswith("The user asked nora-4-mini a question")


@pytest.mark.parametrize(
    ("reference", "prefix", "begins"),
    [
        ("email:help@example.com?subject=%5BTicket%2048213%5D", "", "[Ticket 48213] The user asked"),
        ("email:help@example.com?subject=[%2348213]", "", "[#48213] The user asked"),
        ("email:help@example.com", "[Clip]", "[Clip] The user asked"),
        ("email:help@example.com?subject=X-1", "[Clip]", "[Clip] X-1 The user asked"),
        ("email:help@example.com?subject=a%0D%0ABcc:%20eve@example.org", "", "a Bcc: eve@example.org The user asked"),
    ],
)
def test_the_subject_can_carry_what_a_help_desk_files_by(
    desk: Desk, mail: EmailVendor, parcel: Parcel, reference: str, prefix: str, begins: str
) -> None:
    desk.deliver(parcel, settings=mail.settings() | {"subject_prefix": prefix}, reference=reference)
    got = only(mail)
    assert str(got.message["Subject"]).startswith(begins)
    assert got.message["Bcc"] is None
    assert got.recipients == ("help@example.com",)


def test_a_recorded_title_adds_no_header(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    desk.deliver(replace(parcel, summary="The page said\r\nBcc: eve@example.org\r\n\r\nüñí 你好.\n"))
    got = only(mail)
    assert got.message["Bcc"] is None
    assert got.raw.isascii()


@pytest.mark.parametrize(
    ("allowed", "to", "may"),
    [
        ("", "anna@example.com", True),
        ("", "anna@EXAMPLE.COM", True),
        ("", "anna@evil.example.com", False),
        ("", "anna@example.org", False),
        ("@example.org, bob@example.net", "anna@example.org", True),
        ("@example.org, bob@example.net", "bob@example.net", True),
        ("@example.org, bob@example.net", "eve@example.net", False),
        ("@example.org", "anna@example.com", False),
    ],
)
def test_mail_goes_to_allowed_addresses_alone(
    desk: Desk, mail: EmailVendor, parcel: Parcel, allowed: str, to: str, may: bool
) -> None:
    settings = mail.settings() | {"allowed": allowed}
    if may:
        assert desk.deliver(parcel, settings=settings, reference=f"email:{to}").way == "attached"
    else:
        error = failing(desk, parcel, settings=settings, reference=f"email:{to}")
        assert error.code == "destination_forbidden"
        assert "RENDERER_EMAIL_ALLOWED" in error.message
        assert mail.asked == []


def test_a_mail_whose_answer_was_lost_comes_again_with_the_same_message_id(
    desk: Desk, mail: EmailVendor, parcel: Parcel
) -> None:
    mail.fail("after")
    error = failing(desk, parcel)
    assert error.code == "destination_broken_off"
    assert error.retryable
    assert error.may_have_happened
    receipt = desk.deliver(parcel)
    assert not receipt.found
    first, second = (each.message["Message-ID"] for each in mail.server.messages)
    assert first == second == receipt.note_id


@pytest.mark.parametrize(
    ("at", "answer", "code", "retryable"),
    [
        ("RCPT", "450 4.2.0 Greylisted, come back later", "destination_failed", True),
        ("RCPT", "550 5.1.1 No such mailbox", "ticket_not_found", False),
        ("RCPT", "550 5.7.1 Relaying denied", "destination_forbidden", False),
        ("MAIL", "451 4.3.0 Disk is full", "destination_failed", True),
        ("MAIL", "550 5.7.26 This sender has no SPF", "destination_forbidden", False),
        ("MAIL", "530 5.7.0 Authentication required", "destination_credentials", False),
        ("MAIL", "421 4.3.2 Shutting down", "destination_failed", True),
        ("DATA", "451 4.7.1 Try again later", "destination_failed", True),
        ("DATA", "554 5.6.0 Looks like spam", "destination_refused", False),
        ("DATA", "550 5.7.1 Blocked by policy", "destination_forbidden", False),
        ("MAIL", None, "destination_broken_off", True),
    ],
)
def test_what_the_server_says_decides_whether_it_is_tried_again(
    desk: Desk,
    mail: EmailVendor,
    parcel: Parcel,
    at: Literal["MAIL", "RCPT", "DATA"],
    answer: str | None,
    code: str,
    retryable: bool,
) -> None:
    mail.server.faults.append(Fault(at, answer))
    error = failing(desk, parcel)
    assert (error.code, error.retryable) == (code, retryable)
    assert not error.may_have_happened
    assert mail.server.messages == []
    desk.deliver(parcel)
    assert len(mail.server.messages) == 1


@pytest.mark.parametrize("answer", ["552 5.3.4 Message too big", "554 Message size exceeds the limit", "552 Too much"])
def test_a_mail_that_is_too_large_is_made_smaller(desk: Desk, mail: EmailVendor, parcel: Parcel, answer: str) -> None:
    mail.server.faults.append(Fault("DATA", answer))
    receipt = desk.deliver(parcel)
    assert {file.name: file.bytes for file in receipt.files} == {"clip.gif": 400_000, "clip.mp4": 350_000}


def test_the_size_that_the_server_offers_is_kept_to(parcel: Parcel, tmp_path: Path) -> None:
    with running_smtp(most_bytes=1_000_000) as server:
        settings = {"host": server.host, "port": str(server.port), "security": "none", "sender": "a@example.com"}
        system, ticket = Destinations([Email], lambda _, __: settings).resolve("email:anna@example.com")
        takes = system.vet(ticket, parcel)
        room = (takes["gif"] or 0) + (takes["mp4"] or 0)
        assert 500_000 < room < 600_000
        found = [each.said for each in system.check()]
        assert "takes mail of up to 1,000,000 bytes" in found
        desk = Desk(EmailVendor(), Fitting(tmp_path / "fitted"))
        desk.deliver(parcel, settings=settings)
        assert len(server.messages[0].raw) <= 1_000_000


def test_picture_and_film_share_what_one_mail_holds(desk: Desk, mail: EmailVendor, tmp_path: Path) -> None:
    large = Parcel(
        key="large",
        summary="It was slow.\n",
        files=(made("mp4", tmp_path / "clip.mp4", 9_000_000), made("gif", tmp_path / "clip.gif", 6_000_000)),
    )
    desk.deliver(large, settings=mail.settings() | {"max_bytes": "4000000"})
    raw = only(mail).raw
    assert 3_400_000 < len(raw) <= 4_000_000


@pytest.mark.parametrize(("security", "tls"), [("starttls", "starttls"), ("tls", "implicit")])
def test_mail_goes_encrypted(
    parcel: Parcel,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    security: str,
    tls: Literal["starttls", "implicit"],
) -> None:
    with running_smtp(credentials=("renderer", "right-password"), tls=tls) as server:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.certificate))
        desk = Desk(EmailVendor(), Fitting(tmp_path / "fitted"))
        desk.deliver(parcel, settings=settings_for(server, security))
        assert server.messages[0].encrypted
        assert server.messages[0].user == "renderer"


@pytest.mark.parametrize(("security", "tls"), [("starttls", "starttls"), ("tls", "implicit")])
def test_a_server_that_cannot_prove_who_it_is_gets_no_password(
    parcel: Parcel, tmp_path: Path, security: str, tls: Literal["starttls", "implicit"]
) -> None:
    with running_smtp(credentials=("renderer", "right-password"), tls=tls) as server:
        error = failing(
            Desk(EmailVendor(), Fitting(tmp_path / "fitted")), parcel, settings=settings_for(server, security)
        )
        assert error.code == "destination_tls"
        assert "right-password" not in error.message
        assert server.messages == []


def test_a_server_without_encryption_gets_no_password(parcel: Parcel, tmp_path: Path) -> None:
    with running_smtp(credentials=("renderer", "right-password")) as server:
        desk = Desk(EmailVendor(), Fitting(tmp_path / "fitted"))
        error = failing(desk, parcel, settings=settings_for(server, "starttls"))
        assert error.code == "destination_tls"
        assert "STARTTLS" in error.message


def test_a_password_over_a_public_network_in_the_clear_is_refused(mail: EmailVendor) -> None:
    settings = mail.settings() | {"host": "8.8.8.8"}
    with pytest.raises(RequestError) as caught:
        Destinations([Email], lambda _, __: settings).system("email")
    assert caught.value.code == "destination_bad_setting"
    assert "RENDERER_EMAIL_SECURITY" in caught.value.message
    assert mail.secret not in caught.value.message


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"sender": "nobody"}, "RENDERER_EMAIL_SENDER is wrong: write it as support@example.com"),
        ({"sender": "a@example.com\nBcc: b@example.com"}, "RENDERER_EMAIL_SENDER is wrong"),
        ({"host": "mail.example.com/x"}, "RENDERER_EMAIL_HOST is wrong"),
        ({"password": ""}, "RENDERER_EMAIL_PASSWORD"),
        ({"user": ""}, "RENDERER_EMAIL_USER"),
        ({"password": "pässword-4f1d"}, "ASCII"),
        ({"security": "ssl"}, "RENDERER_EMAIL_SECURITY is wrong"),
        ({"max_bytes": "12"}, "RENDERER_EMAIL_MAX_BYTES is wrong"),
    ],
)
def test_a_wrong_setting_is_named(mail: EmailVendor, changed: dict[str, str], says: str) -> None:
    settings = {name: value for name, value in (mail.settings() | changed).items() if value}
    with pytest.raises(RequestError) as caught:
        Destinations([Email], lambda _, __: settings).system("email")
    assert caught.value.code == "destination_bad_setting"
    assert says in caught.value.message
    assert "4f1d" not in caught.value.message


def test_without_host_and_sender_it_is_not_set_up() -> None:
    with pytest.raises(RequestError) as caught:
        Destinations([Email], lambda _, __: {}).system("email")
    assert caught.value.code == "destination_not_set_up"
    assert re.search(r"RENDERER_EMAIL_HOST.*RENDERER_EMAIL_SENDER", caught.value.message)


def test_a_server_that_is_not_there_is_told(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        settings = mail.settings() | {"port": str(taken.getsockname()[1])}
        error = failing(desk, parcel, settings=settings)
    assert error.code == "destination_unreachable"
    assert error.retryable


def test_a_link_goes_in_both_texts(desk: Desk, mail: EmailVendor, parcel: Parcel) -> None:
    mail.refused_types = {"video/mp4", "image/gif", "image/png"}
    desk.deliver(replace(parcel, watch=lambda: Watch("https://clips.example.com/s/abc", "until Friday")))
    message = only(mail).message
    for kind in ("plain", "html"):
        body = message.get_body((kind,))
        assert isinstance(body, EmailMessage)
        assert "https://clips.example.com/s/abc" in str(body.get_content())
    assert shape(message) == {
        "multipart/mixed": [{"multipart/related": [{"multipart/alternative": ["text/plain", "text/html"]}]}]
    }


def test_a_check_says_where_mail_may_go(mail: EmailVendor) -> None:
    system = Destinations([Email], lambda _, __: mail.settings()).system("email")
    said = [each.said for each in system.check()]
    assert "mail may go to @example.com" in said
    assert mail.server.messages == []
