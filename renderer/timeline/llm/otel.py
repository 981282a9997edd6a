"""OpenTelemetry's GenAI spans as Tellings: the conventions as they are, and those before version 1.37.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans
"""

from collections.abc import Callable, Mapping
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm import messages
from renderer.timeline.llm.errors import error_text, http_status
from renderer.timeline.llm.telling import Facts, Telling
from renderer.timeline.values import amount, count, first, flag, parsed, text

NAME = "gen_ai"
_CALLS = frozenset({"chat", "text_completion", "completion", "generate_content", "embeddings", "responses"})
_MAX_INDEXED = 500
_ASKED_EVENTS = {
    "gen_ai.user.message": "user",
    "gen_ai.system.message": "system",
    "gen_ai.assistant.message": "assistant",
}


def is_call(event: AnalyticsEvent) -> bool:
    """Agents, tools and workflows have spans of their own, which are no calls of a model."""
    if event.name != NAME:
        return False
    operation = text(event.properties.get("gen_ai.operation.name"))
    if operation is not None:
        return operation in _CALLS
    told = event.properties
    return bool(first(told, "gen_ai.request.model", "gen_ai.response.model")) and not told.get("gen_ai.tool.name")


def telling(event: AnalyticsEvent) -> Telling:
    told = event.properties
    is_unfinished = flag(told.get("unfinished")) is True
    latency_ms = None if is_unfinished else amount(told.get("latency_ms"))
    facts = _facts(event)
    ids = [found for name in ("span_id", "gen_ai.response.id", "llm_call_id") if (found := text(told.get(name)))]
    return Telling(
        form="gen_ai",
        origin=event.origin,
        start_ms=event.at_unix_ms - (latency_ms or 0.0),
        end_ms=None if is_unfinished else event.at_unix_ms,
        start_is_told=is_unfinished or latency_ms is not None,
        latency_ms=latency_ms,
        id=ids[0] if ids else event.uuid,
        ids=frozenset(ids),
        trace_id=text(told.get("trace_id")),
        failed=facts.error is not None or (facts.http_status or 0) >= 400,
        facts=facts,
        window_id=event.window_id,
    )


def _facts(event: AnalyticsEvent) -> Facts:
    told = event.properties
    asked, answered = _asked(told), _answered(told)
    reasons = first(
        told, "gen_ai.response.finish_reasons", "gen_ai.response.finish_reason", "gen_ai.completion.0.finish_reason"
    )
    operation = text(told.get("gen_ai.operation.name"))
    return Facts(
        operation=operation,
        model=text(first(told, "gen_ai.response.model", "gen_ai.request.model")),
        provider=text(first(told, "gen_ai.provider.name", "gen_ai.system")),
        time_to_first_token_ms=_first_token_ms(told),
        input_tokens=_count(told, "gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
        output_tokens=_count(told, "gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
        total_tokens=_count(told, "gen_ai.usage.total_tokens", "llm.usage.total_tokens"),
        cost_usd=amount(first(told, "gen_ai.usage.cost", "gen_ai.usage.cost_usd", "gen_ai.usage.total_cost")),
        finish_reason=_finish(reasons) or messages.finish_of(answered),
        tools_called=messages.tools_of(answered) or None,
        error=_error(told),
        http_status=http_status(first(told, "http.response.status_code", "http.status_code")),
        prompt=messages.prompt_of(asked),
        answer=None if operation == "embeddings" else messages.answer_of(answered),
    )


def _count(told: Mapping[str, Any], *names: str) -> int | None:
    return count(first(told, *names))


def _first_token_ms(told: Mapping[str, Any]) -> float | None:
    told_s = amount(
        first(
            told,
            "gen_ai.response.time_to_first_chunk",
            "gen_ai.response.time_to_first_token",
            "gen_ai.server.time_to_first_token",
            "server.time_to_first_token",
        )
    )
    return None if told_s is None else told_s * 1000


def _finish(reasons: Any) -> str | None:
    if isinstance(reasons, list):
        return text(reasons[0]) if reasons else None
    found = text(reasons)
    if found and found.startswith("["):  # some SDKs write the list as JSON
        return found.strip("[]").split(",")[0].strip(" \"'") or None
    return found


def _error(told: Mapping[str, Any]) -> str | None:
    if flag(told.get("is_error")) is True:
        return error_text(told.get("status_message")) or error_text(told.get("error.type")) or "error"
    return error_text(told.get("error.type"))


def _asked(told: Mapping[str, Any]) -> Any:
    return _said(told, "input", "prompt", _question)


def _answered(told: Mapping[str, Any]) -> Any:
    return _said(told, "output", "completion", _choice)


def _said(
    told: Mapping[str, Any],
    way: str,
    before: str,
    message_of: Callable[[str, Mapping[str, Any]], dict[str, Any] | None],
) -> Any:
    """Messages from wherever they are told, the newest form first. `before`: what they were called before version 1.37;
    `message_of`: the message that a span's event of this name tells, None for one of another kind.
    """
    found = first(told, f"gen_ai.{way}.messages", f"gen_ai.{before}")
    if found is not None:
        return found
    if listed := _indexed(told, f"gen_ai.{before}"):
        return listed
    messages_told: list[Any] = []
    for name, attributes in _span_events(told):
        if (message := message_of(name, attributes)) is not None:
            messages_told.append(message)
        elif name == f"gen_ai.content.{before}":
            return first(attributes, f"gen_ai.{before}")
        elif name == "gen_ai.client.inference.operation.details":
            return first(attributes, f"gen_ai.{way}.messages")
    return messages_told or None


def _question(name: str, attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    role = _ASKED_EVENTS.get(name)
    return {"role": role, "content": attributes.get("content")} if role is not None else None


def _choice(name: str, attributes: Mapping[str, Any]) -> dict[str, Any] | None:
    if name != "gen_ai.choice":
        return None
    message = parsed(first(attributes, "message", "content", "gen_ai.event.content"))
    if isinstance(message, Mapping):
        message = message.get("message", message)
    return {"message": message, "finish_reason": attributes.get("finish_reason")}


def _span_events(told: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found = told.get("span_events")
    return [
        (each["name"], each.get("attributes") or {})
        for each in (found if isinstance(found, list) else ())
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    ]


def _indexed(told: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """`gen_ai.prompt.0.role`, `gen_ai.prompt.0.content`, … as OpenLLMetry wrote messages."""
    listed = []
    for number in range(_MAX_INDEXED):
        start = f"{prefix}.{number}"
        message = {
            name: told[f"{start}.{name}"] for name in ("role", "content", "finish_reason") if f"{start}.{name}" in told
        }
        calls = []
        for each in range(50):
            named = text(told.get(f"{start}.tool_calls.{each}.name"))
            if named is None:
                break
            calls.append({"name": named})
        if calls:
            message["tool_calls"] = calls
        if not message:
            break
        listed.append(message)
    return listed
