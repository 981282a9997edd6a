"""From parts that have arrived to the one file that is kept."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import zstandard

from renderer.errors import OperationError, RecordingError
from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits, too_many_events
from renderer.recording.raw import RawRecording
from renderer.store.recordings import disk, intake
from renderer.store.recordings.intake import Digest, compressed, stored_text
from renderer.store.recordings.kept import RECORDING
from renderer.store.recordings.model import StoredPart, StoredRecording

# Written once, read often, kept for long.
_LEVEL = 6


def assemble(parts: Sequence[Path], room: Path, limits: Limits, now_s: float, root: Path) -> StoredRecording:
    """Writes the file `recording` into `room`: the text of `parts`, in their order, and reads it back.

    Raises RecordingError `too_many_events`, OperationError `store_damaged`.
    """
    with disk.disk(root):
        facts = [_facts(part) for part in parts]
        if sum(part.events for part in facts) > limits.events:
            raise too_many_events("the recording", limits)
        path = room / RECORDING
        digest = Digest(_text(parts, facts))
        disk.write(path, compressed(digest, _LEVEL))
        if not _reads_back(path, digest.sha256, limits):
            # More even than text has a right to be: it stays as it is.
            disk.write(path, _text(parts, facts))
        first = [part.first_ms for part in facts if part.first_ms is not None]
        last = [part.last_ms for part in facts if part.last_ms is not None]
        return StoredRecording(
            id=digest.sha256,
            stored_bytes=path.stat().st_size,
            text_bytes=digest.text_bytes,
            events=sum(part.events for part in facts),
            first_ms=min(first, default=None),
            last_ms=max(last, default=None),
            stored_s=now_s,
        )


def _facts(part: Path) -> StoredPart:
    try:
        return msgspec.json.decode((part / intake.FACTS).read_bytes(), type=StoredPart)
    except ValueError:
        raise _damaged() from None


def _text(parts: Sequence[Path], facts: Sequence[StoredPart]) -> Iterator[bytes]:
    for part, known in zip(parts, facts, strict=True):
        digest = Digest(stored_text(part / intake.TEXT))
        try:
            yield from digest
        except zstandard.ZstdError:
            raise _damaged() from None
        if digest.sha256 != known.sha256:
            raise _damaged()


def _reads_back(path: Path, sha256: str, limits: Limits) -> bool:
    """Whether a reader takes it, with all limits. A file whose text is another than what was written is damaged."""
    raw = RawRecording(name=path.name, path=path, size_bytes=path.stat().st_size)
    digest = Digest(Text(raw, limits, Notices()))
    try:
        for _ in digest:
            pass
    except RecordingError as error:
        if error.code == "compression_bomb":
            return False
        raise _damaged() from None
    if digest.sha256 != sha256:
        raise _damaged()
    return True


def _damaged() -> OperationError:
    return OperationError(
        "store_damaged",
        "what was stored of this upload is not what is on the disk any more; check the disk, upload again",
    )
