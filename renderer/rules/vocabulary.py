"""Which kinds of things a rule can ask for, and which properties they have: the timeline's own (docs/timeline.md), and the signs.

`None`: whatever the application tells. Held against docs/rules.md and the timeline by tests.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from renderer.timeline.model import Kind, Level

SignKind = Literal["typing", "asked_again", "ending"]

_PAGE: Final = ("url", "host", "path", "page_title")
_CLICK: Final = ("action", "by", "target", "name", "role", "tag", "x", "y", "node_id", "selector", "text")
_CONSOLE: Final = ("level", "message", "source")

PROPERTIES: Final[Mapping[str, tuple[str, ...] | None]] = {
    "page_load": (*_PAGE, "reload", "new_tab"),
    "navigation": _PAGE,
    "click": _CLICK,
    "rage_click": (*_CLICK, "count", "dead"),
    "dead_click": _CLICK,
    "input": ("target", "name", "role", "type", "node_id", "characters", "pasted", "checked"),
    "scroll": ("direction", "pixels", "node_id"),
    "viewport": ("width_px", "height_px", "turned"),
    "tab": ("from_window", "page_title"),
    "visibility": (),
    "console": _CONSOLE,
    "request": (
        "method", "url", "host", "path", "status", "duration_ms", "first_byte_ms", "initiator", "bytes", "streamed", "failed",
        "slow", "error",
    ),
    "exception": (*_CONSOLE, "type", "handled", "count"),
    "custom": None,
    "idle": ("duration_ms",),
    "blank_page": ("duration_ms", *_PAGE, "ended"),
    "llm_call": (
        "call_id", "forms", "status", "operation", "model", "provider", "latency_ms", "time_to_first_token_ms", "input_tokens",
        "output_tokens", "total_tokens", "cost_usd", "finish_reason", "tools_called", "error", "http_status", "trace_id", "prompt",
        "prompt_length", "answer", "satisfied", "rated_at_ms", "times_usual", "timed_out", "cut_short",
    ),
    "llm_span": None,
    "feedback": ("call_id", "satisfied", "name", "value", "text", "trace_id"),
    "typing": ("target", "name", "role", "type", "node_id", "characters", "duration_ms", "in_chat", "sent"),
    "asked_again": ("call_id", "earlier_call_id", "prompt", "earlier_prompt", "similarity", "same_words", "by_click"),
    "ending": ("abrupt", "hidden"),
}  # fmt: skip
"""By kind."""

ALWAYS: Final = ("title", "at_ms", "duration_ms", "window")
"""What everything has; `duration_ms` is of its own length where it has no property of that name."""

SESSION: Final = (
    "duration", "page", "browser", "os", "device", "language", "app", "person", "source", "mobile", "llm_calls", "errors",
)  # fmt: skip
"""What can be asked of a whole session, beside `person.NAME`."""

KINDS: Final = frozenset(get_args(Kind)) | frozenset(get_args(SignKind))
LEVELS: Final = frozenset(get_args(Level))


def knows(kinds: frozenset[str] | None, name: str) -> bool:
    """Whether a thing of one of these kinds may have the property; of any kind when there are none."""
    if name in ALWAYS:
        return True
    of = [PROPERTIES[kind] for kind in sorted(kinds or KINDS)]
    return any(known is None or name in known or name.split(".", maxsplit=1)[0] in known for known in of)


def known(kinds: frozenset[str] | None) -> list[str]:
    """Every property that things of these kinds have."""
    return sorted({*ALWAYS, *(name for kind in kinds or KINDS for name in PROPERTIES[kind] or ())})
