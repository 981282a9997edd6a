"""What was told, as entries for people and rules: one line each, its facts as plain values."""

from collections.abc import Callable, Mapping
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm.errors import error_text
from renderer.timeline.llm.feedback import Reaction
from renderer.timeline.model import Entry, LlmCall, Value
from renderer.timeline.text import plain
from renderer.timeline.told.words import plain_words, seconds
from renderer.timeline.values import amount, first, flag, mapping, parsed, text

Clock = Callable[[float], int]
"""Unix ms to session ms inside the session."""

_MAX_LETTERS = 2000
_MAX_ITEMS = 200
_MAX_DEPTH = 6
_TITLES = {
    "$pageview": "Page viewed",
    "$pageleave": "Page left",
    "$identify": "User identified",
    "$set": "Person updated",
    "$groupidentify": "Group identified",
    "$rageclick": "Rage click noticed",
    "$dead_click": "Dead click noticed",
    "$web_vitals": "Web vitals measured",
    "$feature_flag_called": "Feature flag asked for",
    "$opt_in": "Tracking allowed",
}
_CAPTURED = {"click": "Click", "change": "Change", "submit": "Submit", "touch": "Touch"}
_NO_CALL = "the model"


def call_entry(call: LlmCall, duration_ms: int, window_id: str | None) -> Entry:
    facts: dict[str, Value] = {
        "call_id": call.id,
        "forms": call.forms,
        "status": call.status,
        "operation": call.operation,
        "model": call.model,
        "provider": call.provider,
        "latency_ms": call.latency_ms,
        "time_to_first_token_ms": call.time_to_first_token_ms,
        "input_tokens": call.input_tokens,
        "output_tokens": call.output_tokens,
        "total_tokens": call.total_tokens,
        "cost_usd": call.cost_usd,
        "finish_reason": call.finish_reason,
        "tools_called": call.tools_called or None,
        "error": call.error,
        "http_status": call.http_status,
        "trace_id": call.trace_id,
        "prompt": call.prompt,
        "prompt_length": call.prompt_length,
        "answer": call.answer,
        "satisfied": call.satisfied,
        "rated_at_ms": call.rated_at_ms,
    }
    return Entry(
        at_ms=call.start_ms,
        until_ms=duration_ms if call.end_ms is None else call.end_ms,
        kind="llm_call",
        title=_call_title(call),
        name=call.forms[0],
        level={"answered": "info", "failed": "error", "unanswered": "warning"}[call.status],  # type: ignore[arg-type]
        window_id=window_id,
        properties={name: value for name, value in facts.items() if value is not None},
    )


def _call_title(call: LlmCall) -> str:
    who = plain(call.model, 60) if call.model else "The model"
    if call.status == "unanswered":
        return f"{who} did not answer"
    if call.status == "failed":
        why = call.error or (f"HTTP {call.http_status}" if call.http_status else None)
        return f"{who} failed: {plain(why, 80)}" if why else f"{who} failed"
    verb = "made an embedding" if call.operation == "embeddings" else "answered"
    return f"{who} {verb} in {seconds(call.latency_ms)}" if call.latency_ms is not None else f"{who} {verb}"


def feedback_entry(reaction: Reaction, call: LlmCall | None, clock: Clock) -> Entry:
    of = f" on the answer of {plain(call.model, 60) if call.model else _NO_CALL}" if call else ""
    facts: dict[str, Value] = {
        "call_id": call.id if call else None,
        "satisfied": reaction.satisfied,
        "name": reaction.name,
        "value": reaction.value,
        "text": reaction.text,
        "trace_id": reaction.trace_id,
    }
    return Entry(
        at_ms=clock(reaction.event.at_unix_ms),
        kind="feedback",
        title=_feedback_title(reaction, of),
        name=reaction.event.name,
        level="warning" if reaction.satisfied is False else "info",
        window_id=reaction.event.window_id,
        properties={name: value for name, value in facts.items() if value is not None},
    )


def _feedback_title(reaction: Reaction, of: str) -> str:
    if reaction.satisfied is not None:
        return f"Thumbs {'up' if reaction.satisfied else 'down'}{of}"
    if reaction.name is None:
        return f"Feedback{of}: “{plain(reaction.text, 120)}”" if reaction.text else f"Feedback{of}"
    if reaction.event.name == "$ai_evaluation":
        result = {"yes": "passed", "no": "failed"}.get(value := _written(reaction.value), value)
        return f"Evaluation “{plain(reaction.name, 60)}”{of}: {plain(result, 60)}"
    given = "" if reaction.value is None else f": {plain(_written(reaction.value), 60)}"
    return f"“{plain(reaction.name, 60)}”{of}{given}"


