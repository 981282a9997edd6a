"""Names of rows: a prefix that says what it is, and a ULID, so that they sort by the time they were made."""

import re
from typing import Final, Literal

from ulid import ULID

Prefix = Literal["clip", "ren", "dlv", "whk", "shr", "bat", "req", "wrk"]

_ID: Final = re.compile(r"(clip|ren|dlv|whk|shr|bat|req|wrk)_[0-9a-hjkmnp-tv-z]{26}")


def new_id(prefix: Prefix) -> str:
    return f"{prefix}_{str(ULID()).lower()}"


def is_id(text: str, prefix: Prefix) -> bool:
    """Whether it may be the id of such a row: whatever comes in an address is looked at before the database is."""
    match = _ID.fullmatch(text)
    return match is not None and match[1] == prefix
