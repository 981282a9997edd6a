"""LLM calls in words: when one was asked, and what came of it."""

from collections.abc import Iterable, Iterator

from renderer.story.draft import Draft
from renderer.story.words import MOST_SHOWN, at_word, counted, prose, seconds, shorten
from renderer.timeline.model import Level, LlmCall
from renderer.timeline.text import plain

# Embeddings are the machinery of a search: told only when one failed.
_QUIET = ("embed",)
_LEAST_EXCERPT = 30
_CUT_SHORT = {
    "length": "the answer was cut off at the length limit",
    "max_tokens": "the answer was cut off at the length limit",
    "content_filter": "the answer was held back by the content filter",
    "safety": "the answer was held back by the content filter",
    "refusal": "it refused",
}


def call_drafts(calls: Iterable[LlmCall]) -> Iterator[Draft]:
    for call in calls:
        if not _is_quiet(call):
            yield _asked(call)
        if call.status != "unanswered" and (call.status == "failed" or not _is_quiet(call)):
            yield _ended(call)


def name_of(call: LlmCall) -> str:
    """The model as a subject: `nora-4-mini`, or `The model`."""
    return shorten(call.model, 50) if call.model else "The model"


def latency_of(call: LlmCall) -> int | None:
    if call.latency_ms is not None:
        return call.latency_ms
    return None if call.end_ms is None else call.end_ms - call.start_ms


def tokens_of(call: LlmCall) -> int | None:
    if call.total_tokens is not None:
        return call.total_tokens
    known = [count for count in (call.input_tokens, call.output_tokens) if count is not None]
    return sum(known) if known else None


def why_failed(call: LlmCall, limit: int = 60) -> str:
    """`model_overloaded (503)`; empty when nobody told."""
    said = shorten(call.error, limit) if call.error else ""
    status = str(call.http_status) if call.http_status else ""
    if status and status not in said:
        return f"{said} ({status})" if said else f"status {status}"
    return said


def _is_quiet(call: LlmCall) -> bool:
    return call.operation.lower().startswith(_QUIET) or call.forms == ("$ai_embedding",)


def _asked(call: LlmCall) -> Draft:
    model = name_of(call) if call.model else "the model"
    unanswered = "; no answer was recorded" if call.status == "unanswered" else ""
    if call.prompt:
        said = f"Asked {model}: “{shorten(call.prompt, 100 - len(model) - len(unanswered))}”"
    elif call.prompt_length:
        said = f"Asked {model} ({counted(call.prompt_length, 'character')})"
    else:
        said = f"Asked {model}"
    return Draft(
        at_ms=call.start_ms,
        text=shorten(said + unanswered),
        kind="llm_call",
        level="warning" if unanswered else "info",
        key=f"asked {call.id}",
        call_id=call.id,
    )


def _ended(call: LlmCall) -> Draft:
    latency = latency_of(call)
    after = f" after {seconds(latency)}" if latency is not None else ""
    at_ms = call.end_ms if call.end_ms is not None else call.start_ms + (latency or 0)
    level: Level = "info"
    if call.status == "failed":
        level = "error"
        why = why_failed(call)
        said = f"{name_of(call)} failed{after}" + (f": {why}" if why else "")
    else:
        said = f"{name_of(call)} {_answered(call)}{after}"
        tokens = tokens_of(call)
        said += f" ({counted(tokens, 'token')})" if tokens else ""
        odd = _CUT_SHORT.get((call.finish_reason or "").lower())
        if odd:
            said, level = f"{said}; {odd}", "warning"
        elif call.answer and MOST_SHOWN - len(said) >= _LEAST_EXCERPT:
            said += f": “{at_word(plain(prose(call.answer), MOST_SHOWN), MOST_SHOWN - len(said) - 4)}”"
    return Draft(
        at_ms=at_ms,
        text=shorten(said),
        kind="llm_call",
        level=level,
        key=f"ended {call.id}",
        call_id=call.id,
    )


def _answered(call: LlmCall) -> str:
    if not call.tools_called or (call.finish_reason or "").lower() not in {"tool_calls", "tool_use", "function_call"}:
        return "answered"
    names = dict.fromkeys(call.tools_called)
    return shorten("asked for " + ", ".join(names), 50)
