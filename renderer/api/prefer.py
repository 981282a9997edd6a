"""`Prefer` (RFC 7240): whether a caller would rather wait."""

import re
from typing import Final

MOST_WAIT_S: Final = 30
_WAIT: Final = re.compile(r'wait\s*=\s*"?(\d{1,6})"?', re.IGNORECASE)


def wait_s(prefer: str | None) -> int:
    """Seconds that the caller would wait for the end; 0 for an answer at once, which is the default and `respond-async`."""
    words = [word.partition(";")[0].strip() for word in (prefer or "").split(",")]
    if any(word.lower() == "respond-async" for word in words):
        return 0
    found = [int(match[1]) for word in words if (match := _WAIT.fullmatch(word))]
    return min(found[0], MOST_WAIT_S) if found else 0
