"""Asks a ticket system over HTTP: with the credentials to its own host alone, bounded, and never sent elsewhere."""

import hashlib
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx2

from renderer import __version__
from renderer.deliver.http import failures
from renderer.deliver.http.answer import Answer
from renderer.deliver.http.waits import wait_s
from renderer.errors import DestinationError

_DONE: Final = frozenset({200, 201, 202, 204})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_ANSWER_BYTES: Final = 8 * 1024 * 1024
_BLOCK: Final = 64 * 1024
Judge = Callable[[Answer], DestinationError | None]
Decode = Callable[[Iterator[bytes]], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Times:
    """`idle_s`: between two pieces of what is sent or answered; `whole_s`: for all of one answer."""

    connect_s: float = 10.0
    idle_s: float = 60.0
    whole_s: float = 600.0


TIMES: Final = Times()


class Http:
    """`system`: its name for people. `base`: of `checked_base`. `headers`: with the credentials. `settings`: the variables that hold them, in words;
    `needs`: the permissions that deliveries take. `judge`: what the system's own answers mean, asked before the general reading of the
    status.
    """

    def __init__(
        self,
        system: str,
        base: str,
        *,
        headers: Mapping[str, str],
        settings: str,
        needs: str,
        judge: Judge = lambda _: None,
        times: Times = TIMES,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.system = system
        self.base = base
        self._headers = dict(headers)
        self._settings = settings
        self._needs = needs
        self._judge = judge
        self._times = times
        self._clock = clock

    def ask(
        self,
        method: str,
        path: str,
        *,
        what: str = "such ticket",
        ok: frozenset[int] = _DONE,
        headers: Mapping[str, str] | None = None,
        **body: Any,
    ) -> Answer:
        """`path`: below the base. `what`: what is not there when it answers 404, as "ticket 12". `body`: `json`, `data`, `files`, `content`,
        `params` as httpx takes them. `ok`: what counts as done.

        Raises DestinationError: what the system's judge says; destination_credentials, destination_forbidden, ticket_not_found,
        file_too_large, file_type_refused, destination_limited, destination_failed, destination_refused, destination_redirected,
        destination_unreachable, destination_tls, destination_timeout, destination_broken_off.
        """
        return self._ask(method, self._url(path), {**self._headers, **(headers or {})}, what, ok, body)

    def ask_elsewhere(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, what: str = "such upload", **body: Any
    ) -> Answer:
        """Of an address that the system handed out, such as for an upload: without our credentials, and over TLS unless it is the system's own host."""
        target, own = httpx2.URL(url), httpx2.URL(self.base)
        if target.scheme != "https" and (target.scheme, target.host) != (own.scheme, own.host):
            raise failures.redirected(self.system, str(target.host), self._settings)
        return self._ask(method, target, headers or {}, what, _DONE, body)

    def location(self, path: str, *, what: str) -> str | None:
        """Where the system sends a GET, which is not followed; None when it does not."""
        answer = self.ask("GET", path, what=what, ok=_DONE | _REDIRECTS)
        return answer.headers.get("location")

    def digest(
        self,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        what: str,
        most_bytes: int,
        decode: Decode = iter,
    ) -> tuple[int, str]:
        """Size and SHA-256 (hex) of what is there to be downloaded; the size is `most_bytes` + 1 when it is more. `decode`: takes
        the file out of what it is sent in.
        """
        found, size = hashlib.sha256(), 0
        with self._stream("GET", self._url(path), {**self._headers, **(headers or {})}, {}) as response:
            if response.status_code not in _DONE:
                raise self._failure(self._read(response), what)
            for block in decode(self._blocks(response)):
                found.update(block)
                size += len(block)
                if size > most_bytes:
                    return most_bytes + 1, ""
        return size, found.hexdigest()

    def _url(self, path: str) -> httpx2.URL:
        return httpx2.URL(path if path.startswith(f"{self.base}/") else self.base + path)

    def _ask(
        self,
        method: str,
        url: httpx2.URL,
        headers: Mapping[str, str],
        what: str,
        ok: frozenset[int],
        body: dict[str, Any],
    ) -> Answer:
        with self._stream(method, url, headers, body) as response:
            answer = self._read(response)
        if answer.status in ok:
            if (error := self._judge(answer)) is not None:
                raise error
            return answer
        raise self._failure(answer, what)

    @contextmanager
    def _stream(
        self, method: str, url: httpx2.URL, headers: Mapping[str, str], body: dict[str, Any]
    ) -> Iterator[httpx2.Response]:
        """Each question has a connection of its own: one that a server let go of meanwhile would make every answer doubtful."""
        client = httpx2.Client(
            headers={"User-Agent": f"renderer/{__version__}", "Accept": "application/json", "Accept-Encoding": "gzip"},
            timeout=httpx2.Timeout(self._times.idle_s, connect=self._times.connect_s),
            follow_redirects=False,
            verify=_tls(),
            # A proxy of the environment would read the credentials of a plain request.
            trust_env=url.scheme == "https",
        )
        try:
            with client, client.stream(method, url, headers=dict(headers), **body) as response:
                yield response
        except httpx2.TransportError as error:
            raise failures.of_transport(error, self.system, str(url.host), self._settings) from None
        except httpx2.DecodingError:
            raise failures.bad_answer(self.system, self._settings) from None

    def _blocks(self, response: httpx2.Response) -> Iterator[bytes]:
        until_s = time.monotonic() + self._times.whole_s
        for block in response.iter_bytes(_BLOCK):
            yield block
            if time.monotonic() > until_s:
                raise httpx2.ReadTimeout("the whole answer")

    def _read(self, response: httpx2.Response) -> Answer:
        body = bytearray()
        for block in self._blocks(response):
            body += block
            if len(body) > _ANSWER_BYTES:
                raise failures.bad_answer(self.system, self._settings)
        return Answer(
            response.status_code, {name.lower(): value for name, value in response.headers.items()}, bytes(body)
        )

    def _failure(self, answer: Answer, what: str) -> DestinationError:
        own = self._judge(answer)
        if own is not None:
            return own
        status, system = answer.status, self.system
        if 200 <= status < 300:  # done, in a way that nobody documents
            return failures.bad_answer(system, self._settings)
        after_s = wait_s(answer.headers, self._clock())
        if status == 429:
            return failures.limited(system, after_s)
        if status >= 500 or status in {408, 425}:
            return failures.failed(system, status, after_s)
        if status in _REDIRECTS:
            return failures.redirected(system, str(httpx2.URL(self.base).host), self._settings)
        if status == 401:
            return failures.unauthorized(system, self._settings)
        if status == 403:
            return failures.forbidden(system, self._needs)
        if status in {404, 410}:
            return failures.not_found(system, what)
        if status == 413:
            return failures.too_large(system, what)
        if status == 415:
            return failures.type_refused(system, what)
        return failures.refused(
            system, f"it answered {status}: {answer.text()}" if answer.body else f"it answered {status}"
        )


@cache
def _tls() -> ssl.SSLContext:
    """To read the machine's certificates takes a tenth of a second."""
    return httpx2.create_ssl_context()


def content_of(path: Path) -> Iterator[bytes]:
    """A file as a request's body, read as it is sent. Give Content-Length along with it."""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block
