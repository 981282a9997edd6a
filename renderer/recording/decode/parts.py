"""Recordings that come in parts: what a part holds, and its text as lines that can stand after one another."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import headers
from renderer.recording.decode.depth import json_depth
from renderer.recording.decode.envelopes import Envelopes
from renderer.recording.decode.headers import Header
from renderer.recording.decode.inflate import Text
from renderer.recording.decode.shapes import Reader
from renderer.recording.limits import MIB, Limits, too_many_events
from renderer.recording.raw import RawRecording

# More blanks than this are not held back.
_LONG = 8 * MIB
_NO_LINE_ENDS = bytes.maketrans(b"\r\n", b"  ")


@dataclass(frozen=True, slots=True)
class Part:
    """`events`: how many it holds; `first_ms`, `last_ms`: Unix time of the earliest and the latest, None without any.

    `is_lines`: one JSON value a line; otherwise it is one document.
    """

    events: int
    first_ms: int | None
    last_ms: int | None
    is_lines: bool


def examine_part(raw: RawRecording, limits: Limits) -> Part:
    """Looks through a part, which may be anything that a whole recording may be, but for needing a full snapshot.

    Raises RecordingError: not_a_recording for JSON without events, json_too_deep, too_many_events, and what
    `inflate.Text` and `shapes.Reader` raise.
    """
    counted = _Counted(raw.name, limits)
    notices = Notices()  # of mending, which is counted again when the whole is read
    reader = Reader(iter(Text(raw, limits, notices)), raw.name, limits, notices)
    try:
        with json_depth(limits.json_depth):
            reader.read_into(Envelopes(counted.add, raw.name, limits, notices))
    except RecursionError:
        raise RecordingError(
            "json_too_deep",
            f"the JSON of {raw.name} nests more than {limits.json_depth} levels deep, which no page does",
        ) from None
    if not counted.events:
        raise RecordingError(
            "not_a_recording", f"{raw.name} is JSON but holds no rrweb events; give an event array or JSON lines"
        )
    return Part(counted.events, counted.first_ms, counted.last_ms, reader.is_lines)


def part_lines(raw: RawRecording, part: Part, limits: Limits) -> Iterator[bytes]:
    """The decompressed text, in blocks; ends with a line's end. A document becomes one line: JSON has line ends between
    values only, never in a string.
    """
    begun, ended = False, False
    blanks = b""  # after the document, perhaps: the same event with and without a line's end is the same part
    for inflated in Text(raw, limits, Notices()):
        block = inflated
        if not begun and block:
            block, begun = block.removeprefix(codecs.BOM_UTF8), True
        if not part.is_lines:
            line = blanks + block.translate(_NO_LINE_ENDS)
            block = line if len(line) > _LONG else line.rstrip(b" ")
            blanks = line[len(block) :]
        if block:
            ended = block.endswith(b"\n")
            yield block
    if not ended:
        yield b"\n"


class _Counted:
    def __init__(self, name: str, limits: Limits) -> None:
        self._name = name
        self._limits = limits
        self.events = 0
        self.first_ms: int | None = None
        self.last_ms: int | None = None

    def add(self, _window: str | None, _event: bytes | memoryview, header: Header) -> None:
        self.events += 1
        if self.events > self._limits.events:
            raise too_many_events(self._name, self._limits)
        at_ms = headers.time_ms(header.timestamp)
        if at_ms is not None:
            self.first_ms = int(at_ms) if self.first_ms is None else min(self.first_ms, int(at_ms))
            self.last_ms = int(at_ms) if self.last_ms is None else max(self.last_ms, int(at_ms))
