"""JSON values that are events, or hold them: arrays, windows' lines, captures, request bodies, exports, wrappers."""

import re
from collections.abc import Callable

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording import headers
from renderer.recording.headers import Header
from renderer.recording.model import RecordingKind
from renderer.recording.sizes import Size, sane

# Takes the id of the event's window if it has one, its JSON object, and that object's header.
Sink = Callable[[str | None, bytes | memoryview, Header], None]

_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_OBJECT, _ARRAY = b"{"[0], b"["[0]
# A request body holds captures, a capture holds a list of events; nothing that recorders write nests deeper.
_MAX_NESTING = 6


class Envelopes:
    """Opens values down to their events, in order. What it finds on the way tells the recording's kind.

    `windowed`: events named their windows. `captured`: they came in `$snapshot` events. `export`: which PostHog export
    it was. `sizes`: the size of a window's page as its captures told it.
    """

    def __init__(self, sink: Sink, limit_px: int, notices: Notices) -> None:
        self._sink = sink
        self._limit_px = limit_px
        self._notices = notices
        self.windowed = False
        self.captured = False
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
            else:
                msgspec.json.decode(value, type=Raw)
                self._not_an_event()
        except msgspec.ValidationError:
            self._not_an_event()

    def _array(self, value: bytes | memoryview | Raw, copy: bool, window: str | None, nesting: int) -> None:
        view = memoryview(value)
        values = headers.decode_list(view)
        if len(values) == 2 and headers.first_byte(values[0]) not in {_OBJECT, _ARRAY}:
            # PostHog's ["window", event], and nothing else: there is no event that is a string.
            self.windowed = True
            own = headers.window_name(msgspec.json.decode(values[0]))
            self.open(values[1], copy=copy, window=own or window, nesting=nesting + 1)
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

    def _object(self, raw: bytes | memoryview, copy: bool, window: str | None, nesting: int) -> None:
        try:
            header = headers.decode_header(raw)
        except msgspec.ValidationError:
            # Only a number too large for a float (1e999) in one of the scalar fields can do this.
            self._notices.add("bad_timestamp", "events without a usable time were dropped")
            return
        if header.windowId is not None or header.window_id is not None:
            self.windowed = True
            window = headers.window_name(header.windowId) or headers.window_name(header.window_id) or window
        if header.type is not None or (header.timestamp is not None and header.event is None):
            self._sink(window, raw, header)
        elif header.event == "$snapshot":
            self._capture(header, copy, window, nesting)
        elif headers.first_byte(header.data) == _OBJECT:
            self._export(header, copy, window, nesting)
        elif inner := header.data or header.batch or header.events or header.snapshots:
            self.open(inner, copy=copy, window=window, nesting=nesting + 1)
        else:
            self._not_an_event()

    def _capture(self, header: Header, copy: bool, window: str | None, nesting: int) -> None:
        self.captured = True
        captured = headers.decode_captured(header.properties or b"{}")
        window = headers.window_name(captured.window_id) or window
        if size := sane(captured.viewport_width, captured.viewport_height, self._limit_px):
            self.sizes.setdefault(window, size)
        self.open(captured.snapshot_data, copy=copy, window=window, nesting=nesting + 1)

    def _export(self, header: Header, copy: bool, window: str | None, nesting: int) -> None:
        export = headers.decode_export(header.data)
        if export.snapshotsByWindowId:
            self.export = "posthog-export-v1"
            for name, events in headers.decode_object(export.snapshotsByWindowId).items():
                self.open(events, copy=copy, window=name, nesting=nesting + 1)
        elif export.snapshots or export.events:
            self.export = "posthog-export-v2" if export.snapshots else self.export
            self.open(export.snapshots or export.events, copy=copy, window=window, nesting=nesting + 1)
        else:
            self._not_an_event()

    def _not_an_event(self) -> None:
        self._notices.add("not_an_event", "values that are not events were skipped")
