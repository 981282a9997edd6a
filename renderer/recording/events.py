"""One event of the file becomes what the player can take: none, itself, mended, or several."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording import adopted, amplitude, mutations
from renderer.recording.decode import headers
from renderer.recording.decode.depth import nests_deeper
from renderer.recording.decode.elements import commas
from renderer.recording.decode.fields import KNOWN, BadFieldError, Fields
from renderer.recording.decode.headers import Header
from renderer.recording.limits import Limits, too_many_events
from renderer.recording.model import EventType, Source
from renderer.recording.privacy import PrivacyReader

# What the SDK says of itself: its whole configuration, keys included, and nothing that happened in the session.
CONFIGURATION_TAGS = frozenset({"$posthog_config", "$remote_config_received", "$session_options"})
_OBJECT, _ARRAY = b"{["
# Full snapshots go to the player as they are; other events are parsed by what comes after, at Python's own limit of 1000.
# Mutations add nodes one by one, so only console and network payloads nest at all.
_MAX_DEPTH = 400
# About a million nodes at once. No page lives through it, and lists of small junk take 28 times their text.
_MAX_MUTATION_COMMAS = 5_000_000
_LISTS = ("texts", "attributes", "removes", "adds")
# Sentry's SDK gives the times of these in seconds, among milliseconds everywhere else (@sentry/replay's createPerformanceSpans);
# taken as they are, the session would begin in January 1970.
_TIMED_IN_SECONDS = frozenset({"performanceSpan", "breadcrumb"})
_LATEST_IN_SECONDS = 1e11


class Draft(NamedTuple):
    """An event before its place in the session is known. `timestamp_ms` is Unix time as given, perhaps fractional.

    `mobile`: it holds wireframes, which `mobile.convert` turns into what the player takes.
    """

    timestamp_ms: float
    type: int
    source: int | None
    raw: bytes | memoryview
    mobile: bool = False


class Drafts:
    """Turns events of the file into drafts by window, and counts in `notices` what was mended or dropped.

    `windows` holds them in the order of the file; `privacy` reads the recorder's configuration; `seen` counts all events, usable or not, `mobile` those that hold wireframes.
    """

    def __init__(self, name: str, limits: Limits, notices: Notices) -> None:
        self._name = name
        self._limits = limits
        self._fields = Fields(name, limits, notices)
        self._notices = notices
        self.privacy = PrivacyReader()
        self.windows: dict[str | None, list[Draft]] = {}
        self.seen = 0
        self.mobile = 0

    def add(self, window: str | None, raw: bytes | memoryview, header: Header) -> None:
        """Appends to `windows` what becomes of one event. Raises RecordingError `too_many_events`."""
        self.seen += 1
        if self.seen > self._limits.events:
            raise too_many_events(self._name, self._limits)
        event_type = headers.integer(header.type)
        if event_type is None:
            self._notices.add("not_an_event", "values that are not events were skipped")
            return
        timestamp_ms = headers.time_ms(header.timestamp)
        if timestamp_ms is None:
            self._notices.add("bad_timestamp", "events without a usable time were dropped")
            return
        if event_type == EventType.CUSTOM and timestamp_ms < _LATEST_IN_SECONDS:
            timestamp_ms *= _unit_ms(header)
        if not EventType.DOM_CONTENT_LOADED <= event_type <= EventType.PLUGIN:
            self._notices.add("unknown_event_type", "events of an unknown type were dropped")
            return
        drafts = self.windows.get(window)
        if drafts is None:
            drafts = self.windows[window] = []
        try:
            if header.cv is not None:
                raw = self._inflated(raw, event_type, header)
                header = headers.decode_header(raw)
            self._by_type(drafts, timestamp_ms, event_type, raw, header)
        except BadFieldError:
            self._notices.add("damaged_fields", "events whose compressed fields are damaged were dropped")
        except (MalformedError, msgspec.DecodeError):
            self._notices.add("malformed_event", "events that the player cannot read were dropped")

    def _by_type(
        self, drafts: list[Draft], timestamp_ms: float, event_type: int, raw: bytes | memoryview, header: Header
    ) -> None:
        if event_type != EventType.FULL_SNAPSHOT and nests_deeper(raw, _MAX_DEPTH):
            raise MalformedError
        if event_type == EventType.INCREMENTAL:
            self._incremental(drafts, timestamp_ms, raw, header)
        elif event_type == EventType.FULL_SNAPSHOT:
            self._full_snapshot(drafts, timestamp_ms, raw, header)
        elif (told := self._told(event_type, raw, header)) is not None:
            drafts.append(Draft(timestamp_ms, told[0], None, told[1]))

    def _inflated(self, raw: bytes | memoryview, event_type: int, header: Header) -> bytes | memoryview:
        if header.cv == KNOWN:
            return self._fields.inflate(raw, event_type)
        self._notices.add("unknown_compression", "events with an unknown field compression (cv) were found")
        return raw

    def _told(self, event_type: int, raw: bytes | memoryview, header: Header) -> tuple[int, bytes | memoryview] | None:
        """The type and the JSON of what is not of the document; None for the recorder's own configuration.

        That names project, hosts and flags, and every PostHog file holds it: no oddity.
        """
        if event_type in {EventType.DOM_CONTENT_LOADED, EventType.LOAD}:
            return event_type, raw
        data = headers.decode_custom(header.data)  # whatever the type: the player wants an object
        if event_type == EventType.PLUGIN and data.plugin == amplitude.PLUGIN:
            return self._amplitude(amplitude.url_tracking(header.timestamp, header.data), EventType.CUSTOM, header)
        if event_type != EventType.CUSTOM or not isinstance(data.tag, str):
            return event_type, raw
        if data.tag in CONFIGURATION_TAGS:
            self.privacy.read(header.data)
            return None
        if data.tag in amplitude.TAGS and (told := amplitude.custom(header.timestamp, data.tag, header.data)):
            return self._amplitude(told, EventType.PLUGIN, header)
        return event_type, raw

    def _amplitude(self, told: amplitude.Told, event_type: int, header: Header) -> tuple[int, bytes] | None:
        if told.configures:
            self.privacy.read(header.data)
        return None if told.event is None else (event_type, told.event)

    def _full_snapshot(self, drafts: list[Draft], timestamp_ms: float, raw: bytes | memoryview, header: Header) -> None:
        snapshot = headers.decode_snapshot(header.data)
        if headers.first_byte(snapshot.node) == _OBJECT:
            raw, sheets = adopted.taken_out(self._without_extensions(raw))
            drafts.append(Draft(timestamp_ms, EventType.FULL_SNAPSHOT, None, raw))
            drafts += _adopting(timestamp_ms, sheets)
        elif headers.first_byte(snapshot.wireframes) == _ARRAY:
            self.mobile += 1
            drafts.append(Draft(timestamp_ms, EventType.FULL_SNAPSHOT, None, raw, mobile=True))
        else:
            raise MalformedError

    def _incremental(self, drafts: list[Draft], timestamp_ms: float, raw: bytes | memoryview, header: Header) -> None:
        source = headers.integer(headers.decode_incremental(header.data).source)
        if source is None:
            raise MalformedError
        if source == Source.MUTATION:
            if len(header.data) > _MAX_MUTATION_COMMAS and commas(memoryview(header.data)) > _MAX_MUTATION_COMMAS:
                raise MalformedError
            self._mutation(drafts, timestamp_ms, raw, headers.decode_mutation(header.data))
        elif Source.MUTATION < source <= Source.CUSTOM_ELEMENT:
            drafts.append(Draft(timestamp_ms, EventType.INCREMENTAL, source, raw))
        else:
            self._notices.add("unknown_source", "incremental events of an unknown source were dropped")

    def _mutation(
        self, drafts: list[Draft], timestamp_ms: float, raw: bytes | memoryview, mutation: headers.MutationData
    ) -> None:
        adds = mutation.adds
        if mutation.updates or (adds and _is_wireframe(adds[0])):
            self.mobile += 1
            drafts.append(Draft(timestamp_ms, EventType.INCREMENTAL, Source.MUTATION, raw, mobile=True))
            return
        if adds is None or mutation.removes is None or mutation.texts is None or mutation.attributes is None:
            raw = _with_all_lists(raw, mutation)
        parts: Sequence[bytes | memoryview] = (raw,)
        if adds is not None and len(adds) > mutations.MAX_ADDS:
            parts = mutations.split(raw, adds)
            self._notices.add("split_mutation", "changes of more than 5,000 added nodes were split")
        for part in parts:
            changes = self._without_extensions(part)
            changes, sheets = adopted.taken_out(changes) if adds else (changes, [])
            drafts.append(Draft(timestamp_ms, EventType.INCREMENTAL, Source.MUTATION, changes))
            drafts += _adopting(timestamp_ms, sheets)

    def _without_extensions(self, raw: bytes | memoryview) -> bytes | memoryview:
        raw, count = mutations.without_extensions(raw)
        self._notices.add("browser_extension", "addresses of browser extensions' own files were taken out", count)
        return raw


def _adopting(timestamp_ms: float, events: Iterable[bytes]) -> Iterator[Draft]:
    return (Draft(timestamp_ms, EventType.INCREMENTAL, Source.ADOPTED_STYLE_SHEET, event) for event in events)


class MalformedError(ValueError):
    """An event lacks what the player reads of it."""


def _unit_ms(header: Header) -> int:
    """How many milliseconds a custom event's unit of time has."""
    try:
        tag = headers.decode_custom(header.data).tag
    except msgspec.DecodeError:
        return 1
    return 1000 if isinstance(tag, str) and tag in _TIMED_IN_SECONDS else 1


def _is_wireframe(add: Raw) -> bool:
    try:
        return bool(headers.decode_add(add).wireframe)
    except msgspec.DecodeError:
        return False


def _with_all_lists(raw: bytes | memoryview, mutation: headers.MutationData) -> bytes:
    """The player calls forEach on all four lists, whether a recorder wrote them or not."""
    missing = {name: Raw(b"[]") for name in _LISTS if getattr(mutation, name) is None}
    if len(missing) == len(_LISTS):
        raise MalformedError
    event = headers.decode_object(raw)
    event["data"] = Raw(msgspec.json.encode(headers.decode_object(event["data"]) | missing))
    return msgspec.json.encode(event)
