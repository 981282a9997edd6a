"""`recording:` recordings: those that were uploaded to this machine."""

from collections.abc import Callable

from renderer.recording.raw import RawRecording
from renderer.sources.model import Fetched


class StoredRecordings:
    """`read` gives the file of a recording by its id, or raises RecordingError `recording_not_found`."""

    def __init__(self, read: Callable[[str], RawRecording]) -> None:
        self._read = read

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """`name`: the id."""
        return Fetched(raw=self._read(name))
