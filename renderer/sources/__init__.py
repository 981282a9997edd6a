"""Where recordings come from: one small module or package for each kind of reference, one registry."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from renderer.errors import RequestError
from renderer.sources.file import FileAddresses, Paths
from renderer.sources.model import Fetched, Source

# One letter before the colon is a Windows drive.
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):")


class Sources:
    """By scheme, what fetches the rest of a reference. A reference without a scheme is a path."""

    def __init__(self, by_scheme: Mapping[str, Source]) -> None:
        self._by_scheme = {"file": FileAddresses(), **by_scheme}
        self._paths = Paths()

    def fetch(self, reference: str, tell: Callable[[str], None] = lambda _: None) -> Fetched:
        """What `reference` names: a path, or a scheme and what its source makes of the rest.

        Raises RequestError `unknown_source` for a scheme that nobody serves, and what `Source.fetch` raises.
        """
        match = _SCHEME.match(reference)
        if match is None:
            return self._paths.fetch(reference, tell)
        scheme = match[1].lower()
        if source := self._by_scheme.get(scheme):
            return source.fetch(reference[match.end() :], tell)
        if _is_a_file(reference):  # a colon in a file's own name, as in session-12:30.json
            return self._paths.fetch(reference, tell)
        raise RequestError(
            "unknown_source",
            f"recordings cannot be read from {scheme}: here; give a path to a file (kinds: a path, "
            + ", ".join(f"{name}:" for name in sorted(self._by_scheme))
            + ")",
        )


LOCAL: Final = Sources({})
"""This machine's files, and nothing else."""


def _is_a_file(reference: str) -> bool:
    try:
        return Path(reference).is_file()
    except (OSError, ValueError):
        return False
