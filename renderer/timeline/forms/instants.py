"""When something happened, as events tell it: ISO 8601, or a number since 1970 in s, ms, µs or ns."""

import re
from datetime import UTC, datetime
from typing import Any

from renderer.timeline.values import number

# No event of a recorded session is older than the recorders, and clocks that are set to 2100 are not set.
_EARLIEST_MS = 946_684_800_000.0  # 2000-01-01
_LATEST_MS = 4_102_444_800_000.0  # 2100-01-01
_FRACTION = re.compile(r"(\.\d{6})\d+")
_SHORT_ZONE = re.compile(r"([+-]\d{2})$")


def unix_ms(value: Any) -> float | None:
    """Unix ms, or None when `value` is no time between 2000 and 2100. A time without a zone is UTC."""
    found = number(value)
    if found is not None:
        # Four units lie a thousand apart, and the century is only 4.3 times its beginning: they cannot be mixed up.
        for per_ms in (1e-3, 1.0, 1e3, 1e6):
            at_ms = found / per_ms
            if _EARLIEST_MS <= at_ms < _LATEST_MS:
                return at_ms
        return None
    return _iso(value) if isinstance(value, str) and len(value) <= 60 else None


def _iso(value: str) -> float | None:
    written = value.strip().replace(" UTC", "Z").replace(",", ".")
    written = _FRACTION.sub(r"\1", written)  # nanoseconds, which Go writes
    if "T" in written or " " in written:
        written = _SHORT_ZONE.sub(r"\1:00", written)
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    if found.tzinfo is None:
        found = found.replace(tzinfo=UTC)
    try:
        at_ms = found.timestamp() * 1000
    except (OverflowError, ValueError):
        return None
    return at_ms if _EARLIEST_MS <= at_ms < _LATEST_MS else None
