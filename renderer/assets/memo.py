"""The answers of this run in memory, so that a URL has one answer from the first segment to the last."""

from collections import OrderedDict

from renderer.assets.cache import Entry

KEEP_BYTES = 64 * 1024 * 1024


class Memo:
    """Entries by URL key; bodies leave, least recently used first, when together they exceed `keep_bytes`.

    An entry without a body is small and stays for the run, whatever the disk forgets. Not safe for threads by itself.
    """

    def __init__(self, keep_bytes: int = KEEP_BYTES) -> None:
        self._keep_bytes = keep_bytes
        self._held_bytes = 0
        self._bodies: OrderedDict[str, tuple[Entry, bytes]] = OrderedDict()
        self._without: dict[str, Entry] = {}

    def get(self, key: str) -> tuple[Entry, bytes] | None:
        if key in self._bodies:
            self._bodies.move_to_end(key)
            return self._bodies[key]
        entry = self._without.get(key)
        return None if entry is None else (entry, b"")

    def put(self, key: str, entry: Entry, body: bytes) -> None:
        if entry.outcome != "ok":
            self._without[key] = entry
            return
        if key in self._bodies:
            self._held_bytes -= len(self._bodies.pop(key)[1])
        self._bodies[key] = (entry, body)
        self._held_bytes += len(body)
        while self._held_bytes > self._keep_bytes and len(self._bodies) > 1:
            _, (_, dropped) = self._bodies.popitem(last=False)
            self._held_bytes -= len(dropped)
