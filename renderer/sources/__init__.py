"""Where recordings come from: one small module for each kind of reference, one registry."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from renderer.errors import RequestError
from renderer.recording.raw import RawRecording
from renderer.sources import file

# Scheme -> fetcher of what follows the colon. A reference without a scheme is a path.
SOURCES: Final[dict[str, Callable[[str], RawRecording]]] = {"file": file.fetch_url}

# One letter before the colon is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


def fetch(reference: str) -> RawRecording:
    """The recording that `reference` names: a path or `file:PATH`.

    Raises RequestError `unknown_source` for a scheme that nobody serves, RecordingError when there is no readable file.
    """
    match = _SCHEME.match(reference)
    if match is None:
        return file.fetch(reference)
    scheme = match[1].lower()
    if source := SOURCES.get(scheme):
        return source(reference[match.end() :])
    if _is_a_file(reference):  # a colon in a file's own name, as in session-12:30.json
        return file.fetch(reference)
    raise RequestError(
        "unknown_source",
        f"recordings cannot be read from {scheme}: here; give a path to a file (kinds: a path, "
        + ", ".join(f"{name}:" for name in sorted(SOURCES))
        + ")",
    )


def _is_a_file(reference: str) -> bool:
    try:
        return Path(reference).is_file()
    except (OSError, ValueError):
        return False
