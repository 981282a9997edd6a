"""A mail server on loopback, in a thread: what it took is in `messages`, and it fails when it is told to.

with running_smtp(credentials=("user", "password"), tls="starttls") as server:
    server.faults.append(Fault("RCPT", "550 5.1.1 No such mailbox"))
"""

import asyncio
import ssl
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal, Never, cast

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.services.processes import free_port
from tests.services.tickets import temporary_folder

HOST = "127.0.0.1"
Step = Literal["MAIL", "RCPT", "DATA"]
TLS = Literal["starttls", "implicit"]
Judge = Callable[[Step, str, bytes], str | None]
"""By the step, its address (of DATA none) and the message: an answer to give in the place of 250."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Answers `at` this step, once, with `answer`; 421 also ends the connection, as the code says.

    `answer` None: the connection is cut without one. At DATA that is after the whole message came, and it is kept:
    whoever sent it cannot know.
    """

    at: Step
    answer: str | None


@dataclass(frozen=True, slots=True)
class Received:
    """`sender` and `recipients` are the envelope's; `user` is who logged in.

    `raw` is the message as it came; `message` is that with the line ends of a text.
    """

    message: EmailMessage
    sender: str
    recipients: tuple[str, ...]
    raw: bytes
    user: str | None
    encrypted: bool


@dataclass(slots=True)
class SmtpServer:
    """`certificate`: a file to trust, where the server has TLS. `faults` are used up in their order, each at its step; then `judge` is asked."""

    host: str
    port: int
    certificate: Path | None
    messages: list[Received] = field(default_factory=list)
    faults: deque[Fault] = field(default_factory=deque)
    judge: Judge = lambda _step, _address, _message: None


class _Handler:
    """The names of its methods are those that aiosmtpd calls."""

    def __init__(self, server: SmtpServer, *, closed: bool) -> None:
        self._server = server
        self._closed = closed

    async def handle_MAIL(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._closed and not session.authenticated:
            return "530 5.7.0 Authentication required"
        answer = await self._fault(smtp, "MAIL") or self._server.judge("MAIL", address, b"")
        if answer is None:
            envelope.mail_from = address
        return answer or "250 OK"

    async def handle_RCPT(
        self, smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = await self._fault(smtp, "RCPT") or self._server.judge("RCPT", address, b"")
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, smtp: SMTP, session: Session, envelope: Envelope) -> str:
        judged = self._server.judge("DATA", "", cast("bytes", envelope.original_content))
        if judged is not None:
            return judged
        keep = not self._due("DATA") or self._server.faults[0].answer is None
        if keep:
            self._server.messages.append(_received(smtp, session, envelope))
        return await self._fault(smtp, "DATA") or "250 OK"

    def _due(self, step: Step) -> bool:
        return bool(self._server.faults) and self._server.faults[0].at == step

    async def _fault(self, smtp: SMTP, step: Step) -> str | None:
        if not self._due(step):
            return None
        answer = self._server.faults.popleft().answer
        if answer is None:
            _cut(smtp)
        if answer.startswith("421"):
            await smtp.push(answer)
            _cut(smtp)
        return answer


def _cut(smtp: SMTP) -> Never:
    """What was written still arrives."""
    cast("asyncio.Transport", smtp.transport).close()
    raise asyncio.CancelledError


def _received(smtp: SMTP, session: Session, envelope: Envelope) -> Received:
    raw = cast("bytes", envelope.original_content)
    login = session.auth_data if session.authenticated else None
    return Received(
        message=message_from_bytes(raw.replace(b"\r\n", b"\n"), policy=policy.default),
        sender=envelope.mail_from or "",
        recipients=tuple(envelope.rcpt_tos),
        raw=raw,
        user=login.login.decode() if isinstance(login, LoginPassword) else None,
        encrypted=cast("asyncio.Transport", smtp.transport).get_extra_info("ssl_object") is not None,
    )


@contextmanager
def running_smtp(
    *, credentials: tuple[str, str] | None = None, tls: TLS | None = None, most_bytes: int | None = None
) -> Iterator[SmtpServer]:
    """A server of its own. With `credentials` nobody sends without them; `most_bytes` is the SIZE that it offers."""
    with temporary_folder("smtp") as folder:
        certificate, context = _certificate(folder) if tls else (None, None)
        server = SmtpServer(HOST, free_port(), certificate)

        def login(smtp: SMTP, session: Session, envelope: Envelope, mechanism: str, given: LoginPassword) -> AuthResult:
            right = credentials == (given.login.decode(), given.password.decode())
            return AuthResult(success=right, handled=False, auth_data=given)

        controller = Controller(
            _Handler(server, closed=credentials is not None),
            hostname=HOST,
            port=server.port,
            ready_timeout=20,
            ssl_context=context if tls == "implicit" else None,
            tls_context=context if tls == "starttls" else None,
            require_starttls=tls == "starttls",
            authenticator=login if credentials else None,
            auth_require_tls=tls == "starttls",
            data_size_limit=most_bytes,
        )
        controller.start()
        try:
            yield server
        finally:
            controller.stop()


def _certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Self-made, for the address that the server is at."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    how = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = f"subjectAltName=IP:{HOST},DNS:localhost"
    what = ["-keyout", str(key), "-out", str(cert), "-subj", "/CN=localhost", "-addext", names]
    subprocess.run(["openssl", *how, *what], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return cert, context


@pytest.fixture
def smtp_server() -> Iterator[SmtpServer]:
    """One without TLS and without accounts."""
    with running_smtp() as server:
        yield server
