"""Blocks of bytes, read by size and by line."""

from collections.abc import Iterator

_SHRINK_BYTES = 1 << 20


class Stream:
    """Holds what was read of `blocks` and not yet taken: a block, or as much as was asked for.

    `ended_with_newline`: whether the last line was closed; known once `line` has returned None.
    """

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = bytearray()
        self._at = 0
        self.ended_with_newline = True

    def peek(self, size: int) -> bytes:
        """The next `size` bytes, which stay; fewer at the end."""
        while len(self._held) - self._at < size and self._fill():
            pass
        return bytes(self._held[self._at : self._at + size])

    def take(self, size: int) -> bytes:
        """The next `size` bytes; fewer at the end."""
        taken = self.peek(size)
        self._pass(len(taken))
        return taken

    def rest(self) -> bytes:
        """What was read and not taken; what follows it are the blocks that were not read."""
        return self.take(len(self._held) - self._at)

    def line(self) -> bytes | None:
        """The next line without its end; None when there is no more."""
        searched = self._at
        while (end := self._held.find(b"\n", searched)) < 0:
            searched = len(self._held)
            taken = self._at
            if not self._fill():
                rest = self.rest()
                self.ended_with_newline = not rest
                return rest or None
            searched -= taken - self._at
        line = bytes(self._held[self._at : end])
        self._pass(end + 1 - self._at)
        return line

    def put_back(self, data: bytes) -> None:
        """`data` was taken and is next again."""
        self._at -= len(data)

    def _fill(self) -> bool:
        block = next(self._blocks, None)
        if block is None:
            return False
        if self._at > _SHRINK_BYTES or self._at == len(self._held):
            del self._held[: self._at]
            self._at = 0
        self._held += block
        return True

    def _pass(self, size: int) -> None:
        self._at += size
