"""What PostHog sends with `decompress=false`, as JSON lines: its stored blocks, still in snappy."""

from collections.abc import Callable, Iterator

from renderer.recording.decode import snappy
from renderer.recording.decode.stream import Stream
from renderer.sources.posthog.snapshots.lines import NotLinesError

_HEAD_BYTES = 16


class Body:
    """One answer's body, whichever of the two it is. `is_whole`, once it was read: no block was damaged or cut."""

    def __init__(
        self, pieces: Iterator[bytes], max_bytes: int, too_large: Callable[[], Exception], *, asked: bool
    ) -> None:
        self._stream = Stream(pieces)
        self._pieces = pieces
        self._max_bytes = max_bytes
        self._too_large = too_large
        self._asked = asked
        self.is_whole = True

    def lines(self) -> Iterator[bytes]:
        """Text in pieces. Raises NotLinesError, what `too_large` makes when there is more than `max_bytes`."""
        head = self._stream.peek(_HEAD_BYTES)
        # Whoever asked for blocks takes a damaged one for a block; who did not may be told anything else.
        if snappy.holds_blocks(head) or (self._asked and snappy.may_hold_blocks(head)):
            yield from self._blocks()
        elif snappy.is_block(head):
            yield from self._block()
        else:
            yield self._stream.rest()
            yield from self._pieces

    def _blocks(self) -> Iterator[bytes]:
        left_bytes = self._max_bytes
        for block in snappy.blocks(self._stream):
            text = None if block is None else self._inflated(block, left_bytes)
            if text is None:
                self.is_whole = False
                continue
            left_bytes -= len(text) + 1
            yield text
            if not text.endswith(b"\n"):
                yield b"\n"

    def _block(self) -> Iterator[bytes]:
        try:
            block = snappy.whole(self._stream, self._max_bytes)
        except snappy.TooLargeError:
            raise self._too_large() from None
        except snappy.DamagedBlockError:
            raise NotLinesError from None
        text = self._inflated(block, self._max_bytes)
        self.is_whole = text is not None
        yield text or b""

    def _inflated(self, block: bytes, max_bytes: int) -> bytes | None:
        try:
            return snappy.inflate(block, max_bytes)
        except snappy.TooLargeError:
            raise self._too_large() from None
        except snappy.DamagedBlockError:
            return None
