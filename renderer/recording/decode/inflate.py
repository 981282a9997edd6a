"""From the file to its decompressed text, as a stream with bounded memory: gzip, zstd and snappy, sniffed from content."""

import hashlib
import zlib
from collections.abc import Iterator

import zstandard

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode import snappy
from renderer.recording.decode.stream import Stream
from renderer.recording.limits import MIB, Limits
from renderer.recording.raw import RawRecording

_READ_BYTES = 64 * 1024
_BLOCK_BYTES = 1 * MIB
# A zstd block of four bytes can stand for 128 KiB and zstandard inflates all it is given: 512 bytes make 16 MiB at most.
_ZSTD_SLICE_BYTES = 512
_ZSTD_WINDOW_BYTES = 128 * MIB  # what `zstd --long` needs, and the most that the zstd tool opens without being told to

_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
_FOREIGN = {
    b"PK\x03\x04": "a zip archive",
    b"PK\x05\x06": "a zip archive",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x04\x22\x4d\x18": "lz4",
    b"\xff\x06\x00\x00sNaPpY": "snappy's framing format",
    b"Rar!": "a RAR archive",
}


class Text:
    """The decompressed text of a recording.

    Iterating yields its blocks (about 1 MiB each) and raises RecordingError: recording_too_large, compression_bomb,
    too_many_layers, unsupported_compression, truncated_gzip, corrupt_gzip, truncated_zstd, corrupt_zstd, corrupt_snappy,
    recording_unreadable. `sha256()` reads what is left of the file and returns the digest of all its bytes.
    """

    def __init__(self, raw: RawRecording, limits: Limits, notices: Notices) -> None:
        self._name = raw.name
        self._path = raw.path
        self._limits = limits
        self._notices = notices
        self._sha256 = hashlib.sha256()
        self._read_bytes = 0
        self._file = self._blocks_of_file()

    def __iter__(self) -> Iterator[bytes]:
        return self._peel(self._file, 0)

    def sha256(self) -> str:
        for _ in self._file:
            pass
        return self._sha256.hexdigest()

    def _blocks_of_file(self) -> Iterator[bytes]:
        try:
            with self._path.open("rb") as file:
                while block := file.read(_READ_BYTES):
                    self._read_bytes += len(block)
                    if self._read_bytes > self._limits.file_bytes:
                        raise self._too_large("file", self._limits.file_bytes)
                    self._sha256.update(block)
                    yield block
        except OSError as error:
            raise RecordingError(
                "recording_unreadable", f"{self._name} cannot be read ({error.strerror}); try again or copy it first"
            ) from None

    def _peel(self, blocks: Iterator[bytes], layer: int) -> Iterator[bytes]:
        """Takes compressions off until there is none left; `layer` is how many have been."""
        head = b""
        for block in blocks:
            head += block
            if len(head) >= 16:
                break
        whole = _chain(head, blocks)
        if head.startswith(_GZIP):
            inflated = self._gunzip(whole)
        elif _is_zstd(head):
            inflated = self._unzstd(whole)
        elif snappy.holds_blocks(head):
            inflated = self._blocks_of_snappy(whole)
        elif snappy.is_block(head):
            inflated = self._block_of_snappy(whole)
        else:
            self._refuse_foreign(head)
            yield from self._metered(whole, "text") if layer == 0 else whole
            return
        if layer == self._limits.layers:
            raise RecordingError(
                "too_many_layers", f"{self._name} is compressed more than {layer} times over; decompress it first"
            )
        yield from self._peel(self._metered(inflated, "decompressed text"), layer + 1)

    def _metered(self, blocks: Iterator[bytes], what: str) -> Iterator[bytes]:
        total = 0
        for block in blocks:
            total += len(block)
            if total > self._limits.text_bytes:
                raise self._too_large(what, self._limits.text_bytes)
            if total > self._limits.ratio_grace_bytes and total > self._limits.ratio * self._read_bytes:
                raise RecordingError(
                    "compression_bomb",
                    f"{self._name} inflates to more than {self._limits.ratio} times its size, which no recording does; "
                    "it is not read any further",
                )
            yield block

    def _gunzip(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """RFC 1952 with several members; zero padding and trailing rubbish after a member are passed over, as gzip(1) does."""
        inflater = None
        rest = b""
        for block in blocks:
            data = rest + block
            rest = b""
            while data:
                if inflater is None:
                    data = data.lstrip(b"\0")
                    if len(data) < len(_GZIP):
                        rest = data
                        break
                    if not data.startswith(_GZIP):
                        self._notices.add("trailing_bytes", "bytes after the end of the compressed data were ignored")
                        return
                    inflater = zlib.decompressobj(wbits=31)
                try:
                    out = inflater.decompress(data, _BLOCK_BYTES)
                    yield out
                    while len(out) == _BLOCK_BYTES and not inflater.unconsumed_tail and not inflater.eof:
                        out = inflater.decompress(b"", _BLOCK_BYTES)
                        yield out
                except zlib.error:
                    raise self._corrupt("gzip") from None
                if inflater.eof:
                    data, inflater = inflater.unused_data, None
                else:
                    data = inflater.unconsumed_tail
        if inflater is not None:
            raise self._truncated("gzip")

    def _unzstd(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """RFC 8878 with several frames, skippable ones included."""
        context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        inflater = context.decompressobj()
        begun = False
        for block in blocks:
            for start in range(0, len(block), _ZSTD_SLICE_BYTES):
                data = block[start : start + _ZSTD_SLICE_BYTES]
                while data:
                    try:
                        out = inflater.decompress(data)
                    except zstandard.ZstdError as error:
                        raise self._corrupt("zstd", error) from None
                    if out:
                        yield out
                    begun = not inflater.eof
                    data = inflater.unused_data if inflater.eof else b""
                    if inflater.eof:
                        inflater = context.decompressobj()
        if begun:
            raise self._truncated("zstd")

    def _blocks_of_snappy(self, compressed: Iterator[bytes]) -> Iterator[bytes]:
        """A block that is damaged costs no other; their texts are joined by line ends."""
        total_bytes, damaged = 0, 0
        for block in snappy.blocks(Stream(compressed)):
            if block is None:
                self._notices.add("cut_last_block", "the last block is cut: the recording went on after what is here")
                break
            try:
                text = snappy.inflate(block, self._limits.text_bytes - total_bytes)
            except snappy.TooLargeError:
                raise self._too_large("decompressed text", self._limits.text_bytes) from None
            except snappy.DamagedBlockError:
                damaged += 1
                continue
            total_bytes += len(text) + 1
            yield text
            yield b"\n"
        if not total_bytes:
            raise self._corrupt("snappy")
        self._notices.add(
            "damaged_blocks", "blocks that are damaged were left out: what they recorded is missing", damaged
        )

    def _block_of_snappy(self, compressed: Iterator[bytes]) -> Iterator[bytes]:
        try:
            block = snappy.whole(Stream(compressed), self._limits.text_bytes)
            yield snappy.inflate(block, self._limits.text_bytes)
        except snappy.TooLargeError:
            raise self._too_large("decompressed text", self._limits.text_bytes) from None
        except snappy.DamagedBlockError:
            raise self._corrupt("snappy") from None

    def _refuse_foreign(self, head: bytes) -> None:
        for magic, what in _FOREIGN.items():
            if head.startswith(magic):
                raise RecordingError(
                    "unsupported_compression",
                    f"{self._name} is {what}; decompress it first, or compress it with gzip or zstd",
                )

    def _too_large(self, what: str, limit_bytes: int) -> RecordingError:
        return RecordingError(
            "recording_too_large",
            f"the {what} of {self._name} is larger than {_human(limit_bytes)}; cut the recording into parts",
        )

    def _truncated(self, kind: str) -> RecordingError:
        return RecordingError(
            f"truncated_{kind}", f"{self._name} ends inside its {kind} data; copy or download it again"
        )

    def _corrupt(self, kind: str, error: Exception | None = None) -> RecordingError:
        if error is not None and "memory" in str(error):
            return RecordingError(
                f"corrupt_{kind}",
                f"{self._name} needs a {kind} window of more than 128 MiB; compress it without --long",
            )
        return RecordingError(
            f"corrupt_{kind}", f"the {kind} data of {self._name} is damaged; copy or download it again"
        )


def _is_zstd(head: bytes) -> bool:
    """A frame, or one of the sixteen skippable frames that parallel compressors write first."""
    return head.startswith(_ZSTD) or (head[1:4] == b"\x2a\x4d\x18" and head[0] & 0xF0 == 0x50)


def _chain(head: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from blocks


def _human(size_bytes: int) -> str:
    return f"{size_bytes / (1024 * MIB):g} GiB" if size_bytes >= 1024 * MIB else f"{size_bytes / MIB:g} MiB"
