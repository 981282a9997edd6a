"""Names of rows: a prefix that says what it is, and a ULID, so that they sort by the time they were made."""

import re
import threading
from typing import Final, Literal

from ulid import ULID

Prefix = Literal["clip", "ren", "dlv", "whk", "shr", "bat", "sch", "req", "wrk"]

_ID: Final = re.compile(r"(clip|ren|dlv|whk|shr|bat|sch|req|wrk)_[0-9a-hjkmnp-tv-z]{26}")


class _Rising:
    """ULIDs of one process, each larger than the one before: those of one millisecond too, such as a batch's clips."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> ULID:
        with self._lock:
            self._last = max(self._last + 1, int.from_bytes(ULID().bytes))
            return ULID.from_bytes(self._last.to_bytes(16))


_rising = _Rising()


def new_id(prefix: Prefix) -> str:
    return f"{prefix}_{str(_rising()).lower()}"


def is_id(text: str, prefix: Prefix) -> bool:
    """Whether it may be the id of such a row: whatever comes in an address is looked at before the database is."""
    match = _ID.fullmatch(text)
    return match is not None and match[1] == prefix
