"""When a message that was not taken is sent again: the schedule of Standard Webhooks, over three days."""

from typing import Final

MINUTE_S: Final = 60.0
HOUR_S: Final = 3600.0
PAUSES_S: Final = (
    0.0,
    5.0,
    5 * MINUTE_S,
    30 * MINUTE_S,
    2 * HOUR_S,
    5 * HOUR_S,
    10 * HOUR_S,
    14 * HOUR_S,
    20 * HOUR_S,
    24 * HOUR_S,
)
"""Before each attempt, since the one before failed."""
LONGEST_S: Final = 24 * HOUR_S
"""What a server may ask for with Retry-After."""
_SPREAD: Final = 0.1


def pause_s(failures: int, chance: float, retry_after_s: float | None = None) -> float | None:
    """Seconds until the next attempt when `failures` (1 or more) have failed; None when there is none any more.

    `chance`: 0 to 1, drawn anew every time; it spreads attempts by a tenth, so that what failed together does not come together again.
    A server that asks for patience with Retry-After is never asked sooner.
    """
    if failures >= len(PAUSES_S):
        return None
    pause = PAUSES_S[failures] * (1 - _SPREAD + 2 * _SPREAD * chance)
    if retry_after_s is None:
        return pause
    return max(pause, min(retry_after_s, LONGEST_S) * (1 + _SPREAD * chance))
