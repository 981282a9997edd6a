"""Session times as people write them: `90`, `1:30`, `1:30.250`, `1:02:03`."""

import re

from renderer.errors import RequestError

TENTHS_BELOW_MS = 10_000
"""A session that is shorter is told in tenths of a second, as whole ones would tell `0:00 of 0:00`."""

_TIMECODE = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,6}):)?(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII)


def parse_timecode(text: str) -> int:
    """Milliseconds from the session's start; digits past the millisecond are cut off. RequestError `bad_time`."""
    match = _TIMECODE.fullmatch(text.strip())
    if match is None or (match[2] is not None and int(match[3]) > 59) or (match[1] is not None and int(match[2]) > 59):
        raise RequestError(
            "bad_time", f"a time is written 90, 1:30, 1:30.250 or 1:02:03, from the session's start, not {text!r}"
        )
    hours, minutes, seconds = (int(part or 0) for part in match.group(1, 2, 3))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(((match[4] or "") + "000")[:3])


def short_timecode(ms: float, *, tenths: bool) -> str:
    """As a player's clock shows it: `0:05`, `1:02:03`; with `tenths` `0:05.2`. What is less is cut off."""
    whole_ms = max(0, int(ms))
    head = format_timecode(whole_ms // 1000 * 1000)
    return f"{head}.{whole_ms % 1000 // 100}" if tenths else head


def format_timecode(ms: int) -> str:
    """The shortest exact form: `0:05`, `1:30.250`, `1:02:03`."""
    seconds, rest_ms = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    return f"{head}.{rest_ms:03}" if rest_ms else head
