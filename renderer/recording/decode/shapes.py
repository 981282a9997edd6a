"""Which file shape a recording has: one JSON document, or one JSON value a line."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import text
from renderer.recording.decode.envelopes import Envelopes
from renderer.recording.decode.segments import Segments, begins_envelopes
from renderer.recording.limits import Limits
from renderer.recording.model import RecordingKind

_BLANK = b" \t\r\n"
_FIRST_BYTES = frozenset(b"[{")
# A longer line is a batch of events, which stay views of it; of a shorter one each event is copied out.
_VIEWED_LINE_BYTES = 1 << 20
_SAMPLE_BYTES = 1 << 20
_SAMPLE_LINES = 100


class Reader:
    """Reads the text of one recording into `envelopes`, in the order of the file; then `kind` is known.

    Lines are read as they are inflated and keep only their events; a document is kept whole, once, and its events are
    views of it.
    """

    def __init__(self, blocks: Iterator[bytes], name: str, limits: Limits, notices: Notices) -> None:
        self._blocks = blocks
        self._name = name
        self._limits = limits
        self._notices = notices
        self._lines = False
        self._ended_with_newline = True

    @property
    def is_lines(self) -> bool:
        """One JSON value a line; otherwise one document."""
        return self._lines

    def kind(self, envelopes: Envelopes) -> RecordingKind:
        if envelopes.export is not None:
            return envelopes.export
        if envelopes.captured:
            return "posthog-capture"
        if envelopes.enveloped:
            return "sentry-envelopes"
        if envelopes.packed:
            return "amplitude" if envelopes.requested else "rrweb-packed"
        if self._lines:
            return "posthog-jsonl" if envelopes.windowed else "rrweb-jsonl"
        return "rrweb-json"

    def read_into(self, envelopes: Envelopes) -> None:
        """Raises RecordingError: empty_file, not_utf8, not_json, truncated_json, what the blocks raise, and what the
        sink of `envelopes` raises. Lines that are not JSON are counted.
        """
        head = self._first_line()
        if b"\n" in head and begins_envelopes(head[: head.index(b"\n")]):
            blocks = chain((bytes(head),), self._blocks)
            self._read_lines(Segments(blocks, self._name, self._limits, self._notices).lines(), envelopes)
        elif b"\n" in head and _is_json(head[: head.index(b"\n")]) and self._more(head):
            self._read_lines(self._split(chain((bytes(head),), self._blocks)), envelopes)
        elif head[0] < b" "[0]:
            raise self._not_json()
        else:
            for block in self._blocks:
                head += block
            self._read_document(head, envelopes)

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
            if head[:1] and head[0] < b" "[0]:
                break  # binary: no use in reading on
            if b"\n" in block and b"\n" in head:
                break
        if not head or head == codecs.BOM_UTF8:
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

    def _split(self, blocks: Iterable[bytes]) -> Iterator[bytes]:
        """Lines of the stream, each with memory of its own."""
        pieces: list[bytes] = []
        for block in blocks:
            first, newline, after = block.partition(b"\n")
            pieces.append(first)
            if newline:
                line = b"".join(pieces)
                pieces.clear()
                yield line
                del line
                lines = after.split(b"\n")
                pieces.append(lines.pop())
                yield from lines
        last = b"".join(pieces)
        pieces.clear()
        self._ended_with_newline = not last
        yield last

    def _read_lines(self, lines: Iterable[bytes], envelopes: Envelopes) -> None:
        self._lines = True
        bad = 0
        cut = False
        for line in lines:
            stripped = line.strip(_BLANK)
            if not stripped:
                continue
            cut = False
            try:
                self._read_line(stripped, envelopes)
            except msgspec.DecodeError:
                bad += 1
                cut = not self._ended_with_newline
        if cut:
            bad -= 1
            self._notices.add("cut_last_line", "the last line is cut: the recording went on after what is here")
        self._notices.add("bad_lines", "lines that are not JSON were skipped", bad)

    def _read_line(self, line: bytes, envelopes: Envelopes) -> None:
        if not line.isascii():
            line = text.well_formed_utf8(line, self._notices)
        copy = len(line) < _VIEWED_LINE_BYTES
        try:
            envelopes.open(line, copy=copy)
        except msgspec.DecodeError:
            mended = text.mend(bytearray(line), self._notices)
            if mended is None:
                raise
            envelopes.open(memoryview(mended).toreadonly(), copy=copy)

    def _read_document(self, document: bytearray, envelopes: Envelopes) -> None:
        document = text.well_formed_utf8(document, self._notices)
        try:
            envelopes.open(memoryview(document).toreadonly(), copy=False)
        except msgspec.DecodeError as error:
            mended = text.mend(document, self._notices)
            try:
                if mended is None:
                    raise
                envelopes.open(memoryview(mended).toreadonly(), copy=False)
            except msgspec.DecodeError:
                if not _is_mostly_lines(document):
                    raise self._bad_document(document, error) from None
                self._read_lines(self._split((bytes(document),)), envelopes)

    def _bad_document(self, document: bytearray, error: msgspec.DecodeError) -> RecordingError:
        if document[0] in _FIRST_BYTES and "truncated" in str(error):
            return RecordingError(
                "truncated_json", f"{self._name} ends in the middle of its JSON; copy or download it again"
            )
        return self._not_json()

    def _not_json(self) -> RecordingError:
        return RecordingError(
            "not_json",
            f"{self._name} is not JSON; give an rrweb event array, JSON lines, or a recording exported from PostHog",
        )


def _is_json(line: bytearray) -> bool:
    return text.parseable(bytes(line), Notices()) is not None


def _is_mostly_lines(document: bytearray) -> bool:
    """JSON lines whose first line is damaged, and not an array, cut short, with one event a line."""
    lines = [line for line in document[:_SAMPLE_BYTES].split(b"\n")[1:] if line.strip(_BLANK)][:_SAMPLE_LINES]
    return 2 * sum(_is_json(line) for line in lines) > len(lines)
