"""Recordings that lie on this machine's disk."""

import os
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

from renderer.errors import RecordingError
from renderer.recording.raw import RawRecording
from renderer.sources.model import Fetched

_NAME_LENGTH = 80


class Paths:
    """References without a scheme."""

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        return Fetched(raw=fetch(name))


class FileAddresses:
    """What follows `file:`."""

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        return Fetched(raw=fetch_url(name))


def fetch(reference: str) -> RawRecording:
    """The file at `reference`. Never blocks: a pipe or a device is refused before it is opened.

    Raises RecordingError: recording_not_found, recording_is_directory, recording_not_a_file, recording_unreadable.
    """
    name = safe_name(reference)
    path = Path(reference)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise RecordingError("recording_is_directory", f"{name} is a directory; give the recording file inside it")
        if not stat.S_ISREG(status.st_mode):
            raise RecordingError(
                "recording_not_a_file", f"{name} is not a regular file; save the recording to a file first"
            )
        with path.open("rb") as opened:
            opened.read(1)  # some files open and cannot be read
    except (FileNotFoundError, NotADirectoryError):
        raise RecordingError("recording_not_found", f"{name} does not exist; check the path") from None
    except (OSError, ValueError) as error:
        why = os.strerror(error.errno) if isinstance(error, OSError) and error.errno else "not a usable path"
        raise RecordingError(
            "recording_unreadable", f"{name} cannot be read ({why}); check the path and its permissions"
        ) from None
    return RawRecording(name=name, path=path, size_bytes=status.st_size)


def fetch_url(rest: str) -> RawRecording:
    """What follows `file:`; see `path_of_url` and `fetch`."""
    return fetch(path_of_url(rest))


def path_of_url(rest: str) -> str:
    """Of what follows `file:`: `/a/b`, `a/b`, `///a/b` or `//localhost/a/b`. Raises RecordingError recording_not_found."""
    if not rest.startswith("//"):
        return rest
    parts = urlsplit(f"file:{rest}")
    if parts.netloc not in {"", "localhost"}:
        raise RecordingError("recording_not_found", "a file: address of another machine cannot be read; give a path")
    return unquote(parts.path)


def safe_name(reference: str) -> str:
    """The last part of a path, printable and short, for messages."""
    name = Path(reference).name or reference or "(no name)"
    printable = "".join(letter if letter.isprintable() else "?" for letter in name)
    return printable if len(printable) <= _NAME_LENGTH else f"{printable[: _NAME_LENGTH - 1]}…"
