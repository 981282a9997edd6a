"""How long a server is waited for: rate limits as it says itself, failures a few times with growing pauses."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from renderer.errors import RendererError


@dataclass(frozen=True, slots=True)
class Patience:
    """`limited_s`: in all, for rate limits; `tries`: of one request that fails; `sleep` and `now` as in `time`."""

    limited_s: float = 900.0
    tries: int = 5
    pause_s: float = 1.0
    longest_pause_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep
    now: Callable[[], float] = time.time

    def pause(self, failures: int) -> float:
        """Grows from failure to failure; a little by chance, so that many clients do not come back together."""
        whole = min(self.longest_pause_s, self.pause_s * 2.0 ** min(failures - 1, 20))
        return whole * (0.75 + random.random() / 2)  # noqa: S311  (nothing secret about it)


PATIENT: Final = Patience()


class AgainError(Exception):
    """The same request may succeed later. `error` is what to raise when patience is at its end.

    `limited`: a rate limit and no failure. `after_s`: how long the server asks to wait, None when it does not say.
    """

    def __init__(self, error: RendererError, *, limited: bool = False, after_s: float | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.limited = limited
        self.after_s = after_s
