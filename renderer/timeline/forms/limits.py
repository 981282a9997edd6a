"""How much of an events file is read: it is hostile input like the recording."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from renderer.timeline.values import MAX_DEPTH

MAX_FILE_BYTES: Final = 100 * 1024 * 1024
MAX_EVENTS: Final = 1_000_000
MAX_EVENT_BYTES: Final = 16 * 1024 * 1024
"""A conversation with pictures in it may have some MiB; PostHog refuses events of more than 20."""
_MAX_VALUES = 50_000
_MAX_ITEMS = 10_000
_MAX_TEXT = 1_000_000


@dataclass(slots=True)
class _Budget:
    left: int = _MAX_VALUES


def bounded(value: Any) -> Any:
    """The same JSON value with at most 64 levels, 50,000 values, 10,000 items a list and 1,000,000 letters a string.

    What is over the limit is left out: everything after this walks events by recursion.
    """
    return _bounded(value, MAX_DEPTH, _Budget())


def _bounded(value: Any, depth: int, budget: _Budget) -> Any:
    budget.left -= 1
    if isinstance(value, str):
        return value[:_MAX_TEXT]
    if isinstance(value, Mapping):
        inner: dict[str, Any] = {}
        for name, each in value.items():
            if depth <= 0 or budget.left <= 0 or len(inner) >= _MAX_ITEMS:
                break
            inner[name[:1000]] = _bounded(each, depth - 1, budget)
        return inner
    if isinstance(value, list):
        # The newest message of a long conversation is its last.
        items = []
        for each in value[-_MAX_ITEMS:]:
            if depth <= 0 or budget.left <= 0:
                break
            items.append(_bounded(each, depth - 1, budget))
        return items
    return value
