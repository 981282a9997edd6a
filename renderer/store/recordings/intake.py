"""One part on its way in: bounded, looked through, and kept as compressed lines."""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import zstandard

from renderer.errors import RecordingError
from renderer.recording.decode.parts import examine_part, part_lines
from renderer.recording.limits import MIB
from renderer.recording.raw import RawRecording
from renderer.store.recordings import disk
from renderer.store.recordings.model import StoredPart, StoreLimits

TEXT = "text"
FACTS = "facts.json"
# Written once and read once, within minutes.
_LEVEL = 1


def take_in(blocks: Iterable[bytes], number: int | None, folder: Path, limits: StoreLimits, root: Path) -> StoredPart:
    """Writes the part into `folder`, as `text` and `facts.json`, when it is one. What `blocks` raises passes through.

    Raises RecordingError: part_too_large, and what `parts.examine_part` raises.
    """
    name = "the part" if number is None else f"part {number}"
    sent = folder / "sent"
    size_bytes = _spool(blocks, sent, name, limits.part_bytes, root)
    raw = RawRecording(name=name, path=sent, size_bytes=size_bytes)
    part = examine_part(raw, limits.recording)
    digest = Digest(part_lines(raw, part, limits.recording))
    with disk.disk(root):
        disk.write(folder / TEXT, compressed(digest, _LEVEL))
        facts = StoredPart(
            number=number,
            sha256=digest.sha256,
            text_bytes=digest.text_bytes,
            events=part.events,
            first_ms=part.first_ms,
            last_ms=part.last_ms,
        )
        disk.write(folder / FACTS, [msgspec.json.encode(facts)])
        sent.unlink()
    return facts


def _spool(blocks: Iterable[bytes], sent: Path, name: str, limit_bytes: int, root: Path) -> int:
    size_bytes = 0
    with disk.disk(root):
        file = sent.open("wb")
    with file:
        for block in blocks:
            size_bytes += len(block)
            if size_bytes > limit_bytes:
                raise RecordingError(
                    "part_too_large",
                    f"{name} is larger than {limit_bytes / MIB:g} MiB; send the recording in more parts",
                )
            with disk.disk(root):
                file.write(block)
    return size_bytes


class Digest:
    """Passes blocks on, and knows their hash and length when they are through."""

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self._blocks = blocks
        self._sha256 = hashlib.sha256()
        self.text_bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for block in self._blocks:
            self._sha256.update(block)
            self.text_bytes += len(block)
            yield block

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()


def compressed(blocks: Iterable[bytes], level: int) -> Iterator[bytes]:
    """As one zstd frame."""
    compressor = zstandard.ZstdCompressor(level=level, write_checksum=True).compressobj()
    for block in blocks:
        yield compressor.compress(block)
    yield compressor.flush()


def stored_text(path: Path) -> Iterator[bytes]:
    """What `compressed` was given."""
    with path.open("rb") as file:
        yield from zstandard.ZstdDecompressor().read_to_iter(file)
