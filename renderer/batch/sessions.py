"""Which sessions a batch looks into: paths, patterns of paths, references, and what a source lists."""

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from renderer.batch.request import Wanted
from renderer.errors import RequestError
from renderer.sources.model import Listed

MOST: Final = 100_000
_MAGIC: Final = "*?["
# As `renderer.sources` reads references.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:")
# Endings that say how a file is packed or written, and are no part of its name.
_ENDINGS: Final = (".gz", ".zst", ".json", ".jsonl", ".ndjson")


def named_sessions(references: Iterable[str], events_ending: str | None) -> list[Wanted]:
    """Patterns become the files that they match, by name; everything else stands for itself. Raises RequestError `no_recordings`."""
    found = []
    for reference in references:
        if _is_pattern(reference):
            # pathlib's own has no ** at the end of Python 3.11, and makes ./a of a.
            matched = sorted(path for path in glob.glob(reference, recursive=True) if Path(path).is_file())  # noqa: PTH207
            if events_ending is not None:
                matched = [path for path in matched if not path.endswith(events_ending)]
            if not matched:
                raise RequestError("no_recordings", f"no file matches {reference}: check the pattern and where you are")
            found.extend(matched)
        else:
            found.append(reference)
    return [Wanted(each, events=_events_beside(each, events_ending)) for each in dict.fromkeys(found)]


def _is_pattern(reference: str) -> bool:
    """A file whose own name has brackets is a file; and what has a scheme is no path, though a path may have colons further on."""
    if _SCHEME.match(reference) or not any(letter in reference for letter in _MAGIC):
        return False
    try:
        return not Path(reference).exists()
    except (OSError, ValueError):
        return True


def references_in(path: Path) -> Iterator[str]:
    """One a line; blank lines and what begins with # are left out. Raises RequestError `bad_list`."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is no UTF-8 text"
        raise RequestError("bad_list", f"the list of sessions {path.name} cannot be read: {why}") from None
    return (line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#"))


def listed_sessions(source: str, sessions: Iterable[Listed]) -> list[Wanted]:
    """What a source lists, but for sessions that go on: their end is not known yet."""
    return [Wanted(f"{source}:{each.id}", replay_url=each.url) for each in sessions if not each.is_ongoing]


def check_count(sessions: Sequence[Wanted]) -> None:
    """Raises RequestError: no_recordings, too_many_recordings."""
    if not sessions:
        raise RequestError("no_recordings", "there is no session to look into")
    if len(sessions) > MOST:
        raise RequestError(
            "too_many_recordings", f"{len(sessions):,} sessions are more than {MOST:,}: make several batches"
        )


def _events_beside(reference: str, ending: str | None) -> str | None:
    """`a.jsonl.gz` has its events in `a.events.json`, when the ending is `.events.json` and that file is there."""
    if ending is None:
        return None
    stem = reference
    while stem.lower().endswith(_ENDINGS):
        stem = stem[: stem.rindex(".")]
    beside = stem + ending
    return beside if beside != reference and Path(beside).is_file() else None
