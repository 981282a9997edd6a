"""PostHog's `$ai_generation` and `$ai_embedding` as Tellings. Both are sent when the call has ended.

https://posthog.com/docs/llm-analytics/generations
"""

from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm import messages
from renderer.timeline.llm.errors import error_text, http_status
from renderer.timeline.llm.telling import Facts, Telling
from renderer.timeline.model import CallForm
from renderer.timeline.values import amount, count, first, flag, mapping, text

_FORMS: dict[str, CallForm] = {"$ai_generation": "$ai_generation", "$ai_embedding": "$ai_embedding"}


def is_call(event: AnalyticsEvent) -> bool:
    return event.name in _FORMS


def telling(event: AnalyticsEvent) -> Telling:
    told = event.properties
    latency_s = amount(told.get("$ai_latency"))
    latency_ms = None if latency_s is None else latency_s * 1000
    facts = _facts(event)
    is_error = flag(told.get("$ai_is_error"))
    failed = is_error is True or (facts.http_status or 0) >= 400 or (is_error is None and facts.error is not None)
    ids = [
        found
        for name in ("$ai_generation_id", "$ai_span_id", "$ai_completion_id", "llm_call_id")
        if (found := text(told.get(name)))
    ]
    return Telling(
        form=_FORMS[event.name],
        origin=event.origin,
        start_ms=event.at_unix_ms - (latency_ms or 0.0),
        end_ms=event.at_unix_ms,
        start_is_told=False,
        latency_ms=latency_ms,
        id=ids[0] if ids else event.uuid,
        ids=frozenset([*ids, *([event.uuid] if event.uuid else [])]),
        trace_id=text(told.get("$ai_trace_id")),
        failed=failed,
        facts=facts,
        window_id=event.window_id,
    )


def _facts(event: AnalyticsEvent) -> Facts:
    told = event.properties
    choices = first(told, "$ai_output_choices", "$ai_output")
    first_token_s = amount(told.get("$ai_time_to_first_token"))
    input_tokens, output_tokens = count(told.get("$ai_input_tokens")), count(told.get("$ai_output_tokens"))
    return Facts(
        operation="embeddings" if event.name == "$ai_embedding" else "chat",
        model=text(first(told, "$ai_model", "$ai_response_model")),
        provider=text(told.get("$ai_provider")),
        time_to_first_token_ms=None if first_token_s is None else first_token_s * 1000,
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=count(told.get("$ai_total_tokens")),
        cost_usd=_cost(told),
        finish_reason=text(first(told, "$ai_stop_reason", "$ai_finish_reason")) or messages.finish_of(choices),
        tools_called=messages.tool_names(told.get("$ai_tools_called")) or messages.tools_of(choices) or None,
        error=error_text(first(told, "$ai_error", "$ai_error_normalized", "$ai_error_type")),
        http_status=http_status(told.get("$ai_http_status")),
        prompt=messages.prompt_of(told.get("$ai_input")),
        answer=None if event.name == "$ai_embedding" else messages.answer_of(choices),
    )


def _cost(told: Any) -> float | None:
    total = amount(told.get("$ai_total_cost_usd"))
    if total is not None:
        return total
    parts = [amount(mapping(told).get(name)) for name in ("$ai_input_cost_usd", "$ai_output_cost_usd")]
    known = [part for part in parts if part is not None]
    return sum(known) if known else None
