"""The parts of a summary that tell what happened. Each takes how many rows may be seen; the rest is folded."""

import math
from collections.abc import Callable, Sequence, Set
from functools import partial

from renderer.story.calls import latency_of, tokens_of, why_failed
from renderer.story.model import Step
from renderer.story.steps import most_telling
from renderer.story.words import counted, seconds
from renderer.summary.facts import Facts, Repeated, happened_ms
from renderer.summary.markdown import code, inline
from renderer.summary.rows import Row, Told, section
from renderer.summary.timing import ClipTimes
from renderer.timeline.model import LlmCall

_ANSWERED = {"stop", "end_turn", "stop_sequence", "completed", "complete"}


def steps_told(steps: Sequence[Step], most: int) -> tuple[Step, ...]:
    """The `most` telling ones; what was skipped is seen in the picture and said of the clip."""
    return most_telling([step for step in steps if step.kind != "idle"], most)


def steps_section(steps: Sequence[Step], kept: Sequence[Step], times: ClipTimes) -> str:
    """Times of the clip, and where they differ those of the session, which the picture's clock shows."""
    lines = [f"{place}. {_times(step, times)} {_emphasised(step)}" for place, step in enumerate(kept, start=1)]
    clocks = [
        "Times are the clip's; in brackets, where it differs, the session's, which the clock in the picture shows.",
        "",
    ]
    left = sum(step.kind != "idle" for step in steps) - len(kept)
    if left:
        lines += ["", f"{counted(left, 'less telling step')} left out here; the captions have all {len(steps):,}."]
    return "\n".join(["### What happened", "", *(clocks if any(_differ(step, times) for step in kept) else []), *lines])


def _differ(step: Step, times: ClipTimes) -> bool:
    return times.clock(step.video_ms) != times.clock(step.at_ms)


def _times(step: Step, times: ClipTimes) -> str:
    session = f" (session {times.clock(step.at_ms)})" if _differ(step, times) else ""
    return f"`{times.clock(step.video_ms)}`{session}"


def _emphasised(step: Step) -> str:
    text = inline(step.text)
    return f"**{text}**" if step.level == "error" else text


def errors_section(facts: Facts, times: ClipTimes, told: Told, most: int, rows: int) -> str:
    if not facts.errors:
        return ""
    levels = {seen.entry.level for seen in facts.errors}
    title = "Errors and warnings" if len(levels) > 1 else "Errors" if "error" in levels else "Warnings"
    lines = _rows(facts.errors, _error, times, told)
    return section(title, ("At", "Message", "Count"), lines, most, rows, "message")


def _rows(
    found: Sequence[Repeated],
    cells: Callable[[Repeated, Sequence[Repeated], ClipTimes], tuple[str, ...]],
    times: ClipTimes,
    told: Told,
) -> list[Row]:
    return [
        Row(
            cells=partial(cells, seen, found, times),
            weight=seen.entry.level == "error",
            is_told=told.knows(seen.entry),
        )
        for seen in found
    ]


def _error(seen: Repeated, among: Sequence[Repeated], times: ClipTimes) -> tuple[str, ...]:
    return times.timecode(seen.entry.at_ms), inline(seen.entry.title, 240), _count(seen, among)


def requests_section(facts: Facts, times: ClipTimes, told: Told, most: int, rows: int) -> str:
    if not facts.requests:
        return ""
    levels = {seen.entry.level for seen in facts.requests}
    kind = "Failed and slow" if len(levels) > 1 else "Failed" if "error" in levels else "Slow"
    lines = _rows(facts.requests, _request, times, told)
    return section(f"{kind} requests", ("At", "Request", "Status", "Took", "Count"), lines, most, rows, "request")


def _request(seen: Repeated, among: Sequence[Repeated], times: ClipTimes) -> tuple[str, ...]:
    facts = seen.entry.properties
    url, method, status = facts.get("url"), facts.get("method"), facts.get("status")
    name = code(" ".join(str(part) for part in (method, url) if part), 200) if url else inline(seen.entry.title)
    took = seconds(seen.longest_ms) if seen.longest_ms else ""
    return (
        times.timecode(happened_ms(seen.entry)),
        name,
        "no answer" if status == 0 else inline(str(status), 20) if status is not None else "",
        f"up to {took}" if took and seen.count > 1 else took,
        _count(seen, among),
    )


def calls_section(facts: Facts, times: ClipTimes, most: int, rows: int) -> str:
    if not facts.calls:
        return ""
    # Failed and disliked ones stay when there is no room for all.
    lines = [
        Row(
            cells=partial(_call, call, times, facts.unsaved),
            weight=call.status != "answered" or call.satisfied is False,
        )
        for call in facts.calls
    ]
    head = ("Asked", "Model", "Latency", "First token", "Tokens", "Cost", "Result", "Feedback")
    return section("LLM calls", head, lines, most, rows, "call")


def _call(call: LlmCall, times: ClipTimes, unsaved: Set[str]) -> tuple[str, ...]:
    latency, first, tokens = latency_of(call), call.time_to_first_token_ms, tokens_of(call)
    both = call.input_tokens is not None and call.output_tokens is not None
    in_and_out = f"{call.input_tokens:,} in, {call.output_tokens:,} out" if both else ""
    return (
        times.timecode(call.start_ms),
        inline(call.model or call.operation, 50),
        seconds(latency) if latency is not None else "",
        seconds(first) if first is not None else "",
        in_and_out or (f"{tokens:,}" if tokens else ""),
        dollars(call.cost_usd) if call.cost_usd is not None else "",
        _result(call),
        _feedback(call, is_unsaved=call.id in unsaved),
    )


def _result(call: LlmCall) -> str:
    if call.status == "unanswered":
        return "**no answer**"
    if call.status == "failed":
        why = why_failed(call, 100)
        return f"**failed**: {inline(why, 110)}" if why else "**failed**"
    reason = (call.finish_reason or "").lower()
    said = "answered" if not reason or reason in _ANSWERED else f"answered ({inline(call.finish_reason, 40)})"
    tools = list(dict.fromkeys(call.tools_called))
    return f"{said}, called {', '.join(inline(name, 40) for name in tools[:3])}" if tools else said


def _feedback(call: LlmCall, *, is_unsaved: bool) -> str:
    thumb = "" if call.satisfied is None else f"thumbs-{'up' if call.satisfied else 'down'}"
    text = f"“{inline(call.feedback_text, 100)}”" if call.feedback_text else ""
    return ": ".join(part for part in (f"{thumb} (saving failed)" if is_unsaved else thumb, text) if part)


def dollars(cost: float) -> str:
    """Two significant digits of what is mostly a fraction of a cent: `$0.00028`, `$12.50`."""
    if cost >= 1 or cost <= 0:
        return f"${cost:,.2f}"
    return f"${cost:.{min(1 - math.floor(math.log10(cost)), 12)}f}"


def _count(seen: Repeated, among: Sequence[Repeated]) -> str:
    return f"{seen.count:,}" if any(one.count > 1 for one in among) else ""
