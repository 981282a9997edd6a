"""A conversation with a mail server, and what its answers mean."""

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Final, Literal

from renderer.deliver.http import failures
from renderer.deliver.http.answer import shown
from renderer.errors import DestinationError

Security = Literal["starttls", "tls", "none"]
SETTINGS: Final = "RENDERER_EMAIL_HOST, RENDERER_EMAIL_USER and RENDERER_EMAIL_PASSWORD"
_WAIT_S: Final = 60.0
_TAKING_S: Final = 600.0
"""Servers look for spam and viruses before they say that they took a message."""
_LEAVING_S: Final = 5.0
_TAKEN: Final = 250
_FORWARDED: Final = 251
_ENHANCED: Final = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_ABOUT_SIZE: Final = re.compile(r"\bsize\b|too (?:big|large)|\bquota\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Door:
    """Where mail is handed in. `user` None: without a login."""

    host: str
    port: int
    security: Security
    user: str | None
    password: str | None


class Session:
    """Of one connection. Methods raise DestinationError."""

    def __init__(self, smtp: smtplib.SMTP, door: Door) -> None:
        self._smtp = smtp
        self._door = door

    @property
    def most_bytes(self) -> int | None:
        """Of a message, where the server says so."""
        told = self._smtp.esmtp_features.get("size", "").strip()
        return int(told) if told.isascii() and told.isdigit() and int(told) > 0 else None

    def address(self, sender: str, recipient: str, size_bytes: int | None = None) -> None:
        """Names both ends of a message; nothing is sent yet."""
        told = [f"size={size_bytes}"] if size_bytes and self._smtp.has_extn("size") else []
        code, said = self._smtp.mail(sender, told)
        if code != _TAKEN:
            raise _refusal(code, said, None)
        code, said = self._smtp.rcpt(recipient)
        if code not in {_TAKEN, _FORWARDED}:
            raise _refusal(code, said, recipient)

    def forget(self) -> None:
        self._smtp.rset()

    def hand_over(self, message: bytes) -> str:
        """The server's words. When the connection is lost meanwhile, nobody knows whether it took the message."""
        if self._smtp.sock is not None:
            self._smtp.sock.settimeout(_TAKING_S)
        try:
            code, said = self._smtp.data(message)
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code, error.smtp_error, None) from None
        except (OSError, smtplib.SMTPServerDisconnected):
            raise DestinationError(
                "destination_broken_off",
                f"the connection to {self._door.host} broke off while it took the mail",
                retryable=True,
                may_have_happened=True,
            ) from None
        if code != _TAKEN:
            raise _refusal(code, said, None)
        return shown(_words(said))


@contextmanager
def session(door: Door) -> Iterator[Session]:
    """Connected, encrypted and signed in. Raises DestinationError: destination_unreachable, destination_tls, destination_credentials,
    destination_timeout, destination_broken_off, destination_refused.
    """
    smtp: smtplib.SMTP | None = None
    try:
        smtp = _opened(door)
        if door.user is not None:
            smtp.login(door.user, door.password or "")
        yield Session(smtp, door)
    except smtplib.SMTPAuthenticationError as error:
        if error.smtp_code < 500:
            raise _refusal(error.smtp_code, error.smtp_error, None) from None
        raise failures.unauthorized("the mail server", SETTINGS) from None
    except smtplib.SMTPNotSupportedError:
        raise _no_login(door) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error, None) from None
    except (OSError, smtplib.SMTPException) as error:
        raise _of_transport(error, door) from None
    finally:
        if smtp is not None:
            with suppress(OSError, smtplib.SMTPException):
                if smtp.sock is not None:
                    smtp.sock.settimeout(_LEAVING_S)
                smtp.quit()
            smtp.close()


def _opened(door: Door) -> smtplib.SMTP:
    if door.security == "tls":
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            door.host, door.port, timeout=_WAIT_S, context=ssl.create_default_context()
        )
    else:
        smtp = smtplib.SMTP(door.host, door.port, timeout=_WAIT_S)
    try:
        smtp.ehlo_or_helo_if_needed()
        if door.security == "starttls":
            _encrypt(smtp, door)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _encrypt(smtp: smtplib.SMTP, door: Door) -> None:
    if not smtp.has_extn("starttls"):
        raise DestinationError(
            "destination_tls",
            f"{door.host} offers no encryption (STARTTLS): set RENDERER_EMAIL_SECURITY to tls, or mend the server",
        )
    smtp.starttls(context=ssl.create_default_context())
    smtp.ehlo()


def _no_login(door: Door) -> DestinationError:
    return DestinationError(
        "destination_refused", f"{door.host} takes no login: leave RENDERER_EMAIL_USER out, or take another port"
    )


def _of_transport(error: Exception, door: Door) -> DestinationError:
    if isinstance(error, socket.gaierror):
        said = f"there is no host {door.host} to be found: check RENDERER_EMAIL_HOST and the network"
        return DestinationError("destination_unreachable", said, retryable=True)
    if isinstance(error, ssl.SSLError):
        said = f"{door.host} cannot prove who it is (TLS): check RENDERER_EMAIL_HOST, _PORT and _SECURITY, and its certificate"
        return DestinationError("destination_tls", said)
    if isinstance(error, TimeoutError):
        return DestinationError("destination_timeout", f"{door.host} takes too long to answer", retryable=True)
    if isinstance(error, smtplib.SMTPServerDisconnected | ConnectionResetError | BrokenPipeError):
        return DestinationError("destination_broken_off", f"the connection to {door.host} broke off", retryable=True)
    said = f"{door.host} cannot be reached: check RENDERER_EMAIL_HOST, RENDERER_EMAIL_PORT and the network"
    return DestinationError("destination_unreachable", said, retryable=True)


def _refusal(code: int, said: bytes | str, recipient: str | None) -> DestinationError:
    """Of RFC 5321 and the enhanced codes of RFC 3463: 4 passes, 5 stays. `recipient`: when it was about that one."""
    words = _words(said)
    enhanced = _ENHANCED.search(words)
    subject = enhanced[2] if enhanced else ""
    detail = enhanced[3] if enhanced else ""
    if code < 500:
        # Nothing of it was taken: SMTP says so.
        return DestinationError(
            "destination_failed", f"the mail server cannot take it now: {code} {shown(words)}", retryable=True
        )
    if code in {530, 534, 535, 538}:
        return failures.unauthorized("the mail server", SETTINGS)
    if code == 552 and subject == "7":
        return DestinationError("file_type_refused", f"the mail server takes no such attachment: {code} {shown(words)}")
    if code == 552 or (code in {523, 554} and (subject, detail) in {("3", "4"), ("2", "3")}):
        return failures.too_large("the mail server", "this mail")
    if code == 554 and _ABOUT_SIZE.search(words):
        return failures.too_large("the mail server", "this mail")
    if subject == "7":
        return failures.forbidden("the mail server", f"to be let send from this sender and machine ({shown(words)})")
    if recipient is not None and code in {550, 551, 553}:
        return failures.not_found("the mail server", f"mailbox {recipient}")
    return failures.refused("the mail server", f"{code} {shown(words)}")


def _words(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
