"""The parts of a summary that tell what happened. Each takes how many rows may be seen; the rest is folded."""

from collections.abc import Sequence

from renderer.story.calls import latency_of, tokens_of, why_failed
from renderer.story.model import Step
from renderer.story.steps import most_telling
from renderer.story.words import counted, prose, seconds
from renderer.summary.facts import Facts, Repeated
from renderer.summary.markdown import code, details, inline, table
from renderer.summary.timing import ClipTimes, timecode
from renderer.timeline.model import LlmCall

MOST_SAID = 300
MOST_ROWS = 40
"""Rows of one table, the folded ones included; a ticket is not a log."""

_ANSWERED = {"stop", "end_turn", "stop_sequence", "completed", "complete"}


def steps_section(steps: Sequence[Step], most: int) -> str:
    kept = most_telling(steps, most)
    lines = [f"{place}. `{timecode(step.video_ms)}` {_emphasised(step)}" for place, step in enumerate(kept, start=1)]
    left = len(steps) - len(kept)
    if left:
        lines += ["", f"{counted(left, 'less telling step')} left out here; the captions have all {len(steps):,}."]
    return "\n".join(["### What happened", "", *lines])


def _emphasised(step: Step) -> str:
    text = inline(step.text)
    return f"**{text}**" if step.level == "error" else text


def errors_section(facts: Facts, times: ClipTimes, most: int) -> str:
    if not facts.errors:
        return ""
    rows = [
        [times.timecode(seen.entry.at_ms), inline(seen.entry.title, 240), _count(seen)]
        for seen in facts.errors[:MOST_ROWS]
    ]
    return _section("Errors and warnings", ("At", "Message", "Count"), rows, most, len(facts.errors), "message")


def requests_section(facts: Facts, times: ClipTimes, most: int) -> str:
    if not facts.requests:
        return ""
    rows = [_request(seen, times) for seen in facts.requests[:MOST_ROWS]]
    head = ("At", "Request", "Status", "Took", "Count")
    return _section("Failed and slow requests", head, rows, most, len(facts.requests), "request")


def _request(seen: Repeated, times: ClipTimes) -> list[str]:
    facts = seen.entry.properties
    url, method, status = facts.get("url"), facts.get("method"), facts.get("status")
    name = code(" ".join(str(part) for part in (method, url) if part), 200) if url else inline(seen.entry.title)
    took = seconds(seen.longest_ms) if seen.longest_ms else ""
    return [
        times.timecode(seen.entry.at_ms),
        name,
        "no answer" if status == 0 else inline(str(status), 20) if status is not None else "",
        f"up to {took}" if took and seen.count > 1 else took,
        _count(seen),
    ]


def calls_section(facts: Facts, times: ClipTimes, most: int) -> str:
    if not facts.calls:
        return ""
    # Failed and disliked ones stay when there is no room for all.
    order = sorted(facts.calls, key=lambda call: call.status == "answered" and call.satisfied is not False)
    kept = {call.id for call in order[:most]}
    calls = [*(call for call in facts.calls if call.id in kept), *(call for call in facts.calls if call.id not in kept)]
    rows = [_call(call, times) for call in calls[:MOST_ROWS]]
    head = ("At", "Model", "Latency", "First token", "Tokens", "Cost", "Result", "Feedback")
    parts = [_section("LLM calls", head, rows, most, len(calls), "call"), _said(facts.calls, times)]
    return "\n\n".join(part for part in parts if part)


def _said(calls: Sequence[LlmCall], times: ClipTimes) -> str:
    """What was asked and answered, as far as it was recorded and may be told."""
    told = [call for call in calls if call.prompt or call.answer or call.trace_id]
    lines = []
    for call in told[:MOST_ROWS]:
        asked = f"asked “{inline(call.prompt, MOST_SAID)}”" if call.prompt else ""
        answered = f"answered “{inline(prose(call.answer), MOST_SAID)}”" if call.answer else ""
        trace = f"trace {code(call.trace_id, 60)}" if call.trace_id else ""
        said = "; ".join(part for part in (asked, answered, trace) if part)
        lines.append(f"- `{times.timecode(call.start_ms)}` {said}")
    if len(told) > MOST_ROWS:
        lines.append(f"- … and {len(told) - MOST_ROWS:,} more in the manifest")
    return details("What was asked and answered, and the calls' traces", "\n".join(lines)) if lines else ""


def _call(call: LlmCall, times: ClipTimes) -> list[str]:
    latency, first, tokens = latency_of(call), call.time_to_first_token_ms, tokens_of(call)
    both = call.input_tokens is not None and call.output_tokens is not None
    in_and_out = f"{call.input_tokens:,} in, {call.output_tokens:,} out" if both else ""
    return [
        times.timecode(call.start_ms),
        inline(call.model or call.operation, 50),
        seconds(latency) if latency is not None else "",
        seconds(first) if first is not None else "",
        in_and_out or (f"{tokens:,}" if tokens else ""),
        f"USD {call.cost_usd:.4f}" if call.cost_usd is not None else "",
        _result(call),
        _feedback(call),
    ]


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


def _feedback(call: LlmCall) -> str:
    thumb = "" if call.satisfied is None else f"thumbs-{'up' if call.satisfied else 'down'}"
    text = f"“{inline(call.feedback_text, 100)}”" if call.feedback_text else ""
    return ": ".join(part for part in (thumb, text) if part)


def _count(seen: Repeated) -> str:
    return f"{seen.count:,}"


def _section(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], most: int, total: int, noun: str) -> str:
    """A table of `most` of `rows`, the others folded, and how many of `total` are told nowhere."""
    parts = [f"### {title}", table(head, rows[:most])]
    if rows[most:]:
        left = total - len(rows)
        more = f"\n\n… and {counted(left, noun)} more in the manifest." if left > 0 else ""
        parts.append(details(f"{counted(total - most, noun)} more", table(head, rows[most:]) + more))
    return "\n\n".join(parts)
