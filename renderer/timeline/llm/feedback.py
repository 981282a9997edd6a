"""What people, and evaluators, said of an answer: ratings, texts, scores."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm.merge import Call
from renderer.timeline.llm.opinion import opinion
from renderer.timeline.llm.pairing import CALL_IDS
from renderer.timeline.values import first, flag, number, text

_RATING = re.compile(r"rat(?:ed|ing)|feedback|thumb|vote[ds]?\b|react(?:ed|ion)|satisf|helpful", re.IGNORECASE)
_GIVEN = (
    "rating",
    "user_satisfied",
    "satisfied",
    "thumbs",
    "thumb",
    "vote",
    "helpful",
    "reaction",
    "sentiment",
    "value",
    "score",
)
_TEXTS = ("feedback_text", "comment", "text", "message", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reaction:
    """`satisfied` is the user's thumb; `name` and `value` are of a metric or an evaluation, which are nobody's thumb."""

    event: AnalyticsEvent
    satisfied: bool | None = None
    text: str | None = None
    name: str | None = None
    value: str | float | bool | None = None
    ids: frozenset[str] = frozenset()
    trace_id: str | None = None
    call: Call | None = None


def reaction(event: AnalyticsEvent) -> Reaction | None:
    """None when `event` is no reaction to an answer."""
    told = event.properties
    ids = frozenset(
        found
        for name in (
            *CALL_IDS,
            "$ai_generation_id",
            "$ai_span_id",
            "$ai_target_event_id",
            "$ai_parent_id",
            "gen_ai.response.id",
        )
        if (found := text(told.get(name)))
    )
    trace_id = text(first(told, "$ai_trace_id", "trace_id", "traceId"))
    common = Reaction(event=event, ids=ids, trace_id=trace_id)
    if event.name == "$ai_feedback":
        return replace(common, text=text(told.get("$ai_feedback_text")))
    if event.name == "$ai_metric":
        return _metric(common, text(told.get("$ai_metric_name")) or "metric", told.get("$ai_metric_value"))
    if event.name == "$ai_evaluation":
        result = told.get("$ai_evaluation_result")
        passed = flag(result)
        return replace(
            common,
            name=text(told.get("$ai_evaluation_name")) or "evaluation",
            value=passed if passed is not None else _scalar(result),
            text=text(told.get("$ai_evaluation_reasoning")),
        )
    return _plain(common, told)


def _metric(common: Reaction, name: str, value: Any) -> Reaction:
    given = opinion(value) if _is_about_satisfaction(name) else None
    return replace(common, name=name, value=_scalar(value), satisfied=given)


def _plain(common: Reaction, told: Mapping[str, Any]) -> Reaction | None:
    """An application's own event, `answer_rated {llm_call_id, rating: "up"}` and the like."""
    name = common.event.name
    if name.startswith("$") or not _RATING.search(name):
        return None
    value = first(told, *_GIVEN)
    given = opinion(value)
    if given is None:
        given = opinion(name.lower().replace("-", "_")) if value is None else None
    said = text(first(told, *_TEXTS))
    is_joined = bool(common.ids) or common.trace_id is not None
    if given is None and not (is_joined and (value is not None or said)):
        return None
    scale = None if given is not None else _scalar(value)
    return replace(common, satisfied=given, text=said, name="rating" if scale is not None else None, value=scale)


def _is_about_satisfaction(name: str) -> bool:
    return bool(_RATING.search(name)) or name.lower() in {"score", "user_score", "sentiment", "quality", "like"}


def _scalar(value: Any) -> str | float | bool | None:
    if isinstance(value, bool):
        return value
    found = number(value)
    return found if found is not None else text(value)


def joined(reactions: Sequence[Reaction], calls: Sequence[Call]) -> list[Reaction]:
    """Each reaction with the call it is about: by id, else the newest of the trace that had begun; None when unknown."""
    by_id: dict[str, Call] = {}
    by_trace: dict[str, list[Call]] = {}
    for call in calls:
        for each in call.ids:
            by_id.setdefault(each, call)
        for trace in call.traces:
            by_trace.setdefault(trace, []).append(call)
    return [replace(each, call=_about(each, by_id, by_trace)) for each in reactions]


def _about(one: Reaction, by_id: Mapping[str, Call], by_trace: Mapping[str, list[Call]]) -> Call | None:
    for each in sorted(one.ids):
        if each in by_id:
            return by_id[each]
    if one.trace_id is None:
        return None
    same_trace = by_trace.get(one.trace_id, [])
    if not same_trace:  # an application that names its trace after its call
        return by_id.get(one.trace_id)
    begun = [call for call in same_trace if call.start_ms <= one.event.at_unix_ms]
    return (begun or same_trace)[-1]
