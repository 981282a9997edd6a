"""Console messages (rrweb/console@1), and errors that nobody caught, which the same plugin records."""

import re
from typing import Any, Final

import msgspec

from renderer.timeline.model import Entry, Level
from renderer.timeline.text import plain

MESSAGE_CHARACTERS: Final = 1000
_TITLE_CHARACTERS: Final = 160
_SOURCE_CHARACTERS: Final = 300
_PARTS: Final = 10
_LEVELS: Final[dict[str, Level]] = {"error": "error", "assert": "error", "warn": "warning", "warning": "warning"}
# A stack trace after a message: Chromium's frames, Firefox's and Safari's.
_STACK: Final = re.compile(r"(?:\n\s+at |\n[^\n@]{0,200}@\w+://|\nEnd of stack for Error object)")
_UNCAUGHT: Final = re.compile(r"\s*(?:Uncaught|Unhandled)\b", re.IGNORECASE)
_PLACEHOLDER: Final = re.compile(r"%[sdifoOc]")


def console_entry(at_ms: int, window_id: str, payload: object) -> Entry | None:
    """None for what is no message."""
    if not isinstance(payload, dict):
        return None
    told = str(payload.get("level"))[:20].lower()
    level: Level = _LEVELS.get(told, "info")
    parts = _parts(payload.get("payload"))
    message = plain(" ".join(parts), MESSAGE_CHARACTERS)
    spoken = " ".join(part for part in parts if not part.startswith('{"')) or message
    source = _source(payload.get("trace"))
    if not message and level == "info":
        return None
    uncaught = level == "error" and bool(_UNCAUGHT.match(message))
    heading = "" if uncaught else {"error": "Console error: ", "warning": "Console warning: "}.get(level, "Console: ")
    return Entry(
        at_ms=at_ms,
        kind="exception" if uncaught else "console",
        title=plain(heading + (spoken or "(no text)"), _TITLE_CHARACTERS),
        name="" if uncaught else plain(told, 20),
        level=level,
        window_id=window_id,
        properties={"level": plain(told, 20), "message": message, **({"source": source} if source else {})},
    )


def _parts(payload: object) -> list[str]:
    parts = [_text(part) for part in payload[:_PARTS]] if isinstance(payload, list) else [_text(payload)]
    if parts and "%" in parts[0]:
        parts = _filled_in(parts)
    cut = (_STACK.split(part, maxsplit=1)[0].strip() for part in parts)
    return [part for part in cut if part]


def _text(part: object) -> str:
    """rrweb writes each argument as JSON: a text comes in quotes, cut ones without the closing one."""
    if not isinstance(part, str):
        return "" if part is None else str(part)[:MESSAGE_CHARACTERS] if isinstance(part, int | float) else ""
    head = part[: 8 * MESSAGE_CHARACTERS]
    if head.startswith('"'):
        try:
            text: Any = msgspec.json.decode(head if len(head) == len(part) else head + '"')
        except msgspec.DecodeError:
            return head.strip('"').replace("\\n", "\n").replace('\\"', '"')
        if isinstance(text, str):
            return text[: 4 * MESSAGE_CHARACTERS]
    return head[: 4 * MESSAGE_CHARACTERS]


def _filled_in(parts: list[str]) -> list[str]:
    """`%s` and its kin replaced by the arguments after it; styles (`%c`) left out."""
    rest = parts[1:]

    def fill(found: re.Match[str]) -> str:
        if not rest:
            return found[0]
        argument = rest.pop(0)
        return "" if found[0] == "%c" else argument

    return [_PLACEHOLDER.sub(fill, parts[0]), *rest]


def _source(trace: object) -> str:
    first = trace[0] if isinstance(trace, list) and trace else trace
    return plain(first, _SOURCE_CHARACTERS)
