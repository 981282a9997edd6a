"""JSON values that are events, or hold them: arrays, windows' lines, captures, request bodies, exports, wrappers."""

import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording.decode import headers
from renderer.recording.decode.elements import commas, walk
from renderer.recording.decode.headers import Header
from renderer.recording.decode.packed import Packed, is_packed
from renderer.recording.limits import Limits, too_many_events
from renderer.recording.model import RecordingKind
from renderer.recording.sizes import Size, sane

# Takes the id of the event's window if it has one, its JSON object, and that object's header.
Sink = Callable[[str | None, bytes | memoryview, Header], None]

_BETWEEN = re.compile(rb"[ \t\r\n,]*")
# The lines of Sentry's envelopes that say what the next line is.
_ENVELOPE_ITEMS = frozenset({"replay_event", "replay_recording"})
_OBJECT, _ARRAY, _STRING = b"{"[0], b"["[0], b'"'[0]
# A request body holds captures, a capture holds a list of events; nothing that recorders write nests deeper.
_MAX_NESTING = 6


class Envelopes:
    """Opens values down to their events, in order. What it finds on the way tells the recording's kind.

    `windowed`: events named their windows. `captured`: they came in `$snapshot` events, `enveloped`: in Sentry's envelopes,
    `requested`: in Amplitude's requests, `packed`: as strings. `export`: which PostHog export it was. `sizes`: the size of a window's page as its captures told it.
    """

    def __init__(self, sink: Sink, file: str, limits: Limits, notices: Notices) -> None:
        self._sink = sink
        self._file = file
        self._limits = limits
        self._notices = notices
        self.windowed = False
        self.captured = False
        self.enveloped = False
        self.requested = False
        self.packed = False
        self._packed = Packed(file, limits, notices)
        self.export: RecordingKind | None = None
        self.sizes: dict[str | None, Size] = {}

    def open(self, value: bytes | memoryview | Raw, *, copy: bool, window: str | None = None, nesting: int = 0) -> None:
        """Hands every event in `value` to the sink, as bytes of its own (`copy`) or as a view of `value`.

        Raises msgspec.DecodeError, before the sink has seen anything, when `value` is not JSON.
        """
        first = headers.first_byte(value)
        try:
            if nesting > _MAX_NESTING:
                self._not_an_event()
            elif first == _OBJECT:
                self._object(bytes(value) if copy else memoryview(value), copy, window, nesting)
            elif first == _ARRAY:
                self._array(value, copy, window, nesting)
            elif first == _STRING and is_packed(value):
                self._string(value, window, nesting)
            else:
                msgspec.json.decode(value, type=Raw)
                self._not_an_event()
        except msgspec.ValidationError:
            self._not_an_event()

    def _string(self, value: bytes | memoryview | Raw, window: str | None, nesting: int) -> None:
        event = self._packed.open(value)
        if event is not None:
            self.packed = True
            self.open(event, copy=False, window=window, nesting=nesting + 1)

    def _array(self, value: bytes | memoryview | Raw, copy: bool, window: str | None, nesting: int) -> None:
        view = memoryview(value)
        if len(view) > self._limits.events and commas(view) >= self._limits.events:
            self._long_array(view, copy, window, nesting)
            return
        values = headers.decode_list(view)
        if len(values) == 2 and _is_pair(values[0], values[1]):
            # PostHog's ["window", event], and nothing else.
            self.open(values[1], copy=copy, window=self._name(values[0]) or window, nesting=nesting + 1)
        elif copy:
            for each in values:
                self.open(each, copy=True, window=window, nesting=nesting + 1)
        else:
            # Slices of one view take half the memory of views of their own, and there may be millions.
            lengths = [len(each) for each in values]
            del values
            end = 1
            for length in lengths:
                gap = _BETWEEN.match(view, end)
                start = gap.end() if gap else end
                end = start + length
                self.open(view[start:end], copy=False, window=window, nesting=nesting + 1)

    def _long_array(self, view: memoryview, copy: bool, window: str | None, nesting: int) -> None:
        """An array that may have more elements than events are allowed, without a list of them: [1,1,1,…] takes 28 times
        its text as a list.
        """
        for number, element in enumerate(walk(view)):
            if number >= self._limits.events:
                raise too_many_events(self._file, self._limits)
            if number == 0 and headers.first_byte(element) == _STRING and not is_packed(element):
                window = self._name(element) or window
            else:
                self.open(element, copy=copy, window=window, nesting=nesting + 1)

    def _name(self, value: memoryview | Raw) -> str | None:
        self.windowed = True
        return headers.window_name(msgspec.json.decode(value, type=headers.Scalar))

    def _object(self, raw: bytes | memoryview, copy: bool, window: str | None, nesting: int) -> None:
        try:
            header = headers.decode_header(raw)
        except msgspec.ValidationError as error:
            if "$.timestamp" not in str(error):
                raise
            self._notices.add("bad_timestamp", "events without a usable time were dropped")
            return
        if header.windowId is not None or header.window_id is not None:
            self.windowed = True
            window = headers.window_name(header.windowId) or headers.window_name(header.window_id) or window
        lists = header.batch or header.events or header.snapshots
        if header.event == "$snapshot":
            self._capture(header, copy, window, nesting)
        elif headers.integer(header.type) is not None:
            self._sink(window, raw, header)
        elif isinstance(header.type, str) and header.type in _ENVELOPE_ITEMS:
            self.enveloped = True
        elif lists or headers.first_byte(header.data) == _ARRAY:
            # Amplitude's SDK: {"version": 1, "events": ["{\"type\": 4, …}", …]}, and those of before 2026 packed.
            self.requested = self.requested or (header.version == 1 and bool(header.events))
            self.open(lists or header.data, copy=copy, window=window, nesting=nesting + 1)
        elif header.type is not None or header.timestamp is not None:
            self._sink(window, raw, header)
        elif headers.first_byte(header.data) == _OBJECT:
            self._export(header, copy, window, nesting)
        elif header.segment_id is not None or header.sent_at is not None:
            self.enveloped = True
        else:
            self._not_an_event()

    def _capture(self, header: Header, copy: bool, window: str | None, nesting: int) -> None:
        self.captured = True
        captured = headers.decode_captured(header.properties or b"{}")
        window = headers.window_name(captured.window_id) or window
        if size := sane(captured.viewport_width, captured.viewport_height, self._limits.viewport_px):
            self.sizes.setdefault(window, size)
        self.open(captured.snapshot_data, copy=copy, window=window, nesting=nesting + 1)

    def _export(self, header: Header, copy: bool, window: str | None, nesting: int) -> None:
        export = headers.decode_export(header.data)
        if export.snapshotsByWindowId:
            self.export = "posthog-export-v1"
            if (
                commas(memoryview(export.snapshotsByWindowId)) > 2 * self._limits.events
            ):  # a table of windows costs 26 times its text
                raise too_many_events(self._file, self._limits)
            for name, events in headers.decode_object(export.snapshotsByWindowId).items():
                self.open(events, copy=copy, window=name, nesting=nesting + 1)
        elif export.snapshots or export.events:
            self.export = "posthog-export-v2" if export.snapshots else self.export
            self.open(export.snapshots or export.events, copy=copy, window=window, nesting=nesting + 1)
        else:
            self._not_an_event()

    def _not_an_event(self) -> None:
        self._notices.add("not_an_event", "values that are not events were skipped")


def _is_pair(name: Raw, event: Raw) -> bool:
    """And not two events, the first of which is packed."""
    first, second = headers.first_byte(name), headers.first_byte(event)
    return first not in {_OBJECT, _ARRAY} and not (first == second == _STRING and is_packed(name))
