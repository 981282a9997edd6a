"""How long a server asks to be left alone."""

from datetime import UTC
from email.utils import parsedate_to_datetime


def retry_after_s(value: str | None, now_s: float) -> float | None:
    """Of a Retry-After header: seconds or an HTTP date (RFC 9110, 10.2.3); None when there is none that can be read."""
    if value is None:
        return None
    value = value.strip()
    try:
        seconds = float(value)
    except ValueError:
        try:
            at = parsedate_to_datetime(value)
        except (TypeError, ValueError):
            return None
        return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now_s)
    return seconds if 0 <= seconds < float("inf") else None
