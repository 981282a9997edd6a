"""What a delivery has done so far, kept before it goes on: so that whoever takes it up after a kill does nothing twice."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from renderer.errors import DestinationError

BEGUN: Final = ":begun"
RECEIPT: Final = "receipt"
"""The last step."""


class Journal(Protocol):
    """Steps of one delivery, by name. What `write` was given is there for good when it returns."""

    def read(self) -> dict[str, dict[str, Any]]: ...

    def write(self, step: str, result: Mapping[str, Any]) -> None:
        """Raises LostDeliveryError when the delivery is somebody else's by now."""
        ...

    def forget(self, beginning: str) -> None:
        """Steps whose names begin so."""
        ...


class LostDeliveryError(Exception):
    """Another process goes on with this delivery."""


@dataclass(slots=True)
class MemoryJournal:
    steps: dict[str, dict[str, Any]] = field(default_factory=dict)

    def read(self) -> dict[str, dict[str, Any]]:
        return dict(self.steps)

    def write(self, step: str, result: Mapping[str, Any]) -> None:
        self.steps[step] = dict(result)

    def forget(self, beginning: str) -> None:
        self.steps = {name: result for name, result in self.steps.items() if not name.startswith(beginning)}


@dataclass(slots=True)
class Steps:
    """`clock`: Unix time, s."""

    journal: Journal
    clock: Callable[[], float] = time.time
    _known: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self._known = self.journal.read()

    def known(self, step: str) -> dict[str, Any] | None:
        return self._known.get(step)

    def do(self, step: str, act: Callable[[], Mapping[str, Any]], keeps_s: float | None = None) -> dict[str, Any]:
        """The result of `act`, or of the time that it was done before; that is forgotten after `keeps_s`."""
        known = self._known.get(step)
        if known is not None and (keeps_s is None or self.clock() - known["at_s"] < keeps_s):
            return known
        return self.keep(step, {**act(), "at_s": self.clock()})

    def was_begun(self, step: str) -> bool:
        """Whether an earlier attempt began it, and nobody knows what became of that: it is to be looked for."""
        return f"{step}{BEGUN}" in self._known

    @contextmanager
    def once(self, step: str) -> Iterator[None]:
        """Around what would be seen twice when it was done twice. An error that says that it cannot have happened takes the mark away again."""
        tried_before = self.was_begun(step)
        self.keep(f"{step}{BEGUN}", {"at_s": self.clock()})
        try:
            yield
        except Exception as error:
            known_not = isinstance(error, DestinationError) and not error.may_have_happened
            if known_not and not tried_before:
                self.forget(f"{step}{BEGUN}")
            raise

    def keep(self, step: str, result: Mapping[str, Any]) -> dict[str, Any]:
        self.journal.write(step, result)
        self._known[step] = dict(result)
        return self._known[step]

    def names(self, beginning: str) -> list[str]:
        return [name for name in self._known if name.startswith(beginning)]

    def forget(self, beginning: str) -> None:
        self.journal.forget(beginning)
        self._known = {name: result for name, result in self._known.items() if not name.startswith(beginning)}
