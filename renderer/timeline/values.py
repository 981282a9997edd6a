"""Values of events as people really send them: numbers as text, yes and no in many spellings, JSON inside a string."""

import math
from collections.abc import Mapping
from typing import Any

import msgspec

from renderer.recording.decode.depth import nests_deeper

MAX_DEPTH = 64
"""Events are walked by recursion; no message of a conversation nests half as deep."""
_TRUE = frozenset({"true", "1", "yes"})
_FALSE = frozenset({"false", "0", "no"})
_MAX_INTEGER = 2**53


def first(properties: Mapping[str, Any], *names: str) -> Any:
    """The first of these properties that is there and not empty."""
    for name in names:
        value = properties.get(name)
        if value is not None and value != "":
            return value
    return None


def text(value: Any) -> str | None:
    """A string, or a number as one; None for anything else and for blanks."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return None


def number(value: Any) -> float | None:
    """A finite number, or a string that is one."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str):
        if len(value) > 40:
            return None
        try:
            value = float(value)
        except ValueError:
            return None
    if not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def amount(value: Any) -> float | None:
    """A number that cannot be negative: a latency, a cost."""
    found = number(value)
    return found if found is not None and 0 <= found < _MAX_INTEGER else None


def count(value: Any) -> int | None:
    """A whole number that cannot be negative: tokens, a length."""
    found = amount(value)
    return None if found is None else round(found)


def flag(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        word = value.strip().lower()
        return True if word in _TRUE else False if word in _FALSE else None
    if value in {0, 1} and isinstance(value, int | float):
        return bool(value)
    return None


def parsed(value: Any) -> Any:
    """What a string holds when it is a JSON list or object of at most 64 levels, else `value` itself."""
    if not isinstance(value, str):
        return value
    stripped = value.strip()
    if not stripped or stripped[0] not in "[{":
        return value
    encoded = stripped.encode("utf-8", "replace")
    if nests_deeper(encoded, MAX_DEPTH):
        return value
    try:
        return msgspec.json.decode(encoded)
    except (msgspec.DecodeError, RecursionError):
        return value


def mapping(value: Any) -> Mapping[str, Any]:
    found = parsed(value)
    return found if isinstance(found, Mapping) else {}
