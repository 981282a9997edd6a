"""Which file shape a recording has, and the events in it: one array, a wrapper, an export, or one value a line."""

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording import headers, text
from renderer.recording.headers import Header
from renderer.recording.limits import Limits
from renderer.recording.model import RecordingKind
from renderer.recording.sizes import Size, sane

_BLANK = b" \t\r\n"
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_OBJECT, _ARRAY, _STRING = b"{"[0], b"["[0], b'"'[0]
# Envelopes in envelopes: a request body holds captures, a capture holds events; nothing nests deeper.
_MAX_NESTING = 4


class Found(NamedTuple):
    """One event as it stood in the file: its window's id if it had one, its JSON object and that object's header."""

    window: str | None
    raw: bytes | memoryview
    header: Header


class Events:
    """The events in the text of one recording, in the order of the file. Iterate once, then ask for
    `kind` and for the `sizes` of windows that envelopes told.

    Raises RecordingError: empty_file, not_utf8, not_json, truncated_json, json_too_deep, not_a_recording,
    and what `blocks` raises. Bad lines and values that are no events are counted in `notices`.
    """

    def __init__(self, blocks: Iterator[bytes], name: str, limits: Limits, notices: Notices) -> None:
        self._blocks = blocks
        self._name = name
        self._limits = limits
        self._notices = notices
        self._lines = False
        self._ended_with_newline = True
        self._captured = False
        self._posthog = False
        self.sizes: dict[str | None, Size] = {}
        self._export: RecordingKind | None = None

    @property
    def kind(self) -> RecordingKind:
        if self._export is not None:
            return self._export
        if self._lines:
            return "posthog-jsonl" if self._posthog else "rrweb-jsonl"
        return "posthog-capture" if self._captured else "rrweb-json"

    def __iter__(self) -> Iterator[Found]:
        try:
            with text.json_depth(self._limits.json_depth):
                yield from self._found()
        except RecursionError:
            raise RecordingError(
                "json_too_deep",
                f"the JSON of {self._name} nests more than about {self._limits.json_depth} levels deep, which no page does",
            ) from None

    def _found(self) -> Iterator[Found]:
        head = self._first_line()
        if b"\n" in head and self._is_json(head[: head.index(b"\n")]):
            if self._more(head):
                self._lines = True
                yield from self._of_lines(self._stream(head))
                return
        elif head[0] < 0x20:
            raise self._not_json()
        for block in self._blocks:
            head += block
        yield from self._of_document(head)

    def _first_line(self) -> bytearray:
        """The text up to a line's end at least (or all of it), without byte order mark and leading blanks."""
        head = bytearray()
        begun = False
        for block in self._blocks:
            head += block
            if not begun and len(head) >= 4:
                begun = True
                text.refuse_other_encodings(bytes(head[:4]), self._name)
                head = head.removeprefix(codecs.BOM_UTF8)
            if head[:1].isspace():
                head = head.lstrip(_BLANK)
            if head[:1] < b" " and head:
                break  # binary: no use in reading on
            if b"\n" in block and b"\n" in head:
                break
        if not head:
            raise RecordingError("empty_file", f"{self._name} is empty; record or download it again")
        return head

    def _more(self, head: bytearray) -> bool:
        """Whether there is anything but blanks after the first line; reads on until it is known."""
        if head[head.index(b"\n") :].strip(_BLANK):
            return True
        for block in self._blocks:
            head += block
            if block.strip(_BLANK):
                return True
        return False

    def _is_json(self, line: bytearray) -> bool:
        if _error_in(line) is None:
            return True
        mended = text.mend(bytearray(line), Notices())
        return mended is not None and _error_in(mended) is None

    # One value a line

    def _of_lines(self, lines: Iterable[bytes]) -> Iterator[Found]:
        bad = 0
        cut = False
        for line in lines:
            stripped = line.strip(_BLANK)
            if not stripped:
                continue
            cut = False
            try:
                yield from self._of_line(stripped)
            except msgspec.DecodeError:
                bad += 1
                cut = not self._ended_with_newline
        if cut:
            bad -= 1
            self._notices.add("cut_last_line", "the last line is cut: the recording went on after what is here")
        self._notices.add("bad_lines", "lines that are not JSON were skipped", bad)

    def _of_line(self, line: bytes) -> Iterator[Found]:
        if not line.isascii():
            line = bytes(text.well_formed_utf8(line, self._notices))
        try:
            msgspec.json.decode(line, type=msgspec.Raw)
        except msgspec.DecodeError:
            mended = text.mend(bytearray(line), self._notices)
            if mended is None:
                raise
            line = bytes(mended)
        yield from self._of_value(line, None, copy=True)

    def _stream(self, head: bytearray) -> Iterator[bytes]:
        """Lines of the stream. Each is its own bytes, so that what is kept of it is all that stays in memory."""
        pieces: list[bytes] = []
        block: bytes | None = bytes(head)
        head.clear()
        while block is not None:
            first, newline, after = block.partition(b"\n")
            pieces.append(first)
            if newline:
                yield b"".join(pieces)
                lines = after.split(b"\n")
                pieces = [lines.pop()]
                yield from lines
            block = next(self._blocks, None)
        last = b"".join(pieces)
        self._ended_with_newline = not last
        yield last

    # One document

    def _of_document(self, document: bytearray) -> Iterator[Found]:
        document = text.well_formed_utf8(document, self._notices)
        error = _error_in(document)
        if error is not None and (mended := text.mend(document, self._notices)) is not None:
            document, error = mended, _error_in(mended)
        if error is None:
            yield from self._of_value(memoryview(document).toreadonly(), None, copy=False)
        elif self._is_mostly_lines(document):
            self._lines = True
            yield from self._of_lines(bytes(line) for line in document.split(b"\n"))
        elif document[0] in {_OBJECT, _ARRAY} and "truncated" in str(error):
            raise RecordingError(
                "truncated_json", f"{self._name} ends in the middle of its JSON; copy or download it again"
            )
        else:
            raise self._not_json()

    def _is_mostly_lines(self, document: bytearray) -> bool:
        """JSON lines whose first line is damaged; not an array, cut short, with one event a line."""
        sample = [line for line in document[: 1 << 20].split(b"\n")[1:] if line.strip(_BLANK)][:100]
        return 2 * sum(self._is_json(line) for line in sample) > len(sample)

    def _not_json(self) -> RecordingError:
        return RecordingError(
            "not_json",
            f"{self._name} is not JSON; give an rrweb event array, JSON lines, or a recording exported from PostHog",
        )

    # Values that are events, or hold them

    def _of_value(
        self, raw: bytes | memoryview, window: str | None, *, copy: bool, nesting: int = 0
    ) -> Iterator[Found]:
        first = headers.first_byte(raw)
        if nesting > _MAX_NESTING or first not in {_OBJECT, _ARRAY}:
            self._notices.add("not_an_event", "values that are not events were skipped")
        elif first == _ARRAY:
            yield from self._of_array(raw, window, copy=copy, nesting=nesting)
        else:
            yield from self._of_object(raw, window, copy=copy, nesting=nesting)

    def _of_array(self, raw: bytes | memoryview, window: str | None, *, copy: bool, nesting: int) -> Iterator[Found]:
        values = headers.decode_list(raw)
        if len(values) == 2 and headers.first_byte(values[1]) == _OBJECT:
            given = headers.first_byte(values[0])
            if given not in {_OBJECT, _ARRAY}:
                self._posthog = True
                window = headers.window_name(msgspec.json.decode(values[0])) or window
                yield from self._of_value(_own(values[1], copy), window, copy=copy, nesting=nesting + 1)
                return
        if copy:
            for value in values:
                yield from self._of_value(bytes(value), window, copy=True, nesting=nesting + 1)
            return
        # Slices of one view cost half of what views of their own would, and there may be millions.
        view = memoryview(raw)
        lengths = [len(value) for value in values]
        del values
        position = 1
        for length in lengths:
            position = _BETWEEN.match(view, position).end()  # type: ignore[union-attr]  # matches nothing at least
            yield from self._of_value(view[position : position + length], window, copy=False, nesting=nesting + 1)
            position += length

    def _of_object(self, raw: bytes | memoryview, window: str | None, *, copy: bool, nesting: int) -> Iterator[Found]:
        try:
            header = headers.decode_header(raw)
        except msgspec.ValidationError:
            # Only a number too large for a float (1e999) in one of the scalar fields can do this.
            self._notices.add("bad_timestamp", "events without a usable time were dropped")
            return
        own = header.window
        self._posthog = self._posthog or own is not None
        window = own if own is not None else window
        if header.type is not None or (header.timestamp is not None and not header.event):
            yield Found(window, raw, header)
        elif header.event == "$snapshot":
            self._posthog = self._captured = True
            captured = headers.decode_captured(header.properties or b"{}")
            window = headers.window_name(captured.window_id) or window
            if size := sane(captured.viewport_width, captured.viewport_height, self._limits.viewport_px):
                self.sizes.setdefault(window, size)
            yield from self._inner(captured.snapshot_data, window, copy, nesting)
        elif headers.first_byte(header.data) == _OBJECT:
            yield from self._of_export(header, window, copy, nesting)
        elif inner := header.data or header.batch or header.events or header.snapshots:
            yield from self._inner(inner, window, copy, nesting)
        else:
            self._notices.add("not_an_event", "values that are not events were skipped")

    def _of_export(self, header: Header, window: str | None, copy: bool, nesting: int) -> Iterator[Found]:
        export = headers.decode_export(header.data)
        if export.snapshotsByWindowId:
            self._export = "posthog-export-v1"
            for name, events in headers.decode_object(export.snapshotsByWindowId).items():
                yield from self._inner(events, name, copy, nesting)
        else:
            if export.snapshots:
                self._export = "posthog-export-v2"
            yield from self._inner(export.snapshots or export.events, window, copy, nesting)

    def _inner(self, value: msgspec.Raw, window: str | None, copy: bool, nesting: int) -> Iterator[Found]:
        yield from self._of_value(_own(value, copy), window, copy=copy, nesting=nesting + 1)


def _error_in(document: bytearray) -> msgspec.DecodeError | None:
    try:
        msgspec.json.decode(document, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        return error
    return None


def _own(value: msgspec.Raw, copy: bool) -> bytes | memoryview:
    return bytes(value) if copy else memoryview(value)
