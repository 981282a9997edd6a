"""How workers hear that there is something to do. It may get lost: workers look by themselves too, only later."""

import threading
from typing import Protocol


class Waker(Protocol):
    def wake(self) -> None:
        """Never raises, and never takes long: a clip that is in the database is asked for, whatever becomes of this."""
        ...


class Bell:
    """Between the threads of one process."""

    def __init__(self) -> None:
        self._rung = threading.Condition()
        self._rings = 0

    @property
    def rings(self) -> int:
        """How often it was rung."""
        return self._rings

    def wake(self) -> None:
        with self._rung:
            self._rings += 1
            self._rung.notify_all()

    def wait(self, timeout_s: float, since: int) -> None:
        """Until there was a ring more than `since`, at most so long: none is missed by who looked for work when it rang."""
        with self._rung:
            self._rung.wait_for(lambda: self._rings != since, timeout_s)
