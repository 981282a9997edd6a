"""Files of analytics events that lie on this machine's disk."""

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits
from renderer.sources import file
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.forms.limits import MAX_FILE_BYTES
from renderer.timeline.forms.read import read_events, too_large

_LIMITS = Limits(file_bytes=MAX_FILE_BYTES, text_bytes=MAX_FILE_BYTES)
# What is said of a recording, where it would mislead whoever gave a file of events.
_SAID_OF_EVENTS = {
    "recording_is_directory": ("events_is_directory", "{} is a directory; give the events file inside it"),
    "recording_not_a_file": ("events_not_a_file", "{} is not a regular file; save the events to a file first"),
    "recording_not_found": ("events_not_found", "{} does not exist; check the path of the events file"),
    "recording_unreadable": ("events_unreadable", "{} cannot be read; check the path and its permissions"),
    "compression_bomb": ("compression_bomb", "{} inflates to far more than events do; it is not read any further"),
}


def fetch_events(reference: str) -> AnalyticsEvents:
    """The events in the file at `reference` (a path or `file:PATH`), compressed with gzip or zstd or not at all.

    Raises RecordingError: events_not_found, events_is_directory, events_not_a_file, events_unreadable, events_too_large,
    what `recording.inflate.Text` raises of damaged compression, and what `timeline.forms.read_events` raises.
    """
    is_url = reference.startswith("file:")
    name = file.safe_name(reference)
    notices = Notices()
    try:
        raw = file.fetch_url(reference.removeprefix("file:")) if is_url else file.fetch(reference)
        data = b"".join(Text(raw, _LIMITS, notices))
    except RecordingError as error:
        raise _said_of_events(error, name) from None
    events = read_events(data, raw.name)
    return AnalyticsEvents(events=events.events, digest=events.digest, notices=(*notices, *events.notices))


def _said_of_events(error: RecordingError, name: str) -> RecordingError:
    if error.code == "recording_too_large":
        return too_large(name)
    if said := _SAID_OF_EVENTS.get(error.code):
        return RecordingError(said[0], said[1].format(name))
    return error
