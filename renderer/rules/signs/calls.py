"""What is said of an LLM call by the others of its session: slow as they go, timed out, cut short."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from renderer.timeline.model import Entry, Value

FEWEST_OTHERS: Final = 3
"""A session's own usual is known from so many other calls."""
UNANSWERED_MS: Final = 30_000
"""Of a call without an end more is not known when the session ends sooner."""
_ANSWERED: Final = "answered"
# OpenAI, Ollama and Vercel say length, Anthropic max_tokens and model_context_window_exceeded, Google and Cohere MAX_TOKENS,
# OpenAI's Responses max_output_tokens, Mistral model_length, Cohere ERROR_LIMIT, llama.cpp limit.
CUT_SHORT: Final = frozenset(
    {
        "length",
        "max_tokens",
        "max_output_tokens",
        "max_new_tokens",
        "max_length",
        "model_length",
        "token_limit",
        "limit",
    }
    | {"error_limit", "model_context_window_exceeded"}
)
_PREFIX: Final = re.compile(r".*\.|finish_reason_")
# Request Timeout, Gateway Timeout, and Cloudflare's.
_TIMED_OUT: Final = frozenset({408, 504, 522, 524})
_TIMEOUT: Final = re.compile(r"tim(?:e|ed)[\s_-]?out|deadline[\s_-]?exceeded", re.IGNORECASE)


def is_question(call: Entry) -> bool:
    """Whether it may be a person's: embeddings are made of texts to find them again."""
    return call.properties.get("operation") != "embeddings"


def with_usual(entries: Iterable[Entry]) -> list[Entry]:
    """Each call with the properties `times_usual` (its latency over the median of the session's other answered calls of the same
    operation and model), `timed_out` and `cut_short`.
    """
    listed = list(entries)
    latencies: dict[object, list[tuple[Entry, float]]] = {}
    for entry in listed:
        told = entry.properties
        latency = told.get("latency_ms")
        if told.get("status") == _ANSWERED and isinstance(latency, int | float):
            latencies.setdefault((told.get("operation"), told.get("model")), []).append((entry, float(latency)))
    usual: dict[int, float] = {}
    for calls in latencies.values():
        if len(calls) > FEWEST_OTHERS:
            ordered = sorted(latency for _, latency in calls)
            for entry, own in calls:
                if (middle := _median_without(ordered, own)) > 0:
                    usual[id(entry)] = round(own / middle, 2)
    return [_told(entry, usual.get(id(entry))) for entry in listed]


def _median_without(ordered: Sequence[float], own: float) -> float:
    """Of what is ordered without one `own` in it."""
    place, others = bisect_left(ordered, own), len(ordered) - 1
    low, high = (ordered[each + (each >= place)] for each in ((others - 1) // 2, others // 2))
    return (low + high) / 2


def _told(entry: Entry, times_usual: float | None) -> Entry:
    facts: dict[str, Value] = {
        **entry.properties,
        "timed_out": _has_timed_out(entry),
        "cut_short": _is_cut_short(entry.properties),
    }
    if times_usual is not None:
        facts["times_usual"] = times_usual
    return replace(entry, properties=facts)


def _has_timed_out(call: Entry) -> bool:
    told = call.properties
    if told.get("status") == "unanswered":  # lasts to the session's end
        return call.until_ms is not None and call.until_ms - call.at_ms >= UNANSWERED_MS
    error = told.get("error")
    return told.get("status") == "failed" and (
        told.get("http_status") in _TIMED_OUT or (isinstance(error, str) and _TIMEOUT.search(error) is not None)
    )


def _is_cut_short(told: Mapping[str, Value]) -> bool:
    reason = told.get("finish_reason")
    if not isinstance(reason, str):
        return False
    return _PREFIX.sub("", reason.casefold().replace("-", "_").replace(" ", "_")) in CUT_SHORT
