"""Waiting for a database that restarts."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from renderer.errors import SetupError

_Answer = TypeVar("_Answer")

# As long as a lease is by default: after that somebody else has the clip.
_PATIENCE_S: Final = 30.0
_PAUSE_S: Final = 0.5


def patiently(act: Callable[[], _Answer]) -> _Answer:
    """What `act` answers, however often it takes. SetupError when the database stays away for a lease's time."""
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return act()
        except SetupError:
            if time.monotonic() > until_s:
                raise
            time.sleep(_PAUSE_S)
