"""Spans around calls: chains, agents, tools."""

from collections.abc import Iterable, Sequence

from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.llm.calls import Clock
from renderer.timeline.llm.merge import Call
from renderer.timeline.model import Entry
from renderer.timeline.told.entries import span_entry
from renderer.timeline.values import amount, first, text

_NAMES = frozenset({"$ai_span", "$ai_trace", "gen_ai"})
# A server's span of a call that the browser told cannot stick out of it by more than clocks and networks do.
_OVERHANG_MS = 1500.0


def is_span(event: AnalyticsEvent) -> bool:
    return event.name in _NAMES


def tools_by_trace(events: Iterable[AnalyticsEvent]) -> dict[str, list[tuple[float, str]]]:
    """Trace id -> (start in Unix ms, name) of the tools that ran in it."""
    found: dict[str, list[tuple[float, str]]] = {}
    for each in events:
        told = each.properties
        name = text(told.get("gen_ai.tool.name"))
        if name is None and each.name == "$ai_span" and told.get("$ai_span_type") == "tool":
            name = text(told.get("$ai_span_name"))
        trace = text(first(told, "trace_id", "$ai_trace_id"))
        if name and trace and is_span(each):
            found.setdefault(trace, []).append((_start(each), name[:100]))
    return {trace: sorted(ran) for trace, ran in found.items()}


def spans(events: Sequence[AnalyticsEvent], calls: Sequence[Call], clock: Clock) -> list[Entry]:
    """Entries of `events`; a server's span of a call that a browser told too is kept inside of what the user saw."""
    seen = {
        trace: call
        for call in calls
        if call.seen.origin == "browser" and len(call.tellings) > 1 and call.end_ms is not None
        for trace in call.traces
    }
    entries = []
    for each in events:
        start_ms, end_ms = _start(each), each.at_unix_ms
        call = seen.get(text(first(each.properties, "trace_id", "$ai_trace_id")) or "")
        if call is not None and each.origin == "server":
            start_ms, end_ms = _inside(call, start_ms, end_ms)
        entries.append(span_entry(each, clock, start_ms, end_ms))
    return entries


def _inside(call: Call, start_ms: float, end_ms: float) -> tuple[float, float]:
    if call.end_ms is None or start_ms < call.start_ms - _OVERHANG_MS or end_ms > call.end_ms + _OVERHANG_MS:
        return start_ms, end_ms
    start_ms = min(max(start_ms, call.start_ms), call.end_ms)
    return start_ms, max(min(end_ms, call.end_ms), start_ms)


def _start(event: AnalyticsEvent) -> float:
    latency_ms = amount(event.properties.get("latency_ms"))
    if latency_ms is None:
        latency_ms = 1000 * (amount(event.properties.get("$ai_latency")) or 0.0)
    return event.at_unix_ms - latency_ms
