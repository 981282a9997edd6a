"""One row of an events file as an AnalyticsEvent: PostHog's shapes, and the plain one."""

from collections.abc import Mapping
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent, Origin
from renderer.timeline.forms.instants import unix_ms
from renderer.timeline.values import first, mapping, number, parsed, text

_NAMES = ("event", "name", "type", "event_name", "eventName")
_TIMES = ("timestamp", "time", "ts", "at", "datetime", "date", "created_at", "createdAt", "occurred_at")
_NESTED = ("properties", "props", "attributes", "payload", "data")
# What stands beside the properties and is not one of them.
_ENVELOPE = frozenset({
    *_NAMES, *_TIMES, *_NESTED, "uuid", "distinct_id", "distinctId", "person", "person_properties", "offset", "sent_at",
    "session_id", "sessionId", "window_id", "windowId", "elements", "elements_chain", "api_key", "token", "team_id",
    "library", "messageId",
})  # fmt: skip
# Texts too long for ClickHouse's events table; PostHog keeps them in columns of posthog.ai_events.
_AI_COLUMNS = {
    "input": "$ai_input",
    "output": "$ai_output",
    "output_choices": "$ai_output_choices",
    "input_state": "$ai_input_state",
    "output_state": "$ai_output_state",
    "tools": "$ai_tools",
    "trace_id": "$ai_trace_id",
    "span_id": "$ai_span_id",
    "parent_id": "$ai_parent_id",
}
# Their JSON arrives as a string in HogQL answers; parsed, redaction sees the names of its fields.
_JSON_TEXTS = ("$ai_input", "$ai_output", "$ai_output_choices", "$ai_input_state", "$ai_output_state", "$ai_tools")
_BROWSER_LIBRARIES = (
    "web",
    "js",
    "posthog-js",
    "posthog-js-lite",
    "browser",
    "ios",
    "android",
    "flutter",
    "react-native",
)
_BROWSER_SIGNS = ("$window_id", "$current_url", "$browser", "$viewport_width", "$screen_width", "$device_type")
_SERVER_SIDES = frozenset({"server", "backend", "api", "worker"})


class TimelessError(ValueError):
    """An event without a time that can be used."""


def is_event(row: Mapping[str, Any]) -> bool:
    """Whether `row` has a name; rrweb's events have a number there."""
    return _name(row) is not None


def event_of(row: Mapping[str, Any]) -> AnalyticsEvent:
    """Raises TimelessError."""
    name = _name(row) or ""
    properties = _properties(row, name)
    at_unix_ms = _time(row, properties)
    if at_unix_ms is None:
        raise TimelessError
    person = mapping(row.get("person"))
    return AnalyticsEvent(
        name=name,
        at_unix_ms=at_unix_ms,
        origin=_origin(name, properties),
        properties=properties,
        uuid=text(row.get("uuid")) or (text(row.get("id")) if _is_from_posthog(row) else None),
        session_id=_first_text(properties, ("$session_id",))
        or _first_text(row, ("session_id", "sessionId", "$session_id")),
        window_id=_first_text(properties, ("$window_id",)) or _first_text(row, ("window_id", "windowId", "$window_id")),
        distinct_id=_first_text(row, ("distinct_id", "distinctId")) or _first_text(properties, ("distinct_id",)),
        person=person or mapping(row.get("person_properties")),
    )


def _name(row: Mapping[str, Any]) -> str | None:
    for key in _NAMES:
        value = row.get(key)
        if isinstance(value, str) and value.strip():
            return value.strip()[:200]
    return None


def _is_from_posthog(row: Mapping[str, Any]) -> bool:
    return "distinct_id" in row or "elements" in row


def _properties(row: Mapping[str, Any], name: str) -> dict[str, Any]:
    beside = {key: value for key, value in row.items() if key not in _ENVELOPE}
    if _is_from_posthog(row):
        beside.pop("id", None)
    nested: dict[str, Any] = {}
    for key in _NESTED:
        if inside := mapping(row.get(key)):
            nested.update(inside)
            break
    # `SELECT properties.$ai_model` names its column like that.
    found = {key.removeprefix("properties."): value for key, value in beside.items()} | nested
    if name.startswith("$ai_"):
        for column, key in _AI_COLUMNS.items():
            if column in beside and found.get(key) in (None, ""):
                found[key] = found.pop(column)
        for key in _JSON_TEXTS:
            if key in found:
                found[key] = parsed(found[key])
    return found


def _time(row: Mapping[str, Any], properties: Mapping[str, Any]) -> float | None:
    for key in _TIMES:
        if (at := unix_ms(row.get(key))) is not None:
            return at
    sent_at, age_ms = unix_ms(row.get("sent_at")), number(row.get("offset"))
    if sent_at is not None and age_ms is not None:  # posthog-js tells how old an event was when its batch left
        return sent_at - age_ms
    return unix_ms(first(properties, "timestamp", "$timestamp", "$time", "time"))


def _origin(name: str, properties: Mapping[str, Any]) -> Origin:
    library = _first_text(properties, ("$lib", "library", "lib"))
    if library:
        known = library.lower()
        return "browser" if known in _BROWSER_LIBRARIES or known.startswith("posthog-react-native") else "server"
    if any(sign in properties for sign in _BROWSER_SIGNS):
        return "browser"
    side = _first_text(properties, ("origin", "side", "source"))
    if side and side.lower() in _SERVER_SIDES:
        return "server"
    # Reactions come from posthog-js, the rest of PostHog's LLM events from an SDK on a server.
    is_reaction = name in {"$ai_feedback", "$ai_metric"}
    return "server" if name.startswith("$ai_") and not is_reaction else "browser"


def _first_text(values: Mapping[str, Any], names: tuple[str, ...]) -> str | None:
    return text(first(values, *names))
