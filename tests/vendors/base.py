"""What all stand-ins have in common: a server, faults, and tickets that can be looked at."""

import json
import re
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from renderer.deliver.system import System


@dataclass(frozen=True)
class Asked:
    """A request. `headers`: names in lower case. `path`: without the query."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))

    def parts(self) -> "list[Part]":
        """Of multipart/form-data."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        message = BytesParser(policy=HTTP).parsebytes(head + self.body)
        return [
            Part(
                str(part.get_param("name", header="content-disposition")),
                part.get_filename(),
                part.get_content_type(),
                bytes(part.get_payload(decode=True) or b""),
            )
            for part in message.iter_parts()
        ]


@dataclass(frozen=True)
class Part:
    name: str
    filename: str | None
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: Any = None
    """JSON, or bytes as they are."""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Fault:
    """What goes wrong with the next requests that match. `instead`: nothing is done, and `reply` is said. `after`: it is done, and the
    connection breaks off before anything is said.
    """

    method: str
    path: str
    """A regular expression, found anywhere in the path."""
    how: Literal["instead", "after"] = "instead"
    reply: Reply = field(default_factory=Reply)
    times: int = 1

    def matches(self, asked: Asked) -> bool:
        return self.times > 0 and asked.method == self.method and re.search(self.path, asked.path) is not None


PAGE = Reply(200, b"<html><title>Sign in to go on</title></html>", {"Content-Type": "text/html"})
"""Of a proxy that stands before the system."""


@dataclass(frozen=True)
class NoteSeen:
    """A note as it stands on the ticket. `text`: its markup. `files`: by name, as they would be downloaded."""

    text: str
    is_public: bool
    files: Mapping[str, bytes]


class BadRequestError(Exception):
    """A request that the vendor's published schema does not allow."""


class Vendor(ABC):
    """A stand-in with one ticket. Subclasses answer as the vendor documents it.

    `post`: method and path (regular expression) of the request after which the note is seen. `reference`, `missing`: of a ticket that is
    there, and of one that is not; `bad_references`: of wrong shape. `cannot`: tests of the conformance suite that make no sense here.
    `accepts`: risks without which nothing internal goes there.
    """

    system: ClassVar[type[System]]
    post: ClassVar[tuple[str, str]]
    reference: ClassVar[str]
    missing: ClassVar[str]
    bad_references: ClassVar[tuple[str, ...]]
    cannot: ClassVar[frozenset[str]] = frozenset()
    accepts: ClassVar[frozenset[str]] = frozenset()
    secret: ClassVar[str] = "secret-4f1d9b7c20"

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.violations: list[str] = []
        self.most_bytes: int | None = None
        """Larger files are refused, though the stand-in does not say so before it is tried (where the vendor has no way to ask)."""
        self.refused_types: set[str] = set()
        """Content types."""
        self.may_post = True
        self.on_asked: Callable[[Asked], None] = lambda _: None
        self.page_after: int | None = None
        """From so many more questions on that change nothing, their answers in JSON are a proxy's page instead."""
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.vendor = self
        self.port: int = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._lock = threading.Lock()
        self._posted = threading.Event()
        self._held: threading.Event | None = None

    @abstractmethod
    def settings(self) -> dict[str, str]:
        """Of the destination, with the right credentials; `secret` is the secret one."""

    def wrong_settings(self) -> dict[str, str]:
        return {name: value.replace(self.secret, "wrong-0000000000") for name, value in self.settings().items()}

    @abstractmethod
    def answer(self, asked: Asked) -> Reply:
        """Does what is asked, in a lock. BadRequestError is told as the vendor would, and noted in `violations`."""

    @abstractmethod
    def notes(self) -> list[NoteSeen]:
        """On the ticket `reference`, oldest first."""

    def refuse(self, error: BadRequestError) -> Reply:
        return Reply(400, {"error": str(error)})

    def fail(self, how: Literal["instead", "after"], reply: Reply | None = None, times: int = 1) -> None:
        """The next posting of a note goes wrong."""
        self.faults.append(Fault(*self.post, how=how, reply=reply or Reply(), times=times))

    def posts(self) -> list[Asked]:
        return [each for each in self.asked if self._is_post(each)]

    def handle(self, asked: Asked) -> Reply | None:
        """None: the connection is broken off."""
        self.on_asked(asked)
        with self._lock:
            self.asked.append(asked)
            fault = next((each for each in self.faults if each.matches(asked)), None)
            if fault is not None:
                fault.times -= 1
                if fault.how == "instead":
                    return fault.reply
            try:
                reply = self.answer(asked)
            except BadRequestError as error:
                self.violations.append(f"{asked.method} {asked.path}: {error}")
                reply = self.refuse(error)
        if self._is_post(asked) and self._held is not None:
            self._posted.set()
            self._held.wait(60)
        return None if fault is not None else self._paged(asked, reply)

    def is_look(self, asked: Asked) -> bool:
        """Whether it changes nothing."""
        return asked.method == "GET"

    def _paged(self, asked: Asked, reply: Reply) -> Reply:
        if self.page_after is None or not self.is_look(asked) or isinstance(reply.body, bytes):
            return reply
        self.page_after -= 1
        return PAGE if self.page_after < 0 else reply

    def hold_after_post(self) -> threading.Event:
        """The next note is posted, and its answer kept back until `release`. The event: that it was posted."""
        self._held = threading.Event()
        return self._posted

    def release(self) -> None:
        if self._held is not None:
            self._held.set()
        self._held = None

    def _is_post(self, asked: Asked) -> bool:
        method, path = self.post
        return asked.method == method and re.search(path, asked.path) is not None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    vendor: Vendor

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # clients that hang up in the middle are what some tests are about


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def _any(self) -> None:
        body = self._body()
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        reply = self.server.vendor.handle(Asked(self.command, parts.path, query, headers, body))
        if reply is None:
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        content = reply.body if isinstance(reply.body, bytes) else b"" if reply.body is None else _json(reply.body)
        self.send_response(reply.status)
        if not isinstance(reply.body, bytes) and reply.body is not None:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _any  # noqa: N815 - the base class looks them up by these names

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_: object) -> None:
        pass


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()
