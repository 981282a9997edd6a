"""How far a render is: one number that never falls, from the progress of its stages."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

# Shares of the whole that the bar gives to each stage, from where to where; measured on the sample.
_SHARES = {"reading": (0.0, 0.03), "filming": (0.03, 0.85), "encoding": (0.85, 0.99), "publishing": (0.99, 1.0)}

FETCHING = "fetching"
"""Every word of this stage is news: it waits for somebody else's server."""


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of the whole render, 0 to 1, never falling; `message` says how far the stage is. `frames`: done and in all, while
    there is something to count.
    """

    stage: str
    done: float
    message: str
    frames: tuple[int, int] | None = None


class Bar:
    """Turns the stages' own progress into that number, and keeps the seconds that each took in `timings`."""

    def __init__(self, tell: Callable[[Progress], None] | None) -> None:
        self._tell = tell or (lambda _: None)
        self._done = 0.0
        self.timings: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self._show(name, 0.0, "")
        yield
        self.timings[name] = round(time.monotonic() - began, 3)
        self._show(name, 1.0, "")

    def share(self, name: str) -> Callable[[float], None]:
        return lambda part: self._show(name, part, "")

    def counter(self, name: str, total: int) -> Callable[[int], None]:
        return lambda count: self._show(name, count / total, f"{count} of {total} frames", (count, total))

    def fetching(self, words: str) -> None:
        """What a source says of itself while it takes long: blocks, or a rate limit that it waits for."""
        self._tell(Progress(FETCHING, self._done, words))

    def _show(self, name: str, part: float, message: str, frames: tuple[int, int] | None = None) -> None:
        start, end = _SHARES[name]
        self._done = max(self._done, start + (end - start) * min(1.0, part))
        self._tell(Progress(name, self._done, message, frames))
