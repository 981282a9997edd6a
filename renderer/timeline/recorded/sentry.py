"""What Sentry's SDK tells in custom events of its own: `breadcrumb` and `performanceSpan`, in the terms of the rrweb plugins.

Clicks and typing are in the same recording as rrweb's own events, so `ui.*` breadcrumbs are not told again.
"""

from collections.abc import Mapping
from typing import Any, Final

from renderer.recording.decode.headers import MAX_TIME_MS
from renderer.timeline.recorded.addresses import absolute

TAGS: Final = frozenset({"breadcrumb", "performanceSpan"})
OPTIONS_TAG: Final = "options"
"""The recorder's own configuration."""

# Of the machinery, or told by other events: ui.click, sentry.transaction, replay.mutations, device.battery …
_UNTOLD: Final = ("ui.", "sentry.", "replay.", "device.")
_INITIATORS: Final[Mapping[str, str]] = {"xhr": "xmlhttprequest"}
_LOADS: Final = frozenset({"navigate", "reload", "back_forward"})


def is_options(tag: str, payload: object) -> bool:
    return tag == OPTIONS_TAG and isinstance(payload, dict) and "sessionSampleRate" in payload


def console_of(payload: object) -> dict[str, Any] | None:
    """A console breadcrumb as a payload of rrweb/console@1; None for any other."""
    if not isinstance(payload, dict) or payload.get("category") != "console":
        return None
    return {"level": payload.get("level"), "payload": [payload.get("message")], "trace": []}


def went_to(payload: object, page: str) -> str | None:
    """The address that a navigation told of, without a new document; None for anything else."""
    if not isinstance(payload, dict):
        return None
    data = payload.get("data")
    if payload.get("category") == "navigation" and isinstance(data, dict) and isinstance(data.get("to"), str):
        return str(absolute(data["to"], page))
    if payload.get("op") == "navigation.push" and isinstance(payload.get("description"), str):
        return str(absolute(payload["description"], page))
    return None


def request_of(payload: object, page: str) -> tuple[float, dict[str, Any]] | None:
    """How long a span's request took (ms), and its payload as rrweb/network@1 has it; None for a span that is none."""
    if not isinstance(payload, dict):
        return None
    group, _, name = str(payload.get("op"))[:60].partition(".")
    start_ms, end_ms = _ms(payload.get("startTimestamp")), _ms(payload.get("endTimestamp"))
    url, data = payload.get("description"), payload.get("data")
    is_load = group == "navigation" and name in _LOADS
    if not (group == "resource" or is_load) or not isinstance(url, str) or start_ms is None or end_ms is None:
        return None
    facts = data if isinstance(data, dict) else {}
    duration_ms = max(0.0, end_ms - start_ms)
    told = {
        "name": absolute(url, page),
        "timestamp": start_ms,
        "duration": duration_ms,
        "method": facts.get("method"),
        "status": facts.get("statusCode"),
        "transferSize": facts.get("size"),
    }
    kind = {"entryType": "navigation"} if is_load else {"initiatorType": _INITIATORS.get(name, name)}
    return duration_ms, {"requests": [{key: value for key, value in (told | kind).items() if value is not None}]}


def named(payload: object) -> tuple[str, dict[str, Any]] | None:
    """A breadcrumb that the application left: its category, and what it says; None for Sentry's own."""
    if not isinstance(payload, dict):
        return None
    category = payload.get("category")
    if not isinstance(category, str) or not category or category.startswith(_UNTOLD):
        return None
    return category, {name: payload[name] for name in ("message", "level", "data") if payload.get(name) is not None}


def _ms(seconds: object) -> float | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds * 1000 <= MAX_TIME_MS:
        return None
    return seconds * 1000
