"""The tests' mail server: it keeps what it took with its envelope, and fails when it is told to."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest

from tests.services.smtp import TLS, Fault, SmtpServer, running_smtp

CLIP = bytes(range(256)) * 300
LOGIN = ("agent@example.com", "smtp-password-canary")


@pytest.fixture
def server() -> Iterator[SmtpServer]:
    with running_smtp() as server:
        yield server


def mail(clip: bytes = CLIP) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "clips@example.com", "support@example.com", "Ticket 7: Grüße"
    message.set_content("what happened\n.a line that begins with a dot\n")
    message.add_attachment(clip, maintype="video", subtype="mp4", filename="clip.mp4")
    return message


@contextmanager
def client(server: SmtpServer, tls: TLS | None = None) -> Iterator[smtplib.SMTP]:
    trusted = ssl.create_default_context(cafile=server.certificate)
    if tls == "implicit":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=20, context=trusted)
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=20)
    try:
        if tls == "starttls":
            connection.starttls(context=trusted)
        yield connection
    finally:
        connection.close()


def test_a_message_is_kept_with_its_envelope_byte_for_byte(server: SmtpServer) -> None:
    with client(server) as connection:
        connection.send_message(mail(), "bounces@example.com", ["support@example.com", "desk@example.com"])
    [came] = server.messages
    assert (came.sender, came.recipients) == ("bounces@example.com", ("support@example.com", "desk@example.com"))
    assert (came.user, came.encrypted) == (None, False)
    assert came.message["Subject"] == "Ticket 7: Grüße"
    text, clip = came.message.iter_parts()
    assert isinstance(text, EmailMessage)
    assert isinstance(clip, EmailMessage)
    assert text.get_content() == "what happened\n.a line that begins with a dot\n"
    assert (clip.get_filename(), clip.get_content_type(), clip.get_content()) == ("clip.mp4", "video/mp4", CLIP)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_who_has_to_log_in_does_so_under_tls(tls: TLS) -> None:
    with running_smtp(credentials=LOGIN, tls=tls) as server, client(server, tls) as connection:
        with pytest.raises(smtplib.SMTPSenderRefused) as told:
            connection.send_message(mail())
        assert told.value.smtp_code == 530
        with pytest.raises(smtplib.SMTPAuthenticationError):
            connection.login(LOGIN[0], "wrong")
        connection.login(*LOGIN)
        connection.send_message(mail())
        [came] = server.messages
        assert (came.user, came.encrypted) == (LOGIN[0], True)


def test_without_starttls_nothing_is_taken_where_it_is_offered() -> None:
    with running_smtp(tls="starttls") as server, client(server) as connection:
        with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
            connection.sendmail("clips@example.com", "support@example.com", b"text")
        assert server.messages == []


def test_what_is_too_large_is_refused_by_the_size_that_was_offered() -> None:
    with running_smtp(most_bytes=50_000) as server, client(server) as connection:
        connection.ehlo()
        assert connection.esmtp_features["size"] == "50000"
        with pytest.raises(smtplib.SMTPSenderRefused) as told:
            connection.send_message(mail())
        assert told.value.smtp_code == 552
        connection.send_message(mail(b"short"))
        assert len(server.messages) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("MAIL", "451 4.3.0 Try again later"), smtplib.SMTPSenderRefused),
        (Fault("RCPT", "550 5.1.1 No such mailbox"), smtplib.SMTPRecipientsRefused),
        (Fault("DATA", "451 4.3.0 Try again later"), smtplib.SMTPDataError),
    ],
)
def test_a_refused_message_is_not_kept_and_the_next_one_is(
    server: SmtpServer, fault: Fault, error: type[smtplib.SMTPException]
) -> None:
    server.faults.append(fault)
    with client(server) as connection:
        with pytest.raises(error, match=str(fault.answer)[:3]):
            connection.send_message(mail())
        assert server.messages == []
        connection.send_message(mail())
    assert len(server.messages) == 1


def test_after_421_the_connection_is_gone(server: SmtpServer) -> None:
    server.faults.append(Fault("DATA", "421 4.3.2 Closing"))
    with client(server) as connection:
        with pytest.raises(smtplib.SMTPDataError) as told:
            connection.send_message(mail())
        assert told.value.smtp_code == 421
        with pytest.raises(smtplib.SMTPServerDisconnected):
            connection.docmd("NOOP")
    assert server.messages == []


@pytest.mark.parametrize("tls", [None, "starttls", "implicit"])
def test_a_message_whose_answer_was_lost_is_kept(tls: TLS | None) -> None:
    with running_smtp(tls=tls) as server, client(server, tls) as connection:
        server.faults.append(Fault("DATA", None))
        with pytest.raises(smtplib.SMTPServerDisconnected):
            connection.send_message(mail())
        assert [came.sender for came in server.messages] == ["clips@example.com"]
