"""Requests (rrweb/network@1): PostHog tells of one as a timing entry, from its wrapper around fetch, or both."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from renderer.timeline.model import Entry, Level, Value
from renderer.timeline.recorded.addresses import Address, absolute, address
from renderer.timeline.recorded.analytics_hosts import is_analytics
from renderer.timeline.text import plain

SLOW_MS: Final = 3000
"""A person has begun to wonder by then; the answer of a model that is streamed is not slow by how long it lasts."""

SAME_START_MS: Final = 50
"""The wrapper's clock and the browser's differ by a few ms about when a request began."""

_MOST: Final = 50_000
_DATA: Final = frozenset({"fetch", "xmlhttprequest", "beacon", "navigation", "eventsource"})
_STREAMED: Final = ("text/event-stream", "application/x-ndjson", "application/ndjson", "application/jsonl")
_LATE_MS: Final = 1000


@dataclass(slots=True)
class Request:
    start_ms: int
    address: Address
    method: str
    initiator: str
    end_ms: int | None
    first_byte_ms: int | None
    """How long the headers took, where that is all that is known: of an answer that was still coming in."""
    duration_ms: int | None
    status: int | None
    bytes: int | None
    streamed: bool
    error: str
    timed: bool
    """Whether it is the browser's own timing entry."""
    wrapped: bool
    """Whether it came through the recorder's wrapper around fetch and XMLHttpRequest."""

    @property
    def failed(self) -> bool:
        return (self.status is not None and self.status >= 400) or bool(self.error)

    @property
    def unanswered(self) -> bool:
        """Status 0 from the wrapper: the network failed, or the page itself broke the request off."""
        return self.status == 0 and self.wrapped and self.initiator in {"fetch", "xmlhttprequest"}

    @property
    def is_streamed(self) -> bool:
        """By its type, or because the browser had no timing of it after the headers were there."""
        return self.streamed or (
            self.first_byte_ms is not None and self.duration_ms is None and self.initiator == "fetch"
        )

    @property
    def slow(self) -> bool:
        return self.duration_ms is not None and self.duration_ms > SLOW_MS and not self.is_streamed


