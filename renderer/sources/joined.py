"""Parts of one recording, joined into one file of JSON lines."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from renderer.errors import RecordingError
from renderer.notices import Notices
from renderer.recording.decode.parts import examine_part, part_lines
from renderer.recording.limits import GIB, MIB, Limits
from renderer.recording.raw import RawRecording

MAX_PARTS: Final = 10_000
"""Recorders send every few seconds at most: a day of it."""

# A file among the parts that was never meant as one, such as a README or an index.
_FOREIGN = frozenset({"not_json", "not_utf8", "not_a_recording", "unsupported_compression"})
_FATAL = frozenset({"recording_too_large", "compression_bomb", "too_many_events"})
_NUMBER = re.compile(r"(\d+)")


def join_parts(parts: Iterable[RawRecording], target: Path, name: str, limits: Limits, notices: Notices) -> None:
    """Writes the text of `parts`, each an array, a document or JSON lines and compressed by itself, into `target`.

    A part that cannot be read is left out and counted in `notices`. Raises RecordingError: recording_too_large,
    compression_bomb, too_many_events, and, when nothing is left, what was wrong with the first part. OSError is the disk's.
    """
    wrong: RecordingError | None = None
    text_bytes = 0
    with target.open("wb") as file:
        for raw in parts:
            try:
                part = examine_part(raw, limits)
            except RecordingError as error:
                if error.code in _FATAL:
                    raise
                wrong = wrong or error
                _count(error, notices)
                continue
            for block in part_lines(raw, part, limits):
                text_bytes += len(block)
                if text_bytes > limits.text_bytes:
                    raise too_large(name, limits.text_bytes)
                file.write(block)
    if not text_bytes:
        raise wrong or RecordingError("empty_file", f"{name} has no parts; record or download it again")


def by_name(path: str) -> list[tuple[str, int]]:
    """Sorts names as people count: part-2 before part-10. Every piece is text and the number after it."""
    pieces = _NUMBER.split(path)
    numbers = [*(int(digits) for digits in pieces[1::2]), -1]
    return list(zip(pieces[::2], numbers, strict=True))


def too_large(name: str, limit_bytes: int) -> RecordingError:
    limit = f"{limit_bytes / GIB:g} GiB" if limit_bytes >= GIB else f"{limit_bytes / MIB:g} MiB"
    return RecordingError("recording_too_large", f"{name} is larger than {limit}; cut the recording into shorter ones")


def too_many_parts(name: str) -> RecordingError:
    return RecordingError(
        "too_many_parts",
        f"{name} has more than {MAX_PARTS:,} parts, which no session has; name the prefix of one recording",
    )


def _count(error: RecordingError, notices: Notices) -> None:
    if error.code in _FOREIGN:
        notices.add("foreign_parts", "files that are no part of a recording were left out")
    elif error.code != "empty_file":
        notices.add("damaged_parts", "parts that are damaged were left out: what they recorded is missing")
