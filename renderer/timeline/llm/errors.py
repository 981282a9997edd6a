"""What went wrong with a call, out of the ways in which that is told."""

from collections.abc import Mapping
from typing import Any

from renderer.timeline.text import plain
from renderer.timeline.values import count, first, flag, parsed, text

_FAILED = frozenset({"error", "failed", "failure", "timeout", "cancelled", "canceled", "aborted"})


def http_status(value: Any) -> int | None:
    found = count(value)
    return found if found is not None and 100 <= found <= 599 else None


def error_text(value: Any) -> str | None:
    """A line out of a string, {"message": …}, or an exception told as JSON; None for no error."""
    value = parsed(value)
    if isinstance(value, Mapping):
        inner = first(value, "message", "error", "code", "type", "value", "name")
        return error_text(inner) if inner is not value else None
    if isinstance(value, list):
        return error_text(value[0]) if value else None
    if isinstance(value, bool) or flag(value) is False:
        return None
    found = text(value)
    return plain(found, 300) if found and flag(found) is not True else None


def is_failure(status: Any) -> bool:
    """Whether a status, a word or a number, says that a call failed."""
    if isinstance(status, str) and status.strip().lower() in _FAILED:
        return True
    code = http_status(status)
    return code is not None and code >= 400
