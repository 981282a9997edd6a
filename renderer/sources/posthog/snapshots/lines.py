"""JSON lines on their way to a file: whether they are that, whether they came whole, and which blocks they are of."""

import os
import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from renderer.sources.posthog.snapshots.blocks import Block

# With what closes the event and ends the line, if that is what follows.
_TIME = re.compile(rb'"timestamp": ?(\d{13})([^{}\[\]\n]{0,200}\}[\]}]{0,2},?[ \r]*\n)?')
_LINE_ENDS = (b"]\n", b"}\n", b"]\r\n", b"}\r\n")
_BLANK = b" \t\r\n"


class NotLinesError(ValueError):
    """The body is something else than JSON lines."""


@dataclass(frozen=True, slots=True)
class Written:
    """`cut`: the last line is not whole. `missing`: blocks none of whose events came."""

    size_bytes: int
    cut: bool
    missing: tuple[Block, ...]


def write_lines(pieces: Iterator[bytes], path: Path, blocks: Sequence[Block]) -> Written:
    """Writes a new file that only its owner can read, and that ends with a newline. Raises NotLinesError and OSError."""
    times = _Times()
    size_bytes, checked = 0, False
    begun = bytearray()
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        for piece in pieces:
            file.write(piece)
            size_bytes += len(piece)
            newline = piece.rfind(b"\n") + 1
            if newline:
                begun += piece[:newline]
                if not checked:
                    checked = _check(bytes(begun).lstrip(_BLANK).partition(b"\n")[0])
                times.add(begun)
                begun = bytearray(piece[newline:])
            else:
                begun += piece
            if not checked:
                _check_start(bytes(begun[:64]))
        rest = bytes(begun).strip(_BLANK)
        cut = bool(rest) and not _is_json(rest)
        if rest and not checked and not cut:
            _check(rest)
        if begun:
            file.write(b"\n")
            times.add(rest + b"\n")
    return Written(size_bytes, cut, tuple(times.missing(blocks)))


class _Times:
    """When events happened, by a look at their lines: parsing them is the reader's work."""

    def __init__(self) -> None:
        self._own_ms = array("q")
        self._any_ms = array("q")
        self._lines = 0

    def add(self, lines: bytes | bytearray) -> None:
        self._lines += sum(lines.count(end) for end in _LINE_ENDS)
        for at_ms, end in _TIME.findall(lines):
            (self._own_ms if end else self._any_ms).append(int(at_ms))

    def missing(self, blocks: Sequence[Block]) -> Iterator[Block]:
        """A server leaves blocks out without a word when it cannot read them; the times of what came tell."""
        # Recorders write an event's own time last. Where one does not, times inside of events have to do.
        found_ms = self._own_ms if 2 * len(self._own_ms) >= self._lines else self._own_ms + self._any_ms
        ordered = sorted(found_ms)
        for block in blocks:
            if block.start_ms is None or block.end_ms is None:
                if not ordered and len(blocks) == 1:
                    yield block
                continue
            # The list may be rounded to seconds.
            slack_ms = 1000 if block.end_ms % 1000 == 0 else 1
            place = bisect_left(ordered, block.start_ms - 1)
            if place == len(ordered) or ordered[place] > block.end_ms + slack_ms:
                yield block


def _check(line: bytes) -> bool:
    """Whether it was a line with something on it. JSON lines may begin with blank ones."""
    line = line.strip(_BLANK)
    if not line:
        return False
    _check_start(line)
    if not _is_json(line):
        raise NotLinesError
    found = line[:4096]
    # A list of blocks, or an error, is an answer to another question.
    if line.startswith(b"{") and not re.search(rb'"(?:window_?[iI]d|data|type|timestamp)"', found):
        raise NotLinesError
    return True


def _check_start(line: bytes) -> None:
    line = line.lstrip(_BLANK)
    if line and line[:1] not in {b"[", b"{"}:
        raise NotLinesError


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=msgspec.Raw)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
