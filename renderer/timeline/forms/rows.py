"""JSON values that are events or spans, or hold them: arrays, pages of an API, query answers, batches, OTLP requests."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
from msgspec import Raw

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode.elements import commas, walk
from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.forms import event as plain_event
from renderer.timeline.forms import otlp as spans
from renderer.timeline.forms.limits import MAX_EVENT_BYTES, MAX_EVENTS, bounded

_NOTHING = Raw(b"")
# A batch of query answers holds rows that hold spans; nothing that is really written nests deeper.
_MAX_NESTING = 8
_OBJECT, _ARRAY, _STRING = b"{"[0], b"["[0], b'"'[0]
_SKIPPED = frozenset({"$snapshot", "$snapshot_items", "$performance_event"})  # the recording itself


class _Shape(msgspec.Struct):
    """The fields that tell what an object is; the rest is passed over without being kept."""

    event: Raw = _NOTHING
    name: Raw = _NOTHING
    type: Raw = _NOTHING
    event_name: Raw = _NOTHING
    eventName: Raw = _NOTHING  # noqa: N815  (the field's own name)
    results: Raw = _NOTHING
    batch: Raw = _NOTHING
    events: Raw = _NOTHING
    data: Raw = _NOTHING
    columns: Raw = _NOTHING
    sent_at: Raw = _NOTHING
    resource: Raw = _NOTHING
    resourceSpans: Raw = _NOTHING  # noqa: N815
    resource_spans: Raw = _NOTHING
    scopeSpans: Raw = _NOTHING  # noqa: N815
    scope_spans: Raw = _NOTHING
    instrumentationLibrarySpans: Raw = _NOTHING  # noqa: N815
    spans: Raw = _NOTHING
    startTimeUnixNano: Raw = _NOTHING  # noqa: N815
    start_time_unix_nano: Raw = _NOTHING
    start_time: Raw = _NOTHING
    startTime: Raw = _NOTHING  # noqa: N815


@dataclass(frozen=True, slots=True)
class _Around:
    """What the values around one say about it."""

    columns: tuple[str, ...] = ()
    resource: Mapping[str, Any] = field(default_factory=dict)
    sent_at: Any = None
    nesting: int = 0


class Rows:
    """Opens values down to their events; `events` are in the order of the file."""

    def __init__(self, name: str, notices: Notices) -> None:
        self._name = name
        self._notices = notices
        self.events: list[AnalyticsEvent] = []
        self.rows = 0
        self.others = 0
        self._opened = 0

    def open(self, value: bytes | memoryview | Raw, around: _Around = _Around()) -> None:
        """Raises msgspec.DecodeError when `value` is not JSON, RecursionError when it nests too deep, RecordingError
        `too_many_events`.
        """
        self._opened += 1
        self._refuse_too_many(self._opened // 2)  # batches of one event are real, a million empty lists are not
        view = memoryview(value)
        kind = _first_byte(view)
        if len(view) <= 2 and around.nesting:  # {} and [] may come by the million
            self._other()
        elif kind == _OBJECT and around.nesting <= _MAX_NESTING:
            self._object(view, around)
        elif kind == _ARRAY and around.nesting <= _MAX_NESTING:
            self._array(view, around)
        else:
            msgspec.json.decode(view, type=Raw)
            self._other()

    def _array(self, view: memoryview, around: _Around) -> None:
        if around.columns:
            self._answer(view, around)
            return
        inside = replace(around, nesting=around.nesting + 1)
        for element in _elements(view):
            self.open(element, inside)

    def _answer(self, view: memoryview, around: _Around) -> None:
        """The rows of a HogQL answer: lists of values in the order of `columns`."""
        for element in _elements(view):
            if _first_byte(element) == _OBJECT:
                self.open(element, replace(around, columns=(), nesting=around.nesting + 1))
            elif _first_byte(element) != _ARRAY or len(element) > MAX_EVENT_BYTES:
                self._other()
            else:
                values = msgspec.json.decode(element)
                self._row(dict(zip(around.columns, values, strict=False)), around)

    def _object(self, view: memoryview, around: _Around) -> None:
        shape = msgspec.json.decode(view, type=_Shape)
        inside = replace(around, nesting=around.nesting + 1)
        if _first_byte(shape.resource) == _OBJECT and len(shape.resource) <= MAX_EVENT_BYTES:
            attributes = msgspec.json.decode(shape.resource).get("attributes")
            inside = replace(inside, resource=bounded(spans.attributes_of(attributes)))
        otlp = (
            shape.resourceSpans, shape.resource_spans, shape.scopeSpans, shape.scope_spans,
            shape.instrumentationLibrarySpans, shape.spans,
        )  # fmt: skip
        if lists := [each for each in otlp if _first_byte(each) == _ARRAY]:
            for each in lists:
                self.open(each, inside)
            return
        starts = (shape.startTimeUnixNano, shape.start_time_unix_nano, shape.start_time, shape.startTime)
        if _first_byte(shape.event) != _STRING and not any(starts):
            lists = [each for each in (shape.batch, shape.results, shape.events) if _first_byte(each) == _ARRAY]
            if not lists and not _is_named(shape) and _first_byte(shape.data) in {_ARRAY, _OBJECT}:
                lists = [shape.data]
            if lists:
                if _first_byte(shape.columns) == _ARRAY:
                    inside = replace(inside, columns=_columns(shape.columns))
                if _first_byte(shape.sent_at) == _STRING:
                    inside = replace(inside, sent_at=msgspec.json.decode(shape.sent_at))
                for each in lists:
                    self.open(each, inside)
                return
        if not _is_named(shape) and not any(starts):
            self._other()
        elif len(view) > MAX_EVENT_BYTES:
            self._count()
            self._notices.add(
                "event_too_large", f"events of more than {MAX_EVENT_BYTES >> 20} MiB were left out of what is shown"
            )
        else:
            self._row(msgspec.json.decode(view), inside)

    def _row(self, row: Mapping[str, Any], around: _Around) -> None:
        self._count()
        row = bounded(row)
        if spans.is_span(row):
            span = spans.event_of(row, around.resource)
            if span is not None:
                self.events.append(span)
                return
        if not plain_event.is_event(row):
            self.rows -= 1
            self._other()
            return
        if around.sent_at is not None and "sent_at" not in row:
            row = {**row, "sent_at": around.sent_at}
        try:
            event = plain_event.event_of(row)
        except plain_event.TimelessError:
            self._notices.add("event_without_time", "events without a usable time were left out")
            return
        if event.name not in _SKIPPED:
            self.events.append(event)

    def _count(self) -> None:
        self.rows += 1
        self._refuse_too_many(self.rows)

    def _refuse_too_many(self, count: int) -> None:
        if count > MAX_EVENTS:
            raise RecordingError(
                "too_many_events",
                f"{self._name} holds more than {MAX_EVENTS:,} events; keep those of the session alone",
            )

    def _other(self) -> None:
        self.others += 1
        self._refuse_too_many(self.others)


def _is_named(shape: _Shape) -> bool:
    return any(
        _first_byte(each) == _STRING
        for each in (shape.event, shape.name, shape.type, shape.event_name, shape.eventName)
    )


def _columns(value: Raw) -> tuple[str, ...]:
    names = bounded(msgspec.json.decode(value)) if len(value) <= MAX_EVENT_BYTES else []
    return tuple(name if isinstance(name, str) else "" for name in names)


def _elements(view: memoryview) -> Iterator[memoryview]:
    """A list of a hundred million zeros takes gigabytes as one; a list with so many commas is walked instead."""
    if len(view) > MAX_EVENTS and commas(view) > MAX_EVENTS:
        yield from walk(view)
    else:
        for each in msgspec.json.decode(view, type=list[Raw]):
            yield memoryview(each)


def _first_byte(value: bytes | memoryview | Raw) -> int:
    head = bytes(memoryview(value)[:64]).lstrip()
    return head[0] if head else 0
