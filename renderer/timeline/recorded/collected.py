"""Where the parts of the timeline put what they find: so many entries of a kind, and no more."""

from collections import Counter
from typing import Final

from renderer.notices import Notice
from renderer.timeline.model import Entry, Kind

MOST_OF_A_KIND: Final = 5_000
"""A day of clicking every 15 s. More is a page that logs in a loop, and would fill the manifest."""


class Collected:
    """Entries of all windows; those past MOST_OF_A_KIND of their kind are counted, errors and warnings apart from the rest."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self._told: Counter[tuple[Kind, bool]] = Counter()
        self._left_out = 0

    def tell(self, entry: Entry) -> None:
        key = entry.kind, entry.level == "info"
        self._told[key] += 1
        if self._told[key] > MOST_OF_A_KIND:
            self._left_out += 1
        else:
            self.entries.append(entry)

    def notices(self) -> tuple[Notice, ...]:
        if not self._left_out:
            return ()
        message = (
            f"things that happened more than {MOST_OF_A_KIND:,} times in the session were left out of the timeline"
        )
        return (Notice("timeline_cut", message, self._left_out),)
