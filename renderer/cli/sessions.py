"""What `renderer list` reads and prints."""

from dataclasses import asdict

import msgspec

from renderer.cli.terminal import printable
from renderer.cli.times import parse_duration
from renderer.errors import RequestError
from renderer.plan.timecode import format_timecode
from renderer.sources.model import Listed


def parse_since(text: str) -> int:
    """Milliseconds of `90m`, `24h`, `7d`, `2w`. RequestError `bad_since`."""
    since_ms = parse_duration(text)
    if not since_ms:
        raise RequestError("bad_since", "how long ago is written 90m, 24h, 7d or 2w, ten years at the most")
    return since_ms


def line(source: str, session: Listed, *, as_json: bool) -> str:
    reference = f"{source}:{session.id}"
    if as_json:
        return msgspec.json.encode({"recording": reference, **asdict(session)}).decode()
    start = (session.start or "")[:19].replace("T", " ")
    errors = f"{session.errors} error" + ("" if session.errors == 1 else "s")
    length = format_timecode(session.duration_ms // 1000 * 1000)
    return printable("  ".join((reference, start, f"{length:>7}", session.person or "-", f"{errors:>9}", session.url)))
