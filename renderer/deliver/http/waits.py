"""How long a ticket system asks to be left alone: by Retry-After, or by its vendor's own headers."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from renderer.retry_after import retry_after_s

_RESETS: Final = (
    "ratelimit-reset",
    "x-ratelimit-reset",
    "x-rate-limit-reset",
    "x-ratelimit-requests-reset",
    "x-ratelimit-complexity-reset",
)
"""GitLab and Zendesk; GitHub, Intercom and Jira; older ones; Linear."""
# Zendesk tells limits of single endpoints, as `zendesk-ratelimit-tickets-update: total=30; remaining=0; resets=41`.
_ENDPOINT: Final = "zendesk-ratelimit-"
_USED_UP: Final = re.compile(r"\bremaining=0\b.*\bresets=(\d{1,6})\b")
# Above this a number is a date and no pause: nobody asks to be left alone for a year.
_YEAR_S: Final = 366 * 24 * 3600.0
_MILLISECONDS: Final = 1e11


def wait_s(headers: Mapping[str, str], now_s: float) -> float | None:
    """`headers`: names in any case. `now_s`: Unix time. None when they do not say. Dates are seconds, milliseconds or ISO 8601."""
    given = {name.lower(): value for name, value in headers.items()}
    asked = retry_after_s(given.get("retry-after"), now_s)
    if asked is not None:
        return asked
    waits = [wait for name in _RESETS if name in given and (wait := _until(given[name], now_s)) is not None]
    used_up = (_USED_UP.search(value) for name, value in given.items() if name.startswith(_ENDPOINT))
    waits += [float(match[1]) for match in used_up if match is not None]
    return max(waits, default=None)


def _until(value: str, now_s: float) -> float | None:
    try:
        number = float(value)
    except ValueError:
        return _until_date(value, now_s)
    if not 0 <= number < float("inf"):
        return None
    if number > _MILLISECONDS:
        number /= 1000
    return max(0.0, number - now_s) if number > _YEAR_S else number


def _until_date(value: str, now_s: float) -> float | None:
    try:
        at = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_s)
