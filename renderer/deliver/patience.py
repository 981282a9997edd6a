"""Trying again for somebody who waits: a few times, and not for long."""

import time
from collections.abc import Callable
from typing import Final, TypeVar

from renderer.errors import DestinationError

_Result = TypeVar("_Result")
PAUSES_S: Final = (2.0, 5.0, 15.0, 30.0)
LONGEST_S: Final = 120.0


def patiently(
    act: Callable[[], _Result], tell: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> _Result:
    """What `act` gives. Raises its DestinationError when trying again will not do, or not soon."""
    for pause_s in PAUSES_S:
        try:
            return act()
        except DestinationError as error:
            wait_s = max(pause_s, error.retry_after_s or 0.0)
            if not error.retryable or wait_s > LONGEST_S:
                raise
            tell(f"{error.message}; trying again in {wait_s:.0f} s")
            sleep(wait_s)
    return act()
