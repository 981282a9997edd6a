"""What the recording store is asked for and tells."""

from dataclasses import dataclass, field

import msgspec

from renderer.recording.limits import MIB, Limits


@dataclass(frozen=True, slots=True)
class StoreLimits:
    """`part_bytes`: one part as it is sent, whatever its compression. `parts`: of one upload. `recording`: of a part and of
    the whole, as when a recording is read. `abandoned_s`: how long an upload may be left alone before it is swept away.
    """

    part_bytes: int = 256 * MIB
    parts: int = 10_000
    recording: Limits = field(default_factory=Limits)
    abandoned_s: float = 86_400.0


class StoredRecording(msgspec.Struct, frozen=True):
    """A recording that is kept. `id`: SHA-256 (hex) of its text, decompressed and with every part as lines.

    `stored_bytes`: on disk. `first_ms`, `last_ms`: Unix time of its earliest and latest event, None when no event has one.
    `stored_s`: Unix time of when it was first stored, in seconds.
    """

    id: str
    stored_bytes: int
    text_bytes: int
    events: int
    first_ms: int | None
    last_ms: int | None
    stored_s: float


class StoredPart(msgspec.Struct, frozen=True):
    """A part that has arrived. `number`: as the caller gave it. `sha256` (hex), `text_bytes`: of its text as lines."""

    number: int | None
    sha256: str
    text_bytes: int
    events: int
    first_ms: int | None
    last_ms: int | None


@dataclass(frozen=True, slots=True)
class Page:
    """Newest first. `next_cursor`: for the page after this one, None at the end."""

    recordings: tuple[StoredRecording, ...]
    next_cursor: str | None
