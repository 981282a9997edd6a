"""From an events file on the disk to its events: compressed with gzip or zstd or not at all, and hostile like the recording."""

from typing import Final

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.forms.limits import MAX_FILE_BYTES
from renderer.timeline.forms.read import read_events, too_large

_LIMITS: Final = Limits(file_bytes=MAX_FILE_BYTES, text_bytes=MAX_FILE_BYTES)


def events_text(raw: RawRecording, notices: Notices) -> bytes:
    """The decompressed text. Raises RecordingError: events_unreadable, events_too_large, and what `Text` raises of compression."""
    try:
        return b"".join(Text(raw, _LIMITS, notices))
    except RecordingError as error:
        raise _said_of_events(error, raw.name) from None


def read_events_file(raw: RawRecording) -> AnalyticsEvents:
    """The events in a file. Raises RecordingError as `events_text` and `read_events` do."""
    notices = Notices()
    events = read_events(events_text(raw, notices), raw.name)
    return AnalyticsEvents(events=events.events, digest=events.digest, notices=(*notices, *events.notices))


def unreadable(name: str) -> RecordingError:
    return RecordingError("events_unreadable", f"{name} cannot be read; check the path and its permissions")


def _said_of_events(error: RecordingError, name: str) -> RecordingError:
    """What is said of a recording would mislead whoever gave a file of events."""
    match error.code:
        case "recording_too_large":
            return too_large(name)
        case "recording_unreadable":
            return unreadable(name)
        case "compression_bomb":
            return RecordingError(error.code, f"{name} inflates to far more than events do; it is not read any further")
    return error
