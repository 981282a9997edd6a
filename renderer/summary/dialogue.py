"""What was asked and answered, to be read whole: folded, because a ticket is not a transcript."""

from collections.abc import Sequence

from renderer.story.calls import why_failed
from renderer.story.words import at_word
from renderer.summary.answer import quotation
from renderer.summary.markdown import code, details, inline
from renderer.summary.timing import ClipTimes
from renderer.timeline.model import LlmCall

_ASKED = 600


def dialogue(calls: Sequence[LlmCall], times: ClipTimes, most: int, limit: int) -> str:
    """`most` calls, each answer with at most `limit` characters: as far as it was recorded and may be told."""
    told = [call for call in calls if call.prompt or call.answer or call.trace_id]
    parts = [_exchange(call, times, limit) for call in told[:most]]
    if len(told) > most:
        parts.append(f"… and {len(told) - most:,} more in the manifest.")
    return details("What was asked and answered, and the calls' traces", "\n\n".join(parts)) if parts else ""


def _exchange(call: LlmCall, times: ClipTimes, limit: int) -> str:
    prompt = at_word(call.prompt or "", min(limit, _ASKED))
    asked = f"**asked** “{inline(prompt, 2 * _ASKED)}”" if prompt else "**asked**"
    trace = f" (trace {code(call.trace_id, 60)})" if call.trace_id else ""
    lines = [f"`{times.timecode(call.start_ms)}` {asked}{trace}", _answer(call, limit)]
    return "\n\n".join(line for line in lines if line)


def _answer(call: LlmCall, limit: int) -> str:
    if call.answer and (quoted := quotation(call.answer, limit)):
        return quoted
    if call.status == "failed":
        why = why_failed(call, 100)
        return f"> failed: {inline(why, 110)}" if why else "> failed"
    return "> no answer was recorded" if call.status == "unanswered" else ""
