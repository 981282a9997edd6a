"""rrweb custom events: those of the browser and the recorder, which have kinds of their own, and an application's."""

from collections.abc import Mapping
from typing import Final

from renderer.timeline.model import Entry, Level, Value
from renderer.timeline.text import plain

# name in the recording -> what it says to a person, level
_STATES: Final[Mapping[str, tuple[str, Level]]] = {
    "window hidden": ("Left this tab", "info"),
    "window visible": ("Came back to this tab", "info"),
    "browser offline": ("The browser went offline", "warning"),
    "browser online": ("The browser was online again", "info"),
}
# The recorder's own (posthog-js): that it paused, slept, woke or was sampled tells nothing of the session.
_MACHINERY: Final = frozenset(
    {"sessionIdle", "sessionNoLongerIdle", "recording paused", "recording resumed", "rrweb/fullscreen", "keyboard"}
    | {"chrome-extension-stripped", "samplingDecisionMade", "triggerGroupSamplingDecisionMade", "app-state"}
)
PAGE_TAGS: Final = frozenset({"$pageview", "$url_changed"})
STARTED_TAGS: Final = frozenset({"$recording_started"})

_KEYS: Final = 20
_ITEMS: Final = 20
_CHARACTERS: Final = 200
_DEPTH: Final = 3


def tag_entry(at_ms: int, window_id: str, tag: str, payload: object) -> Entry | None:
    """None for what is the recorder's own."""
    name = plain(tag, 100)
    if name in _STATES:
        title, level = _STATES[name]
        return Entry(at_ms=at_ms, kind="visibility", title=title, name=name, level=level, window_id=window_id)
    if not name or name.startswith("$") or name in _MACHINERY:
        return None
    facts: dict[str, Value] = {} if payload is None else {"payload": plain_value(payload)}
    return Entry(at_ms=at_ms, kind="custom", title=f"Event “{name}”", name=name, window_id=window_id, properties=facts)


def plain_value(value: object, depth: int = _DEPTH) -> Value:
    """A recorded JSON value cut to a size that fits a manifest, its texts made harmless."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return plain(value, _CHARACTERS)
    if depth <= 0:
        return "…"
    if isinstance(value, list | tuple):
        return tuple(plain_value(item, depth - 1) for item in value[:_ITEMS])
    if isinstance(value, Mapping):
        pairs = list(value.items())[:_KEYS] if len(value) <= 10_000 else []
        return {plain(str(key)[:_CHARACTERS], 60): plain_value(item, depth - 1) for key, item in pairs}
    return None
