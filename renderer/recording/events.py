"""One event of the file becomes what the player can take: none, itself, mended, or several."""

from collections.abc import Iterator
from typing import NamedTuple

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording import headers, mutations
from renderer.recording.fields import KNOWN, BadFieldError, Fields
from renderer.recording.headers import Header
from renderer.recording.limits import Limits
from renderer.recording.model import EventType, Source
from renderer.recording.shapes import Found

# What the SDK says of itself: its whole configuration, keys included, and nothing that happened in the session.
CONFIGURATION_TAGS = frozenset({"$posthog_config", "$remote_config_received", "$session_options"})
_OBJECT, _ARRAY = b"{"[0], b"["[0]
_WIREFRAME_SEARCH_BYTES = 4096
_LISTS = ("texts", "attributes", "removes", "adds")


class Draft(NamedTuple):
    """An event before its place in the session is known. `timestamp_ms` is Unix time as given, perhaps fractional."""

    timestamp_ms: float
    type: int
    source: int | None
    raw: bytes | memoryview


class Drafts:
    """Turns events of the file into drafts and counts in `notices` what was mended or dropped.

    `mobile` counts wireframe events, which this player cannot draw.
    """

    def __init__(self, name: str, limits: Limits, notices: Notices) -> None:
        self._fields = Fields(name, limits)
        self._notices = notices
        self.mobile = 0

    def of(self, found: Found) -> Iterator[Draft]:
        raw, header = found.raw, found.header
        event_type = headers.integer(header.type)
        if event_type is None:
            self._notices.add("not_an_event", "values that are not events were skipped")
            return
        timestamp_ms = headers.time_ms(header.timestamp)
        if timestamp_ms is None:
            self._notices.add("bad_timestamp", "events without a usable time were dropped")
            return
        if not EventType.DOM_CONTENT_LOADED <= event_type <= EventType.PLUGIN:
            self._notices.add("unknown_event_type", "events of an unknown type were dropped")
            return
        if header.cv is not None:
            if header.cv != KNOWN:
                self._notices.add("unknown_compression", "events with an unknown field compression (cv) were found")
            else:
                try:
                    raw = self._fields.inflate(raw, event_type)
                    header = headers.decode_header(raw)
                except (BadFieldError, msgspec.DecodeError):
                    self._notices.add("damaged_fields", "events whose compressed fields are damaged were dropped")
                    return
        try:
            yield from self._playable(timestamp_ms, event_type, raw, header)
        except (MalformedError, msgspec.DecodeError):
            self._notices.add("malformed_event", "events that the player cannot read were dropped")

    def _playable(
        self, timestamp_ms: float, event_type: int, raw: bytes | memoryview, header: Header
    ) -> Iterator[Draft]:
        """Raises MalformedError for what would make the player throw."""
        if event_type in {EventType.DOM_CONTENT_LOADED, EventType.LOAD}:
            yield Draft(timestamp_ms, event_type, None, raw)
            return
        if headers.first_byte(header.data) != _OBJECT:
            raise MalformedError
        if event_type == EventType.INCREMENTAL:
            yield from self._incremental(timestamp_ms, raw, header)
        elif event_type == EventType.FULL_SNAPSHOT:
            snapshot = headers.decode_snapshot(header.data)
            if headers.first_byte(snapshot.node) == _OBJECT:
                yield Draft(timestamp_ms, event_type, None, self._without_extensions(raw))
            elif snapshot.wireframes:
                self.mobile += 1
            else:
                raise MalformedError
        elif event_type == EventType.CUSTOM and headers.decode_custom(header.data).tag in CONFIGURATION_TAGS:
            self._notices.add("sdk_configuration", "events that hold the recorder's configuration were left out")
        else:
            yield Draft(timestamp_ms, event_type, None, raw)

    def _incremental(self, timestamp_ms: float, raw: bytes | memoryview, header: Header) -> Iterator[Draft]:
        incremental = headers.decode_incremental(header.data)
        source = headers.integer(incremental.source)
        if source is None:
            raise MalformedError
        if not Source.MUTATION <= source <= Source.CUSTOM_ELEMENT:
            self._notices.add("unknown_source", "incremental events of an unknown source were dropped")
        elif source != Source.MUTATION:
            yield Draft(timestamp_ms, EventType.INCREMENTAL, source, raw)
        elif incremental.updates or _adds_wireframes(incremental):
            self.mobile += 1
        else:
            raw = self._without_extensions(_with_all_lists(raw, incremental))
            parts = mutations.split(raw)
            if parts:
                self._notices.add("split_mutation", "changes of more than 5,000 added nodes were split")
            for part in parts or (raw,):
                yield Draft(timestamp_ms, EventType.INCREMENTAL, source, part)

    def _without_extensions(self, raw: bytes | memoryview) -> bytes | memoryview:
        if not mutations.mentions_extension(raw):
            return raw
        raw, count = mutations.without_extensions(raw)
        self._notices.add("browser_extension", "addresses of browser extensions' own files were taken out", count)
        return raw


class MalformedError(ValueError):
    """An event lacks what the player reads of it."""


def _adds_wireframes(mutation: headers.IncrementalData) -> bool:
    if b'"wireframe"' not in bytes(memoryview(mutation.adds)[:_WIREFRAME_SEARCH_BYTES]):
        return False
    adds = headers.decode_list(mutation.adds)
    return bool(adds and headers.decode_add(adds[0]).wireframe)


def _with_all_lists(raw: bytes | memoryview, mutation: headers.IncrementalData) -> bytes | memoryview:
    """The player calls forEach on all four lists, whether a recorder wrote them or not."""
    given = {name: headers.first_byte(getattr(mutation, name)) == _ARRAY for name in _LISTS}
    if all(given.values()):
        return raw
    if not any(given.values()):
        raise MalformedError
    event = headers.decode_object(raw)
    lists = {name: Raw(b"[]") for name, present in given.items() if not present}
    event["data"] = Raw(msgspec.json.encode(headers.decode_object(event["data"]) | lists))
    return msgspec.json.encode(event)
