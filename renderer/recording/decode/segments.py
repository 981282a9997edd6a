"""Sentry's envelopes: lines, but for segments that its SDK compressed, whose bytes stand between them.

An item is a line that says what follows (`{"type":"replay_recording","length":9876}`) and its payload; that of a segment is a
line with its number (`{"segment_id":0}`) and a list of events, as JSON or as zlib of that. Upstream: createReplayEnvelope in
@sentry/replay, and https://develop.sentry.dev/sdk/telemetry/replays.
"""

from collections.abc import Iterator

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording.decode import headers, text
from renderer.recording.decode.inflater import DamagedError, Inflater
from renderer.recording.decode.stream import Stream
from renderer.recording.limits import Limits

_RECORDING = "replay_recording"
_PIECE_BYTES = 64 * 1024
_GZIP = b"\x1f\x8b"


class _Line(msgspec.Struct, gc=False):
    """`event`, `batch`: what PostHog sends has them, and the time of sending as well."""

    type: headers.Scalar = None
    length: headers.Scalar = None
    sent_at: headers.Scalar = None
    segment_id: headers.Scalar = None
    event: Raw = headers.NOTHING
    batch: Raw = headers.NOTHING

    @property
    def number(self) -> int | None:
        """Of the segment that is next; the item before, which tells of the whole replay, names it too."""
        return headers.integer(self.segment_id) if self.type is None else None


_decode = msgspec.json.Decoder(_Line).decode


def begins_envelopes(line: bytes | bytearray) -> bool:
    """Whether a file that begins with `line` holds envelopes, or a segment alone."""
    found = _read(line)
    if found is None or found.event or found.batch:
        return False
    return found.sent_at is not None or found.number is not None or found.type == _RECORDING


class Segments:
    """The lines of a file of envelopes: what is not a segment as it came, then the segments by their numbers, inflated."""

    def __init__(self, blocks: Iterator[bytes], name: str, limits: Limits, notices: Notices) -> None:
        self._stream = Stream(blocks)
        self._inflater = Inflater(name, "segments", limits)
        self._notices = notices
        self._segments: list[tuple[int, bytes]] = []

    def lines(self) -> Iterator[bytes]:
        """Raises RecordingError as `Inflater` does. A segment that is damaged or cut is counted and left out."""
        length: int | None = None  # of the item that is next
        while (line := self._line()) is not None:
            yield line
            found = _read(line)
            if found is None or found.number is None:
                length = headers.integer(found.length) if found else None
                continue
            segment = self._payload(None if length is None else length - len(line) - 1)
            length = None
            if segment is not None:
                self._segments.append((found.number, segment))
        yield from self._in_order()

    def _in_order(self) -> Iterator[bytes]:
        numbers = sorted({number for number, _ in self._segments})
        if numbers:
            missing = numbers[-1] + 1 - len(numbers)
            self._notices.add(
                "missing_segments", "segments of the recording are missing: the picture may jump", missing
            )
        self._segments.sort(key=lambda segment: segment[0])
        self._segments.reverse()  # so that each can be let go when it is read
        while self._segments:
            yield self._segments.pop()[1]

    def _payload(self, length: int | None) -> bytes | None:
        if not _is_compressed(self._stream.peek(2)):
            # Whatever the length says: files were edited, and lines tell the same.
            line = self._line()
            if line is None and self._stream.ended_with_newline:
                self._cut()
            return line
        whole = True
        try:
            if length is None or length <= 0:
                segment, after = self._inflater.inflate(self._pieces())
                self._stream.put_back(after)
                return segment
            payload = self._stream.take(length)
            whole = len(payload) == length
            return self._inflater.inflate((payload,))[0]
        except DamagedError:
            if whole:
                self._notices.add(
                    "damaged_segments", "segments that are damaged were left out: what they recorded is missing"
                )
            else:
                self._cut()
            return None

    def _line(self) -> bytes | None:
        """None at the end, and for a last line that is cut."""
        line = self._stream.line()
        if line is not None and not self._stream.ended_with_newline and not _is_json(line):
            self._cut()
            return None
        return line

    def _cut(self) -> None:
        self._notices.add("cut_last_line", "the last line is cut: the recording went on after what is here")

    def _pieces(self) -> Iterator[bytes]:
        while piece := self._stream.take(_PIECE_BYTES):
            yield piece


def _is_compressed(head: bytes) -> bool:
    return head == _GZIP or (head[:1] == b"x" and int.from_bytes(head, "big") % 31 == 0)


def _is_json(line: bytes) -> bool:
    return text.parseable(line, Notices()) is not None


def _read(line: bytes | bytearray) -> _Line | None:
    """Not of a list: those are long, and hold no headers."""
    if line[:1] != b"{":
        return None
    try:
        return _decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):  # bytes that are not UTF-8 are mended later
        return None
