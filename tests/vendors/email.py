"""A mail server and the mailboxes behind it, for a suite that otherwise talks HTTP."""

from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, ClassVar, Literal, Self

from renderer.deliver.systems.email import Email
from tests.services.smtp import Fault, running_smtp
from tests.vendors.base import Asked, NoteSeen, Reply, Vendor

_LONGEST_LINE = 998


class EmailVendor(Vendor):
    """`asked`: the steps of SMTP, with the address of each as its path. Of several messages with one Message-ID the mailbox shows the first, as
    many do.
    """

    system: ClassVar = Email
    post: ClassVar = ("DATA", "")
    reference: ClassVar = "email:anna@example.com"
    missing: ClassVar = "email:nobody@example.com"
    bad_references: ClassVar = (
        "email:anna",
        "email:anna@",
        "email:@example.com",
        "email:anna@example.com,eve@example.org",
        "email:anna@example.com?cc=eve@example.org",
        "email:anna@example.com>",
        "email:Anna <anna@example.com>",
        "email:anna@example.com?subject=a b",
    )
    cannot: ClassVar = frozenset(
        {
            # A mail is read by whom it is sent to, and nobody else decides that.
            "test_a_public_note_is_public",
            # A server without accounts needs no password: that there is none is nothing wrong.
            "test_missing_credentials_are_told_with_what_to_set",
            # SMTP does not say how long to wait, and what is refused for now was not taken for sure.
            "test_a_limit_of_requests_is_kept_to",
            "test_a_server_that_fails_is_tried_again",
            # Nobody can look into somebody else's mailbox, nor take a mail out of it.
            "test_a_note_whose_answer_was_lost_is_found_again",
            "test_a_delivered_clip_can_be_taken_away",
            "test_a_withdrawal_whose_answer_was_lost_succeeds_the_second_time",
            "test_of_a_found_note_nothing_more_than_its_marker_has_to_be_known",
            # There are no pages.
            "test_a_page_of_a_proxy_is_never_read_as_an_answer",
            # There are no redirects.
            "test_credentials_never_follow_to_another_host",
        }
    )

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.violations: list[str] = []
        self.most_bytes: int | None = None
        self.refused_types: set[str] = set()
        self.may_post = True
        self._shown: dict[str, NoteSeen] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.server = self._stack.enter_context(running_smtp(credentials=("renderer", self.secret)))
        self.server.judge = self._judge
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def settings(self) -> dict[str, str]:
        return {
            "host": self.server.host,
            "port": str(self.server.port),
            "security": "none",
            "user": "renderer",
            "password": self.secret,
            "sender": "support@example.com",
        }

    def notes(self) -> list[NoteSeen]:
        for each in self.server.messages:
            number = str(each.message["Message-ID"])
            if number not in self._shown:
                self._shown[number] = _seen(each.message)
        return list(self._shown.values())

    def posts(self) -> list[Asked]:
        return [Asked("DATA", "", {}, {}, each.raw) for each in self.server.messages]

    def fail(self, how: Literal["instead", "after"], reply: Reply | None = None, times: int = 1) -> None:
        self.server.faults.extend([Fault("DATA", None if how == "after" else "451 4.3.0 Try again")] * times)

    def answer(self, asked: Asked) -> Reply:
        raise AssertionError("nobody talks HTTP to a mail server")

    def _judge(self, step: str, address: str, raw: bytes) -> str | None:
        self.asked.append(Asked(step, address, {}, {}, b""))
        if step == "RCPT" and address.startswith("nobody@"):
            return "550 5.1.1 No such mailbox"
        if step == "RCPT" and not self.may_post:
            return "550 5.7.1 You may not send to this address"
        if step != "DATA":
            return None
        message = message_from_bytes(raw, policy=policy.SMTP)
        self.violations += _violations(message, raw)
        for part in message.walk():
            if part.get_content_type() in self.refused_types:
                return "552 5.7.0 This message was blocked because of its attachment"
            if self.most_bytes is not None and len(_content(part)) > self.most_bytes:
                return "552 5.3.4 Message size exceeds fixed limit"
        return None


def _seen(message: EmailMessage) -> NoteSeen:
    html = message.get_body(("html",))
    assert html is not None
    files = {str(part.get_filename()): _content(part) for part in message.walk() if part.get_filename()}
    return NoteSeen(str(html.get_content()), False, files)


def _content(part: Any) -> bytes:
    return b"" if part.is_multipart() else bytes(part.get_payload(decode=True) or b"")


def _violations(message: EmailMessage, raw: bytes) -> list[str]:
    """Of RFC 5322, RFC 2046 and RFC 3834."""
    found = [f"lacks {name}" for name in ("From", "To", "Subject", "Date", "Message-ID") if not message[name]]
    if message["Auto-Submitted"] != "auto-generated":
        found.append("does not say that a program sent it")
    if max(map(len, raw.split(b"\r\n"))) > _LONGEST_LINE or not raw.isascii() or b"\n" in raw.replace(b"\r\n", b""):
        found.append("is not 7-bit with lines of at most 998 characters")
    found += [f"{type(defect).__name__}" for part in message.walk() for defect in part.defects]
    return found
