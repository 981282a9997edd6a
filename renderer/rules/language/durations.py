"""Lengths of time as rules write them: `500ms`, `30s`, `1.5m`, `2h`."""

import re
from decimal import Decimal
from typing import Final

_WRITTEN: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*(ms|s|min|m|h|d)", re.ASCII)
_UNITS_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
LONGEST_MS: Final = 7 * 86_400_000


def duration_ms(text: str) -> int | None:
    """Milliseconds, or None when it is no length of time."""
    match = _WRITTEN.fullmatch(text.strip())
    return round(Decimal(match[1]) * _UNITS_MS[match[2]]) if match else None


def parse_duration(value: object) -> int:
    """Milliseconds, at least 0 and at most a week. Raises ValueError with what to write."""
    if isinstance(value, str) and value.strip().startswith("-"):
        raise ValueError("is negative; a length of time is 0s or more")
    found = duration_ms(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("is no length of time; write a number and its unit: 500ms, 30s, 5m or 1h")
    if found > LONGEST_MS:
        raise ValueError("is longer than a week")
    return found


def told(ms: float) -> str:
    """`850 ms`, `4.2 s`, `2 min 5 s`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    if ms < 99_950:
        return f"{ms / 1000:.1f}".removesuffix(".0") + " s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"
