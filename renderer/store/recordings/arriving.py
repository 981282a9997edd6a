"""Files on their way from or to other machines, looked at before they are believed."""

import hashlib
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits
from renderer.recording.raw import RawRecording
from renderer.timeline.forms.file import read_events_file
from renderer.timeline.forms.limits import MAX_FILE_BYTES
from renderer.timeline.forms.read import too_large

_NAME = "the events file"


def check_text(raw: RawRecording, limits: Limits) -> bool:
    """Whether the text of a recording is the one that its id stands for."""
    digest = hashlib.sha256()
    try:
        for block in Text(raw, limits, Notices()):
            digest.update(block)
    except RecordingError:
        return False
    return digest.hexdigest() == raw.id


def spool_events(blocks: Iterable[bytes], path: Path, writing: Callable[[], AbstractContextManager[None]]) -> str:
    """Writes them to `path` and reads them; the SHA-256 (hex) of the file. `writing` is held around whatever touches the disk.

    Raises RecordingError: events_too_large, and what `read_events_file` raises. What `blocks` raises passes through.
    """
    digest, size_bytes = hashlib.sha256(), 0
    with writing():
        file = path.open("wb")
    with file:
        for block in blocks:
            size_bytes += len(block)
            if size_bytes > MAX_FILE_BYTES:
                raise too_large(_NAME)
            digest.update(block)
            with writing():
                file.write(block)
        with writing():
            file.flush()
    read_events_file(RawRecording(name=_NAME, path=path, size_bytes=size_bytes))
    return digest.hexdigest()
