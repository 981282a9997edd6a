"""The plain form: `llm_call_started` and `llm_call_completed` of one call, as Tellings."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm import messages
from renderer.timeline.llm.errors import error_text, http_status, is_failure
from renderer.timeline.llm.opinion import opinion
from renderer.timeline.llm.pairing import CALL_IDS, Pair, pair
from renderer.timeline.llm.telling import Facts, Telling
from renderer.timeline.values import amount, count, first, flag, mapping, parsed, text

_SQUEEZE = re.compile(r"[^a-z]+")
_STARTS = frozenset({"llmcallstarted", "llmcallstart", "llmcallbegan", "llmcallrequested"})
_ENDS = frozenset({
    "llmcallcompleted", "llmcallcomplete", "llmcallended", "llmcallend", "llmcallfinished", "llmcallfailed",
    "llmcallerror", "llmcallerrored",
})  # fmt: skip
_FAILURES = frozenset({"llmcallfailed", "llmcallerror", "llmcallerrored"})


def is_plain(event: AnalyticsEvent) -> bool:
    return is_start(event) or is_end(event)


def is_start(event: AnalyticsEvent) -> bool:
    return _squeezed(event) in _STARTS


def is_end(event: AnalyticsEvent) -> bool:
    return _squeezed(event) in _ENDS


def tellings(events: Iterable[AnalyticsEvent]) -> list[Telling]:
    """Every started and every completed event of `events` tells of exactly one of these calls."""
    listed = list(events)
    pairs = pair([each for each in listed if is_start(each)], [each for each in listed if is_end(each)])
    return [_telling(each) for each in pairs]


def latency_ms(properties: Mapping[str, Any]) -> float | None:
    """Told in ms or in s, each by its own name; `latency` alone says no unit and is not read."""
    found = amount(first(properties, "latency_ms", "latencyMs", "duration_ms", "durationMs"))
    if found is None:
        told_s = amount(first(properties, "latency_s", "latency_seconds", "duration_s", "$ai_latency"))
        found = None if told_s is None else told_s * 1000
    return found


def model(properties: Mapping[str, Any]) -> str | None:
    return text(first(properties, "model", "llm_model", "model_name", "modelName", "$ai_model"))


def _squeezed(event: AnalyticsEvent) -> str:
    return _SQUEEZE.sub("", event.name.lower())


def _telling(one: Pair) -> Telling:
    told = [each for each in (one.start, *one.ends) if each is not None]
    end = one.ends[0] if one.ends else None
    latency = next((ms for each in one.ends if (ms := latency_ms(each.properties)) is not None), None)
    end_ms = end.at_unix_ms if end else None
    if one.start is not None:
        start_ms, is_told = one.start.at_unix_ms, True
        if end_ms is not None and end_ms < start_ms:  # the queue that sends events may stamp them out of order
            start_ms, is_told = end_ms - (latency or 0.0), False
    else:
        assert end_ms is not None
        start_ms, is_told = end_ms - (latency or 0.0), False
    facts = Facts()
    for each in reversed(told):  # what was told later is newer, except that an update may leave things out
        facts = facts.or_else(_facts(each.properties))
    satisfied, rated_at_ms = _rating(one.ends)
    return Telling(
        form="llm_call",
        origin=told[0].origin,
        start_ms=start_ms,
        end_ms=end_ms,
        start_is_told=is_told,
        latency_ms=latency,
        id=one.id or next((each.uuid for each in told if each.uuid), None),
        ids=frozenset(found for each in told for name in CALL_IDS if (found := text(each.properties.get(name)))),
        trace_id=next(
            (found for each in told if (found := text(first(each.properties, "trace_id", "traceId", "$ai_trace_id")))),
            None,
        ),
        failed=end is not None and _failed(end, _facts(end.properties)),
        facts=facts,
        satisfied=satisfied,
        rated_at_ms=rated_at_ms,
        window_id=next((each.window_id for each in told if each.window_id), None),
    )


def _failed(end: AnalyticsEvent, facts: Facts) -> bool:
    properties = end.properties
    if (
        _squeezed(end) in _FAILURES
        or facts.error is not None
        or flag(properties.get("error"))
        or flag(properties.get("success")) is False
    ):
        return True
    return any(is_failure(properties.get(name)) for name in ("status", "http_status", "status_code", "finish_reason"))


def _rating(ends: tuple[AnalyticsEvent, ...]) -> tuple[bool | None, float | None]:
    """The last opinion, and when it was first given."""
    satisfied: bool | None = None
    at_ms: float | None = None
    for end in ends:
        given = opinion(first(end.properties, "user_satisfied", "userSatisfied", "satisfied", "rating"))
        if given is not None and given != satisfied:
            satisfied, at_ms = given, end.at_unix_ms
    return satisfied, at_ms


def _facts(properties: Mapping[str, Any]) -> Facts:
    usage = mapping(properties.get("usage")) or mapping(properties.get("tokens"))
    tokens = properties.get("tokens")
    answer = first(properties, "answer", "completion", "output", "response", "choices")
    asked = first(properties, "prompt", "question", "messages", "input")
    prompt = messages.prompt_of(asked)
    told_length = count(first(properties, "prompt_length", "promptLength", "prompt_chars"))
    cost = amount(first(properties, "cost_usd", "total_cost_usd", "costUsd", "cost"))
    tools = messages.tool_names(first(properties, "tools_called", "toolsCalled", "tool_calls"))
    status = properties.get("status")
    error = error_text(first(properties, "error", "error_message", "errorMessage", "error_type", "exception"))
    return Facts(
        operation=text(first(properties, "operation", "$ai_operation")),
        model=model(properties),
        provider=text(first(properties, "provider", "llm_provider", "vendor")),
        time_to_first_token_ms=amount(
            first(properties, "time_to_first_token_ms", "ttft_ms", "first_token_ms", "timeToFirstTokenMs")
        ),
        input_tokens=_tokens(properties, usage, "input_tokens", "prompt_tokens", "tokens_in", "inputTokens", "input"),
        output_tokens=_tokens(
            properties, usage, "output_tokens", "completion_tokens", "tokens_out", "outputTokens", "output"
        ),
        total_tokens=count(first(properties, "total_tokens", "totalTokens"))
        or count(first(usage, "total_tokens", "totalTokens", "total"))
        or (count(tokens) if not isinstance(parsed(tokens), Mapping) else None),
        cost_usd=cost,
        finish_reason=text(first(properties, "finish_reason", "finishReason", "stop_reason"))
        or messages.finish_of(properties.get("choices")),
        tools_called=tools or messages.tools_of(answer) or None,
        error=error,
        http_status=http_status(first(properties, "http_status", "status_code", "statusCode")) or http_status(status),
        prompt=prompt,
        prompt_length=told_length,
        answer=messages.answer_of(answer),
        feedback_text=text(first(properties, "feedback", "feedback_text", "comment")),
    )


def _tokens(properties: Mapping[str, Any], usage: Mapping[str, Any], *names: str) -> int | None:
    # `input` and `output` beside the others are texts, not tokens.
    told = count(first(properties, *names[:-1]))
    return told if told is not None else count(first(usage, *names))
