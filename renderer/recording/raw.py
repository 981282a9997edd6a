"""A recording as a source gave it: bytes on disk whose kind is not known yet."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class RawRecording:
    """`name` is safe to show in messages (printable, short); `path` is a readable regular file of `size_bytes`.

    `id`: what the recording is known by, where that is not the SHA-256 of the file.
    """

    name: str
    path: Path
    size_bytes: int
    id: str | None = None
