"""Merged tellings as LlmCalls on the session's clock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from renderer.timeline.llm.feedback import Reaction
from renderer.timeline.llm.merge import Call
from renderer.timeline.model import CallStatus, LlmCall
from renderer.timeline.text import plain


@dataclass(frozen=True, slots=True)
class Clock:
    """Unix ms to session ms; what lies outside the session is moved to its edge."""

    started_at_ms: int
    duration_ms: int

    def __call__(self, at_unix_ms: float) -> int:
        return min(max(round(at_unix_ms - self.started_at_ms), 0), self.duration_ms)


def calls_of(
    merged: Sequence[Call],
    reactions: Sequence[Reaction],
    clock: Clock,
    tools: Mapping[str, Sequence[tuple[float, str]]],
) -> tuple[LlmCall, ...]:
    """One for each of `merged`, in its order. `tools`: what ran in each trace, with its start in Unix ms."""
    about: dict[int, list[Reaction]] = {}
    for each in reactions:
        if each.call is not None:
            about.setdefault(id(each.call), []).append(each)
    ran = _tools(merged, tools)
    used: dict[str, int] = {}
    return tuple(
        _call(call, _unique(_id(call, number), used), about.get(id(call), []), clock, ran.get(id(call), ()))
        for number, call in enumerate(merged, 1)
    )


def _id(call: Call, number: int) -> str:
    named = next((each.id for each in call.tellings if each.id), None)
    return plain(named, 200) if named else f"call-{number}"


def _unique(wanted: str, used: dict[str, int]) -> str:
    """A retry under the same id is a call of its own: `a`, `a#2`."""
    found = wanted
    while found in used:
        used[wanted] += 1
        found = f"{wanted}#{used[wanted]}"
    used[found] = 1
    return found


def _tools(merged: Sequence[Call], tools: Mapping[str, Sequence[tuple[float, str]]]) -> dict[int, tuple[str, ...]]:
    """A tool that ran in a trace was asked for by the newest call of the trace that had begun."""
    if not tools:
        return {}
    found: dict[int, list[str]] = {}
    by_trace: dict[str, list[Call]] = {}
    for call in merged:
        for trace in call.traces:
            by_trace.setdefault(trace, []).append(call)
    for trace, ran in tools.items():
        for at_ms, name in ran:
            begun = [call for call in by_trace.get(trace, ()) if call.start_ms <= at_ms]
            if begun:
                found.setdefault(id(begun[-1]), []).append(name)
    return {call: tuple(dict.fromkeys(names)) for call, names in found.items()}


def _call(call: Call, own_id: str, reactions: Sequence[Reaction], clock: Clock, ran: Sequence[str]) -> LlmCall:
    facts = call.facts
    status, failed_with = _status(call)
    start_ms = clock(call.start_ms)
    end_ms = None if call.end_ms is None else max(clock(call.end_ms), start_ms)
    satisfied, rated_at_ms = _rating(call, reactions)
    total = facts.total_tokens
    if not total and (facts.input_tokens is not None or facts.output_tokens is not None):
        total = (facts.input_tokens or 0) + (facts.output_tokens or 0)
    # Products tell 0 for what was never counted.
    input_tokens, output_tokens, total = (
        each or None if status == "failed" else each for each in (facts.input_tokens, facts.output_tokens, total)
    )
    latency = next((each.latency_ms for each in call.tellings if each.latency_ms is not None), None)
    if latency is None or (call.seen.start_is_told and call.seen.latency_ms is None):
        latency = None if call.end_ms is None else max(0.0, call.end_ms - call.start_ms)
    return LlmCall(
        id=own_id,
        status=status,
        forms=tuple(dict.fromkeys(each.form for each in call.tellings)),
        start_ms=start_ms,
        end_ms=end_ms,
        start_is_told=call.start_is_told,
        latency_ms=None if latency is None or end_ms is None else round(latency),
        time_to_first_token_ms=None if facts.time_to_first_token_ms is None else round(facts.time_to_first_token_ms),
        operation=facts.operation or "chat",
        model=_line(facts.model),
        provider=_line(facts.provider),
        input_tokens=input_tokens,
        output_tokens=output_tokens,
        total_tokens=total,
        cost_usd=facts.cost_usd,
        finish_reason=_line(facts.finish_reason),
        tools_called=tuple(dict.fromkeys([*(facts.tools_called or ()), *ran])),
        error=failed_with,
        http_status=facts.http_status,
        trace_id=next((each.trace_id for each in call.tellings if each.trace_id), None),
        prompt=facts.prompt,
        prompt_length=facts.prompt_length
        if facts.prompt_length is not None
        else (len(facts.prompt) if facts.prompt else None),
        answer=facts.answer,
        satisfied=satisfied,
        rated_at_ms=None if rated_at_ms is None else clock(rated_at_ms),
        feedback_text=next(
            (each.text for each in reversed(reactions) if each.text and each.name is None), facts.feedback_text
        ),
    )


def _status(call: Call) -> tuple[CallStatus, str | None]:
    """What the user saw: a server may have answered a request that never came back."""
    ended = next((each for each in call.tellings if each.end_ms is not None), None)
    if ended is None:
        return "unanswered", None
    if not ended.failed:
        return "answered", None
    return "failed", call.facts.error


def _rating(call: Call, reactions: Sequence[Reaction]) -> tuple[bool | None, float | None]:
    """The last opinion, and when it was first given."""
    given = [(each.event.at_unix_ms, each.satisfied) for each in reactions if each.satisfied is not None]
    given += [
        (each.rated_at_ms, each.satisfied)
        for each in call.tellings
        if each.satisfied is not None and each.rated_at_ms is not None
    ]
    satisfied: bool | None = None
    at_ms: float | None = None
    for at, opinion in sorted(given):
        if opinion != satisfied:
            satisfied, at_ms = opinion, at
    return satisfied, at_ms


def _line(value: str | None) -> str | None:
    return (plain(value, 100) or None) if value else None
