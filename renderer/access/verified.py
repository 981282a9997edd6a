"""Keys that were found good a moment ago, so that not every request asks the database."""

import threading
from dataclasses import dataclass
from typing import Final

from renderer.access.caller import Caller

BELIEVED_MS: Final = 3000
"""A key that another process revoked is still taken for so long."""
_MOST: Final = 10_000


@dataclass(frozen=True)
class Known:
    caller: Caller
    expires_ms: int | None
    read_ms: int


class VerifiedKeys:
    """By the digest of the key: the text of no key stays in memory."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, Known] = {}

    def find(self, digest: str, at_ms: int) -> Known | None:
        known = self._known.get(digest)
        # A clock that was set back must not make it last.
        return known if known is not None and 0 <= at_ms - known.read_ms < BELIEVED_MS else None

    def keep(self, digest: str, known: Known) -> Known:
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[digest] = known
        return known

    def forget(self, key_id: str) -> None:
        with self._lock:
            self._known = {digest: known for digest, known in self._known.items() if known.caller.key_id != key_id}
