"""Files of analytics events that lie on this machine's disk."""

from renderer.errors import RecordingError
from renderer.sources import file
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.forms.file import read_events_file, unreadable

# What is said of a recording, where it would mislead whoever gave a file of events.
_SAID_OF_EVENTS = {
    "recording_is_directory": ("events_is_directory", "{} is a directory; give the events file inside it"),
    "recording_not_a_file": ("events_not_a_file", "{} is not a regular file; save the events to a file first"),
    "recording_not_found": ("events_not_found", "{} does not exist; check the path of the events file"),
}


def fetch_events(reference: str) -> AnalyticsEvents:
    """The events in the file at `reference` (a path or `file:PATH`), compressed with gzip or zstd or not at all.

    Raises RecordingError: events_not_found, events_is_directory, events_not_a_file, events_unreadable, events_too_large,
    what `recording.inflate.Text` raises of damaged compression, and what `timeline.forms.read_events` raises.
    """
    is_url = reference.startswith("file:")
    try:
        raw = file.fetch_url(reference.removeprefix("file:")) if is_url else file.fetch(reference)
    except RecordingError as error:
        name = file.safe_name(reference)
        if said := _SAID_OF_EVENTS.get(error.code):
            raise RecordingError(said[0], said[1].format(name)) from None
        raise unreadable(name) from None
    return read_events_file(raw)
