"""LLM calls as cards."""

from collections.abc import Iterable, Sequence
from typing import Final

from renderer.plan.model import ClipPlan
from renderer.player.protocol import Card
from renderer.story.words import prose
from renderer.timeline.model import Entry, LlmCall
from renderer.timeline.text import plain

MOST_CARDS: Final = 200

EARLIER: Final = 2
"""So many calls from before the range are shown with those in it: what was said just before."""

UNANSWERED_MS: Final = 30_000
"""So long a call of whose end nobody told is shown as waiting."""

MOST_DECIMALS: Final = 8
"""Of a dollar."""

MODEL: Final = 60
PASSAGE: Final = 280
FACT: Final = 60
ERROR: Final = 160

_USUAL_ENDS: Final = {
    "stop",
    "stop_sequence",
    "end_turn",
    "eos",
    "eos_token",
    "complete",
    "completed",
    "finished",
    "done",
    "success",
}
"""Finish reasons of an answer that is whole, as providers name them: nobody needs to be told."""

_TOOL_ENDS: Final = {"tool_calls", "tool_use", "tool_call", "function_call"}
"""Finish reasons that say no more than the names of the tools do."""


def calls_shown(calls: Iterable[LlmCall], entries: Iterable[Entry], plan: ClipPlan) -> list[LlmCall]:
    """Calls of a window while it is on screen, or of none, that begin or go on in its range, and the last few before them. Sorted."""
    elsewhere = {
        entry.properties.get("call_id")
        for entry in entries
        if entry.kind == "llm_call" and not plan.shows(entry.window_id, entry.at_ms, entry.until_ms)
    }
    own = sorted((call for call in calls if call.id not in elsewhere), key=lambda call: call.start_ms)
    inside = [call for call in own if call.start_ms < plan.to_ms and _end_ms(call) >= plan.from_ms]
    if not inside:
        return []
    before = [call for call in own if _end_ms(call) < plan.from_ms]
    return sorted([*before[-EARLIER:], *inside], key=lambda call: call.start_ms)[:MOST_CARDS]


def cards_of(calls: Iterable[LlmCall]) -> list[Card]:
    return [
        Card(
            start_ms=call.start_ms,
            end_ms=_end_ms(call),
            status=call.status,
            latency_ms=call.latency_ms,
            first_token_ms=call.time_to_first_token_ms,
            model=plain(call.model or call.operation, MODEL),
            prompt=plain(call.prompt, PASSAGE),
            answer=plain(prose(call.answer or ""), PASSAGE),
            facts=[plain(fact, FACT) for fact in _facts(call)],
            error=plain(call.error, ERROR) or (_http(call) if call.status == "failed" else ""),
            rating=None if call.satisfied is None else "up" if call.satisfied else "down",
            rated_at_ms=call.rated_at_ms,
            feedback=plain(call.feedback_text, PASSAGE),
        )
        for call in calls
    ]


def _end_ms(call: LlmCall) -> int:
    if call.end_ms is not None:
        return max(call.start_ms, call.end_ms)
    return call.start_ms + (UNANSWERED_MS if call.latency_ms is None else call.latency_ms)


def _facts(call: LlmCall) -> Sequence[str]:
    facts = []
    if call.input_tokens is not None and call.output_tokens is not None:
        facts.append(f"{call.input_tokens:,} tokens in, {call.output_tokens:,} out")
    elif tokens := call.total_tokens or call.output_tokens or call.input_tokens:
        facts.append(f"{tokens:,} {'token' if tokens == 1 else 'tokens'}")
    if call.cost_usd is not None:
        facts.append(_dollars(call.cost_usd))
    if call.finish_reason and not _is_usual(call):
        facts.append(f"finish: {call.finish_reason}")
    if call.tools_called:
        facts.append(f"{'tool' if len(call.tools_called) == 1 else 'tools'}: {', '.join(call.tools_called)}")
    if call.operation != "chat" and call.model:
        facts.append(call.operation)
    if call.error and _http(call):
        facts.append(_http(call))
    if not call.prompt and call.prompt_length is not None:
        facts.append(f"prompt of {call.prompt_length:,} characters")
    return facts


def _http(call: LlmCall) -> str:
    return f"HTTP {call.http_status}" if call.http_status is not None else ""


def _is_usual(call: LlmCall) -> bool:
    reason = (call.finish_reason or "").strip().lower()
    known = reason == "error" if call.status == "failed" else reason in _TOOL_ENDS and bool(call.tools_called)
    return known or reason in _USUAL_ENDS


def _dollars(cost: float) -> str:
    """Two significant digits of what is mostly a fraction of a cent."""
    if not 0 < cost < 1:
        return f"${cost:,.2f}"
    # Where the first digit stands once it is rounded: 0.0996 is 0.10.
    first = -int(f"{cost:.1e}".partition("e")[2])
    return f"${cost:.{min(max(2, first + 1), MOST_DECIMALS)}f}"