def _written(value: str | float | bool | None) -> str:
    if value is None:
        return "done"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else value


def span_entry(event: AnalyticsEvent, clock: Clock, start_ms: float, end_ms: float) -> Entry:
    """`$ai_span`, `$ai_trace`, and OpenTelemetry's spans of agents and tools."""
    told = event.properties
    named = text(
        first(
            told,
            "$ai_span_name",
            "$ai_trace_name",
            "gen_ai.tool.name",
            "gen_ai.agent.name",
            "span_name",
            "$ai_trace_id",
        )
    )
    is_error = flag(first(told, "$ai_is_error", "is_error")) is True
    error = error_text(first(told, "$ai_error", "status_message", "error.type")) if is_error else None
    what = f"“{plain(named, 60)}”" if named else plain_words(event.name)
    took = f" in {seconds(end_ms - start_ms)}" if end_ms > start_ms else ""
    title = (f"{what} failed: {plain(error, 80)}" if error else f"{what} failed") if is_error else f"Ran {what}{took}"
    return Entry(
        at_ms=clock(start_ms),
        until_ms=clock(end_ms) if end_ms > start_ms else None,
        kind="llm_span",
        title=title,
        name=event.name,
        level="error" if is_error else "info",
        window_id=event.window_id,
        properties=plain_values(told),
    )


def exception_entry(event: AnalyticsEvent, clock: Clock) -> Entry:
    told = event.properties
    listed = parsed(told.get("$exception_list"))
    inner = mapping(listed[0]) if isinstance(listed, list) and listed else {}
    kind = _line(_first_of(inner.get("type"), told.get("$exception_types"), told.get("$exception_type")), 80)
    message = _line(
        _first_of(
            inner.get("value"),
            told.get("$exception_values"),
            told.get("$exception_message"),
            told.get("$exception_messages"),
        ),
        200,
    )
    facts: dict[str, Value] = {
        "type": kind,
        "message": message,
        "handled": flag(mapping(inner.get("mechanism")).get("handled")),
        "count": len(listed) if isinstance(listed, list) and len(listed) > 1 else None,
    }
    return Entry(
        at_ms=clock(event.at_unix_ms),
        kind="exception",
        title=": ".join(part for part in (kind, message) if part) or "Exception",
        name=event.name,
        level="error",
        window_id=event.window_id,
        properties={name: value for name, value in facts.items() if value is not None},
    )


def custom_entry(event: AnalyticsEvent, clock: Clock) -> Entry:
    latency = amount(event.properties.get("latency_ms")) if "span_id" in event.properties else None
    return Entry(
        at_ms=clock(event.at_unix_ms - (latency or 0.0)),
        until_ms=clock(event.at_unix_ms) if latency else None,
        kind="custom",
        title=_custom_title(event),
        name=plain(event.name, 200),
        window_id=event.window_id,
        properties=plain_values(event.properties),
    )


def _custom_title(event: AnalyticsEvent) -> str:
    if event.name == "$autocapture":
        what = _CAPTURED.get(str(event.properties.get("$event_type")), "Interaction")
        on = _line(event.properties.get("$el_text"), 60)
        return f"{what} captured on “{on}”" if on else f"{what} captured"
    if event.name == "$screen" and (screen := _line(event.properties.get("$screen_name"), 60)):
        return f"Screen “{screen}” shown"
    return _TITLES.get(event.name) or plain_words(event.name)


def plain_values(value: Mapping[str, Any]) -> Mapping[str, Value]:
    """Properties as plain JSON values of a size that a manifest can hold."""
    found = _plain(value, _MAX_DEPTH)
    return found if isinstance(found, Mapping) else {}


def _plain(value: Any, depth: int) -> Value:
    if isinstance(value, str):
        return value if len(value) <= _MAX_LETTERS else value[: _MAX_LETTERS - 1] + "…"
    if value is None or isinstance(value, bool | int | float):
        return value
    if depth > 0 and isinstance(value, Mapping):
        return {str(name): _plain(each, depth - 1) for name, each in list(value.items())[:_MAX_ITEMS]}
    if depth > 0 and isinstance(value, list | tuple):
        return tuple(_plain(each, depth - 1) for each in value[:_MAX_ITEMS])
    return None


def _first_of(*values: Any) -> Any:
    for value in values:
        found = parsed(value)
        if isinstance(found, list):
            found = found[0] if found else None
        if found not in (None, ""):
            return found
    return None


def _line(value: Any, letters: int) -> str | None:
    found = text(value)
    return (plain(found, letters) or None) if found else None