class Network:
    """Requests of one window. `started_at_ms`: Unix time of session time 0."""

    def __init__(self, window_id: str, started_at_ms: int, duration_ms: int) -> None:
        self._window_id = window_id
        self._started_at_ms = started_at_ms
        self._duration_ms = duration_ms
        self._by_url: dict[str, list[Request]] = {}
        self._count = 0

    def payload(self, at_ms: int, payload: object, page: str) -> bool:
        """Takes the requests of one event, told on `page`. Whether one of them is a page load, timed for the first time."""
        requests = payload.get("requests") if isinstance(payload, dict) else None
        loaded = False
        for told in requests if isinstance(requests, list) else ():
            if isinstance(told, dict) and self._count < _MOST:
                request = self._read(at_ms, told, page)
                if request is not None and self._add(request):
                    loaded = loaded or request.initiator == "navigation"
        return loaded

    def starts_ms(self) -> list[int]:
        """When the page asked for something, sorted."""
        return sorted(request.start_ms for requests in self._by_url.values() for request in requests)

    def entries(self, page_host: str = "") -> Iterator[Entry]:
        for requests in self._by_url.values():
            for request in requests:
                if request.failed or request.initiator in _DATA:
                    yield self._entry(request, page_host)

    def _add(self, request: Request) -> bool:
        known = self._by_url.setdefault(request.address.url, [])
        for other in reversed(known[-20:]):
            if _is_same(other, request):
                _merge(other, request)
                return False
        known.append(request)
        self._count += 1
        return True

    def _read(self, at_ms: int, told: dict[str, Any], page: str) -> Request | None:
        entry_type = told.get("entryType")
        if entry_type not in {None, "resource", "navigation"}:
            return None
        place = address(absolute(told.get("name") if isinstance(told.get("name"), str) else told.get("url"), page))
        if not place.host or is_analytics(place):
            return None
        initiator = "navigation" if entry_type == "navigation" else _word(told.get("initiatorType")).lower()
        length_ms = _duration(told)
        timed = entry_type is not None or "duration" in told
        start_ms, end_ms = self._span(at_ms, told, length_ms)
        status = _whole(told.get("status"))
        response = _whole(told.get("responseStatus"))
        wrapped = status is not None or bool(told.get("method"))
        content = told.get("contentType") or _header(told.get("responseHeaders"), "content-type")
        return Request(
            start_ms=start_ms,
            end_ms=end_ms if timed else None,
            first_byte_ms=None if timed else length_ms,
            address=place,
            method=_word(told.get("method")).upper() or ("GET" if initiator == "navigation" else ""),
            initiator=initiator,
            duration_ms=length_ms if timed else None,
            status=status if status is not None else (response or None),
            bytes=_whole(told.get("transferSize")) or _whole(told.get("encodedBodySize")) or None,
            streamed=isinstance(content, str) and content.strip().lower().startswith(_STREAMED),
            error=plain(told.get("error") or told.get("errorMessage"), 200),
            timed=timed,
            wrapped=wrapped,
        )

    def _span(self, at_ms: int, told: dict[str, Any], duration_ms: int | None) -> tuple[int, int | None]:
        """Start and end on the session's clock, within the session and not after it was told."""
        start = _number(told.get("timestamp"))
        if start is None:
            origin, offset = _number(told.get("timeOrigin")), _number(told.get("startTime"))
            start = origin + offset if origin is not None and offset is not None else None
        length = duration_ms or 0
        start_ms = at_ms - length if start is None else round(start - self._started_at_ms)
        if start_ms + length > at_ms + _LATE_MS or start_ms < -86_400_000:  # the computer slept, or the clock was set
            start_ms = at_ms - length
        end_ms = None if duration_ms is None else max(0, min(start_ms + length, self._duration_ms))
        return max(0, min(start_ms, self._duration_ms)), end_ms

    def _entry(self, request: Request, page_host: str) -> Entry:
        level: Level = "error" if request.failed else "warning" if request.slow or request.unanswered else "info"
        what = f"{request.method} {request.address.short(page_host)}".strip()
        if request.error and not request.status:
            said = f"failed: {plain(request.error, 60)}"
        elif request.failed:
            said = f"failed with {request.status}"
        elif request.unanswered:
            said = "got no answer"
        elif request.slow:
            said = f"took {(request.duration_ms or 0) / 1000:.1f} s"
        else:
            said = f"answered {request.status}" if request.status else "was sent"
        facts: dict[str, Value] = {
            "method": request.method or None,
            "url": request.address.url,
            "host": request.address.host,
            "path": request.address.path,
            "status": request.status,
            "duration_ms": request.duration_ms,
            "first_byte_ms": request.first_byte_ms if request.duration_ms is None else None,
            "initiator": request.initiator or None,
            "bytes": request.bytes,
            "streamed": request.is_streamed,
            "failed": request.failed,
            "slow": request.slow,
            "error": request.error or None,
        }
        return Entry(
            at_ms=request.start_ms,
            until_ms=request.end_ms,
            kind="request",
            title=f"{what} {said}",
            level=level,
            window_id=self._window_id,
            properties={name: value for name, value in facts.items() if value is not None},
        )


def _is_same(one: Request, other: Request) -> bool:
    """Repeated word for word, or once by the browser and once by the wrapper."""
    if one.method and other.method and one.method != other.method:
        return False
    apart = abs(one.start_ms - other.start_ms)
    if one.timed == other.timed and one.wrapped == other.wrapped:
        return apart <= 1 and one.end_ms == other.end_ms
    return apart <= SAME_START_MS


def _merge(known: Request, other: Request) -> None:
    known.method = known.method or other.method
    known.status = known.status if known.status is not None else other.status
    if known.duration_ms is None or (other.timed and other.duration_ms):
        known.duration_ms, known.end_ms = other.duration_ms, other.end_ms
    known.bytes = known.bytes or other.bytes
    known.streamed = known.streamed or other.streamed
    known.error = known.error or other.error
    known.timed = known.timed or other.timed
    known.wrapped = known.wrapped or other.wrapped


def _duration(told: dict[str, Any]) -> int | None:
    """For a page load until its document was there: `duration` lasts until every picture is."""
    start, end = _number(told.get("startTime")), _number(told.get("responseEnd"))
    if told.get("entryType") == "navigation" and start is not None and end:
        return max(0, round(end - start))
    duration = _number(told.get("duration"))
    if duration is None:
        end = _number(told.get("endTime"))
        duration = end - start if start is not None and end is not None else None
    return round(duration) if duration is not None and 0 <= duration < 86_400_000 else None


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and abs(value) < 1e15 else None


def _whole(value: object) -> int | None:
    number = _number(value)
    return round(number) if number is not None and number >= 0 else None


def _word(value: object) -> str:
    return plain(value, 20)


def _header(headers: object, name: str) -> object:
    return headers.get(name) if isinstance(headers, dict) else None
