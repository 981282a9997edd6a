"""Times as people type and read them."""

import re
from datetime import UTC, datetime

_DURATION = re.compile(r"(\d{1,6})\s*([mhdw])", re.ASCII | re.IGNORECASE)
_UNITS_MS = {"m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_LONGEST_MS = 10 * 366 * 86_400_000


def parse_duration(text: str) -> int | None:
    """Milliseconds of `90m`, `24h`, `7d`, `2w`, ten years at the most; None when it is none of these. `0h` is 0."""
    match = _DURATION.fullmatch(text.strip())
    duration_ms = int(match[1]) * _UNITS_MS[match[2].lower()] if match else -1
    return duration_ms if 0 <= duration_ms <= _LONGEST_MS else None


def utc_text(at_ms: int) -> str:
    """Unix time in RFC 3339: `2026-01-31T08:15:00Z`."""
    return datetime.fromtimestamp(at_ms // 1000, UTC).isoformat().replace("+00:00", "Z")
