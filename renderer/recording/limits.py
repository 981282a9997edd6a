"""How much of a recording is read before it is refused: a recording is hostile input."""

from dataclasses import dataclass

from renderer.errors import RecordingError

MIB = 1024 * 1024
GIB = 1024 * MIB
HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Generous for what recorders really write, small enough that a bomb is refused in seconds.

    `file_bytes`: the file as it lies on disk.
    `text_bytes`: the decompressed text, and again what `cv` fields, packed events and Sentry's segments in it inflate to, each.
    `ratio`, `ratio_grace_bytes`: once more than the grace has been inflated, text may be at most `ratio` times the
        compressed bytes read so far; so for each of these. Deflate goes up to 1032; recordings lie between 5 and 50.
    `layers`: compressions around one another (a .gz of a .zst is two).
    `events`: events in the file.
    `session_ms`: PostHog ends a session after 24 h; one hour is slack.
    `viewport_px`: either side; Chromium's compositor stops at 16384.
    `json_depth`: JSON nesting; a DOM level costs two, and Chromium's HTML parser stops at 512 levels.
    """

    file_bytes: int = 2 * GIB
    text_bytes: int = 1 * GIB
    ratio: int = 200
    ratio_grace_bytes: int = 64 * MIB
    layers: int = 3
    events: int = 5_000_000
    session_ms: int = 25 * HOUR_MS
    viewport_px: int = 16_384
    json_depth: int = 4_000


def too_many_events(name: str, limits: Limits) -> RecordingError:
    return RecordingError(
        "too_many_events", f"{name} holds more than {limits.events:,} events; cut the recording into parts"
    )
