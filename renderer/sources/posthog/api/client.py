"""One HTTP client for PostHog's API: patient, bounded, and deaf to whoever sends it elsewhere."""

import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import httpx2
import msgspec

from renderer import __version__
from renderer.errors import RequestError, SourceError
from renderer.retry_after import retry_after_s
from renderer.sources.posthog.access import Access
from renderer.sources.posthog.api.answers import Question, raise_failure
from renderer.sources.posthog.api.body import broken_off, gunzipped, sniffed
from renderer.sources.posthog.api.patience import PATIENT, AgainError, Patience

_Read = TypeVar("_Read")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ERROR_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Times:
    """`read_s`: between two pieces of an answer; `whole_s`: for all of one."""

    connect_s: float = 10.0
    read_s: float = 60.0
    whole_s: float = 900.0


TIMES: Final = Times()


class Api:
    """Asks PostHog. Use as a context manager. `tell` hears of waits."""

    def __init__(
        self,
        access: Access,
        tell: Callable[[str], None],
        patience: Patience = PATIENT,
        times: Times = TIMES,
    ) -> None:
        self.access = access
        self._tell = tell
        self._patience = patience
        self._times = times
        self._left_s = patience.limited_s
        self._client = httpx2.Client(
            headers={
                "Authorization": f"Bearer {access.key.get_secret_value()}",
                "User-Agent": f"renderer/{__version__}",
                # What zlib can bound: brotli and zstd make gigabytes of kilobytes.
                "Accept-Encoding": "gzip",
            },
            timeout=httpx2.Timeout(times.read_s, connect=times.connect_s),
            follow_redirects=False,
            # A proxy of the environment would read the key of a plain request.
            trust_env=access.base.startswith("https:"),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def json(self, question: Question, max_bytes: int) -> dict[str, Any]:
        """The answer, a JSON object. Raises RequestError and SourceError: those of `ask`, `posthog_not_json`."""
        return self.ask(question, max_bytes, lambda pieces: _decoded(b"".join(pieces), question))

    def ask(
        self, question: Question, max_bytes: int, read: Callable[[Iterator[bytes]], _Read], tries: int | None = None
    ) -> _Read:
        """What `read` makes of the decompressed body; it is called anew when the answer breaks off.

        Raises what `answers.raise_failure` does, and SourceError: posthog_unreachable, posthog_timeout,
        posthog_broken_off, posthog_tls, posthog_redirected, posthog_too_large, posthog_not_json; RequestError
        `posthog_no_host`.
        """
        failures = 0
        asked_to_wait = 0
        while True:
            try:
                return self._once(question, max_bytes, read)
            except AgainError as again:
                if again.limited:
                    asked_to_wait += 1
                    # A server that says 0, again and again, is asked less and less often.
                    grown_s = self._patience.pause(asked_to_wait)
                    pause_s = grown_s if again.after_s is None or asked_to_wait > 3 else max(0.1, again.after_s)
                    pause_s = max(pause_s, again.after_s or 0.0)
                    if pause_s > self._left_s:
                        raise again.error from None
                    self._left_s -= pause_s
                    self._tell(f"PostHog limits requests: waiting {pause_s:.0f} s")
                else:
                    failures += 1
                    if failures >= (tries or self._patience.tries):
                        raise again.error from None
                    pause_s = self._patience.pause(failures)
                    if again.after_s is not None:
                        pause_s = max(pause_s, min(again.after_s, self._patience.longest_pause_s))
                    self._tell(f"PostHog did not answer: trying again in {pause_s:.0f} s")
                self._patience.sleep(pause_s)

    def _once(self, question: Question, max_bytes: int, read: Callable[[Iterator[bytes]], _Read]) -> _Read:
        url = httpx2.URL(self.access.api + question.path)
        if question.params:
            url = url.copy_merge_params(question.params)
        for _ in range(4):
            try:
                with self._send(question, url) as response:
                    location = self._redirect(response, url)
                    if location is None:
                        return self._read(response, question, max_bytes, read)
                    url = location
            except httpx2.TransportError as error:
                raise _transport(error, self.access) from None
        raise SourceError("posthog_redirected", "PostHog sends requests round in a circle: check RENDERER_POSTHOG_HOST")

    def _send(self, question: Question, url: httpx2.URL) -> AbstractContextManager[httpx2.Response]:
        if question.body is None:
            return self._client.stream("GET", url)
        content = msgspec.json.encode(question.body)
        return self._client.stream("POST", url, content=content, headers={"Content-Type": "application/json"})

    def _redirect(self, response: httpx2.Response, url: httpx2.URL) -> httpx2.URL | None:
        """Where on the same host; RequestError elsewhere: the key is for one host, and so are the questions."""
        told = response.headers.get("location")
        if response.status_code not in _REDIRECTS or not told:
            return None
        try:
            following = url.join(told)
        except (httpx2.InvalidURL, ValueError):
            following = None
        same = following is not None and (following.scheme, following.host, following.port) == (
            url.scheme,
            url.host,
            url.port,
        )
        if following is None or not same or response.request.method != "GET":
            raise SourceError(
                "posthog_redirected",
                f"{url.host} sends requests elsewhere, where the key does not follow: set RENDERER_POSTHOG_HOST to the address"
                " that PostHog has in a browser",
            )
        return following

    def _read(
        self, response: httpx2.Response, question: Question, max_bytes: int, read: Callable[[Iterator[bytes]], _Read]
    ) -> _Read:
        if response.status_code == 200:
            if "html" in response.headers.get("content-type", ""):
                raise not_json(question)
            return read(self._pieces(response, max_bytes, question))
        body = b""
        for piece in self._pieces(response, 16 * _ERROR_BYTES, question):
            body += piece
            if len(body) >= _ERROR_BYTES:
                break
        after_s = retry_after_s(response.headers.get("retry-after"), self._patience.now())
        raise_failure(question, response.status_code, body, after_s, self.access.project)
        raise AssertionError

    def _pieces(self, response: httpx2.Response, max_bytes: int, question: Question) -> Iterator[bytes]:
        """The body, decompressed, a MiB at most at a time."""
        declared = response.headers.get("content-length", "")
        if declared.isdigit() and int(declared) > max_bytes:
            raise too_large(question, max_bytes)
        until_s = time.monotonic() + self._times.whole_s
        encoding = response.headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise SourceError(
                "posthog_encoding", "PostHog, or a proxy before it, answers in a compression nobody asked for"
            )
        pieces = response.iter_raw()
        total = 0
        for piece in gunzipped(pieces) if "gzip" in encoding else sniffed(pieces):
            total += len(piece)
            if total > max_bytes:
                raise too_large(question, max_bytes)
            if time.monotonic() > until_s:
                raise SourceError(
                    "posthog_too_slow",
                    f"PostHog sends the {question.what} so slowly that it was given up after {self._times.whole_s:.0f} s",
                    retryable=True,
                )
            yield piece


def not_json(question: Question) -> SourceError:
    return SourceError(
        "posthog_not_json",
        f"the answer to a request for the {question.what} is not PostHog's (a page of a proxy, perhaps): check"
        " RENDERER_POSTHOG_HOST and what stands before it",
    )


def _decoded(body: bytes, question: Question) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise not_json(question) from None
    if not isinstance(found, dict):
        raise not_json(question)
    return found


def too_large(question: Question, max_bytes: int) -> SourceError:
    size = f"{max_bytes >> 20} MiB" if max_bytes >= 1 << 20 else f"{max_bytes >> 10} KiB"
    return SourceError(
        "posthog_too_large", f"PostHog sends more than {size} for the {question.what}: it is not read any further"
    )


def _transport(error: httpx2.TransportError, access: Access) -> Exception:
    host = httpx2.URL(access.base).host
    causes: list[BaseException] = [error]
    while (cause := causes[-1].__cause__ or causes[-1].__context__) is not None and cause not in causes:
        causes.append(cause)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return RequestError(
            "posthog_no_host", f"there is no host {host} to be found: check RENDERER_POSTHOG_HOST and the network"
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return SourceError(
            "posthog_tls",
            f"{host} cannot prove who it is (TLS): check RENDERER_POSTHOG_HOST and the machine's certificates",
        )
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return AgainError(
            SourceError(
                "posthog_unreachable",
                f"{host} cannot be reached: check RENDERER_POSTHOG_HOST and the network",
                retryable=True,
            )
        )
    if isinstance(error, httpx2.TimeoutException):
        return AgainError(
            SourceError("posthog_timeout", f"{host} takes too long to answer: try again later", retryable=True)
        )
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.ProxyError):
        return SourceError("posthog_proxy", f"the proxy on the way to {host} refuses: check HTTPS_PROXY")
    return AgainError(broken_off())
