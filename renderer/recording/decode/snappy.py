"""Snappy as PostHog stores recordings and sends them with `decompress=false`.

Blocks of JSON lines in the raw format, each after its length (32 bits, big-endian), or one raw block alone (`blob_v2_lts`).
The raw format (google/snappy, format_description.txt) has no checksum; it begins with the length of its text.
"""

import codecs
from collections.abc import Iterator
from typing import Final

import cramjam

from renderer.recording.decode.stream import Stream

_LENGTH_BYTES: Final = 4
# A line's end between two blocks would be a length of 160 MiB: no block is that long, so none is taken for one.
_MAX_BLOCK_BYTES: Final = 128 << 20
# A copy of 64 bytes takes 3.
_MAX_RATIO: Final = 22
_STARTS: Final = b'[{"'


class DamagedBlockError(ValueError):
    """It is not what its length, or the format, says."""


class TooLargeError(ValueError):
    """The text is longer than it may be."""


def holds_blocks(head: bytes) -> bool:
    """Whether a file that begins with `head` (16 bytes will do) is a row of blocks."""
    size = int.from_bytes(head[:_LENGTH_BYTES], "big")
    return 0 < size <= _MAX_BLOCK_BYTES and _begins_json(head[_LENGTH_BYTES:])


def may_hold_blocks(head: bytes) -> bool:
    """The same where the first block may be damaged: JSON never begins with such a byte."""
    return bool(head) and head[0] < _MAX_BLOCK_BYTES >> 24


def is_block(head: bytes) -> bool:
    """Whether a file that begins with `head` (16 bytes will do) is one block without its length."""
    # Text of 128 bytes and more: the length's first byte is no letter. U+FEFF would be a length, too.
    return head[:1] >= b"\x80" and not head.startswith(codecs.BOM_UTF8) and _begins_json(head)


def blocks(stream: Stream) -> Iterator[bytes | None]:
    """The blocks of a row without their lengths; None, at the end, for one that is cut."""
    while head := stream.peek(_LENGTH_BYTES):
        if head.startswith(b"\n"):
            stream.take(1)
            continue
        size = int.from_bytes(stream.take(_LENGTH_BYTES), "big")
        if len(head) < _LENGTH_BYTES or size > _MAX_BLOCK_BYTES:
            yield None
            return
        block = stream.take(size)
        if len(block) < size:
            yield None
            return
        if block:
            yield block


def whole(stream: Stream, max_bytes: int) -> bytes:
    """The one block that `stream` is. Raises TooLargeError and DamagedBlockError, before it reads more than can be of use."""
    length, _ = _length(stream.peek(16))
    if length > max_bytes:
        raise TooLargeError
    longest = length + length // 6 + 32  # snappy's own bound (MaxCompressedLength)
    block = stream.take(longest + 1)
    if len(block) > longest:
        raise DamagedBlockError
    return block


def inflate(block: bytes, max_bytes: int) -> bytes:
    """The text of a block. Raises DamagedBlockError and TooLargeError, before memory is taken for the text."""
    length, _ = _length(block)
    if length > _MAX_RATIO * len(block):
        raise DamagedBlockError
    if length > max_bytes:
        raise TooLargeError
    try:
        return bytes(cramjam.snappy.decompress_raw(block))
    except cramjam.DecompressionError as error:
        raise DamagedBlockError from error


def _begins_json(block: bytes) -> bool:
    """Nothing can be copied yet, so the text begins with a literal."""
    try:
        _, place = _length(block)
    except DamagedBlockError:
        return False
    tag = block[place] if place < len(block) else 1
    size = tag >> 2
    start = place + 1 + max(0, size - 59)
    return tag & 3 == 0 and size >= 3 and start < len(block) and block[start] in _STARTS


def _length(block: bytes) -> tuple[int, int]:
    """Of the text, and where what follows begins."""
    length = 0
    for place, byte in enumerate(block[:5]):
        length |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            return length, place + 1
    raise DamagedBlockError
