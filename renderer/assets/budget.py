"""What a clip may spend on the network, and which hosts are not worth waiting for any more."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from renderer.assets.failure import FetchError

# A host that never answered is given up after so many requests ran into their time limit.
TIMEOUTS_BEFORE_DOWN = 3


class Budget:
    """Seconds during which at least one fetch is under way (they overlap, and it is the waiting that slows a render), and
    bytes in all. Used on one event loop only.
    """

    def __init__(self, seconds: float, bytes_: int) -> None:
        self._seconds = seconds
        self._bytes = bytes_
        self._under_way = 0
        self._since_s = 0.0
        self._spent_s = 0.0

    @property
    def left_s(self) -> float:
        running_s = time.monotonic() - self._since_s if self._under_way else 0.0
        return self._seconds - self._spent_s - running_s

    def spend_bytes(self, count: int) -> None:
        """Raises FetchError("budget") when they are used up."""
        self._bytes -= count
        if self._bytes < 0:
            raise FetchError("failed", "budget")

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """The clock runs inside. Raises FetchError("budget") at once when nothing is left."""
        if self.left_s <= 0 or self._bytes <= 0:
            raise FetchError("failed", "budget")
        if self._under_way == 0:
            self._since_s = time.monotonic()
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._spent_s += time.monotonic() - self._since_s


class Health:
    """Which servers ("host:port") are down for the rest of the run: a hundred pictures of a dead host cost one timeout."""

    def __init__(self) -> None:
        self._answered: set[str] = set()
        self._timeouts: Counter[str] = Counter()
        self._down: dict[str, str] = {}

    def check(self, server: str) -> None:
        """Raises FetchError with the reason that the server was given up for."""
        if server in self._down:
            raise FetchError("failed", self._down[server])

    def answered(self, server: str) -> None:
        self._answered.add(server)
        self._timeouts[server] = 0

    def unreachable(self, server: str, reason: str) -> None:
        """A connection could not be made. A server that answered before may be at its limit only."""
        if server not in self._answered:
            self._down[server] = reason
        else:
            self.timed_out(server)

    def timed_out(self, server: str) -> None:
        self._timeouts[server] += 1
        if self._timeouts[server] >= TIMEOUTS_BEFORE_DOWN:
            self._down[server] = "host_down"
