"""OpenTelemetry spans as AnalyticsEvents: OTLP JSON in any case, and what SDKs' console exporters print.

Encoding: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
"""

from collections.abc import Iterator, Mapping
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent, Origin
from renderer.timeline.forms.instants import unix_ms
from renderer.timeline.values import first, mapping, parsed, text

NAME = "gen_ai"
_MESSAGES = ("gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.system_instructions", "gen_ai.tool.definitions")
_SESSION = ("$session_id", "posthog.session_id", "posthog.sessionId")
_BROWSER_LANGUAGES = frozenset({"webjs"})
_ERROR_CODES = frozenset({2, "2", "STATUS_CODE_ERROR", "ERROR", "Error"})


def is_span(row: Mapping[str, Any]) -> bool:
    return _start(row) is not None and ("name" in row or "attributes" in row) and _trace_id(row) is not None


def spans_of(request: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """(span, attributes of its resource) of an ExportTraceServiceRequest, a ResourceSpans or a ScopeSpans."""
    for resource_spans in _list(request, "resourceSpans", "resource_spans"):
        yield from spans_of(resource_spans)
    resource = attributes_of(mapping(request.get("resource")).get("attributes"))
    for scope_spans in _list(request, "scopeSpans", "scope_spans", "instrumentationLibrarySpans"):
        for span in _list(scope_spans, "spans"):
            yield span, resource
    for span in _list(request, "spans"):
        yield span, resource


def is_request(row: Mapping[str, Any]) -> bool:
    return any(
        isinstance(row.get(key), list)
        for key in (
            "resourceSpans",
            "resource_spans",
            "scopeSpans",
            "scope_spans",
            "instrumentationLibrarySpans",
            "spans",
        )
    )


def event_of(span: Mapping[str, Any], resource: Mapping[str, Any]) -> AnalyticsEvent | None:
    """None when the span has no usable time. A span that did not end is told at its start, `unfinished`."""
    start, end = _start(span), _end(span)
    if start is None:
        return None
    attributes = attributes_of(span.get("attributes"))
    for key in _MESSAGES:
        if key in attributes:
            attributes[key] = parsed(attributes[key])
    is_gen_ai = any(key.startswith("gen_ai.") for key in attributes)
    status = mapping(span.get("status"))
    context = mapping(span.get("context"))
    facts: dict[str, Any] = {
        "span_name": text(span.get("name")),
        "trace_id": _trace_id(span),
        "span_id": text(first(span, "spanId", "span_id") or first(context, "span_id", "spanId")),
        "parent_span_id": text(first(span, "parentSpanId", "parent_span_id", "parent_id")),
        "service": text(resource.get("service.name")),
        "status_message": text(first(status, "message", "description")),
    }
    if first(status, "code", "status_code") in _ERROR_CODES:
        facts["is_error"] = True
    if end is None:
        facts["unfinished"] = True
    else:
        facts["latency_ms"] = max(0.0, end - start)
    if span_events := [found for each in _list(span, "events") if (found := _span_event(each))]:
        facts["span_events"] = span_events
    properties = attributes | {key: value for key, value in facts.items() if value is not None}
    return AnalyticsEvent(
        name=NAME if is_gen_ai else (text(span.get("name")) or "span"),
        at_unix_ms=start if end is None else max(start, end),
        origin=_origin(resource, attributes),
        properties=properties,
        session_id=text(first(attributes, *_SESSION)),
        distinct_id=text(first(attributes, "posthog.distinct_id", "enduser.id", "user.id")),
    )


def attributes_of(value: Any) -> dict[str, Any]:
    """Attributes as a plain dict: OTLP's list of {key, value: {stringValue: …}}, or a dict that is one already."""
    if isinstance(value, Mapping):
        return {key: _value(each) if isinstance(each, Mapping) else each for key, each in value.items()}
    found: dict[str, Any] = {}
    for pair in value if isinstance(value, list) else ():
        if isinstance(pair, Mapping) and isinstance(pair.get("key"), str):
            found[pair["key"]] = _value(pair.get("value"))
    return found


def _value(typed: Any) -> Any:
    """An AnyValue; protobuf's JSON writes 64-bit integers as strings."""
    if not isinstance(typed, Mapping):
        return typed
    for key, value in typed.items():
        match key:
            case "stringValue" | "string_value" | "boolValue" | "bool_value" | "doubleValue" | "double_value":
                return value
            case "intValue" | "int_value":
                try:
                    return int(value)
                except (TypeError, ValueError):
                    return None
            case "arrayValue" | "array_value":
                return [_value(each) for each in _list(mapping(value), "values", mappings=False)]
            case "kvlistValue" | "kvlist_value":
                return attributes_of(mapping(value).get("values"))
            case "bytesValue" | "bytes_value":
                return None
    return dict(typed)


def _span_event(event: Mapping[str, Any]) -> dict[str, Any] | None:
    name = text(event.get("name"))
    if name is None:
        return None
    at = unix_ms(first(event, "timeUnixNano", "time_unix_nano", "timestamp", "time"))
    return {"name": name, "at_unix_ms": at, "attributes": attributes_of(event.get("attributes"))}


def _origin(resource: Mapping[str, Any], attributes: Mapping[str, Any]) -> Origin:
    everything = (*resource, *attributes)
    in_browser = resource.get("telemetry.sdk.language") in _BROWSER_LANGUAGES or any(
        key.startswith("browser.") for key in everything
    )
    return "browser" if in_browser else "server"


def _start(span: Mapping[str, Any]) -> float | None:
    return unix_ms(first(span, "startTimeUnixNano", "start_time_unix_nano", "start_time", "startTime"))


def _end(span: Mapping[str, Any]) -> float | None:
    return unix_ms(first(span, "endTimeUnixNano", "end_time_unix_nano", "end_time", "endTime"))


def _trace_id(span: Mapping[str, Any]) -> str | None:
    return text(first(span, "traceId", "trace_id") or first(mapping(span.get("context")), "trace_id", "traceId"))


def _list(value: Any, *names: str, mappings: bool = True) -> list[Any]:
    for name in names:
        found = value.get(name) if isinstance(value, Mapping) else None
        if isinstance(found, list):
            return [each for each in found if isinstance(each, Mapping)] if mappings else found
    return []
