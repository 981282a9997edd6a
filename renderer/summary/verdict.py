"""What the ticket is about: the answer that was disliked, the call that failed, or the first error; and what came after it."""

from collections.abc import Sequence

from renderer.story.calls import name_of, why_failed
from renderer.story.model import Step
from renderer.story.words import at_word, seconds
from renderer.summary.answer import beginning
from renderer.summary.facts import Facts
from renderer.summary.markdown import inline
from renderer.summary.timing import ClipTimes
from renderer.timeline.model import LlmCall

_QUESTION = 100
_ANSWER = 200
_REMARK = 120
_BEFORE_MS = 10_000
_DONE = frozenset({"click", "rage_click", "dead_click", "input", "navigation", "page_load", "feedback"})


def verdict(facts: Facts, times: ClipTimes, steps: Sequence[Step]) -> str:
    """One or two sentences of Markdown; empty when nothing went wrong, or nothing more is known of it."""
    chats = sorted(facts.chats, key=lambda call: call.start_ms)
    disliked = [call for call in chats if call.satisfied is False]
    if disliked:
        bad = _answer_meant(disliked)
        sentences = [_disliked(bad), _afterwards(bad, chats)]
    elif wrong := [call for call in chats if call.status != "answered"]:
        bad = next((call for call in wrong if call.prompt), wrong[0])
        sentences = [_unserved(bad), _asked_again(bad, chats)]
    else:
        sentences = [_first_error(steps, times)]
    return " ".join(_ended(sentence) for sentence in sentences if sentence)


def _answer_meant(disliked: Sequence[LlmCall]) -> LlmCall:
    """The first complaint's answer: of an agent's calls, which share a thumb, the last that said something."""
    first_ms = min((call.rated_at_ms for call in disliked if call.rated_at_ms is not None), default=None)
    meant = [call for call in disliked if call.rated_at_ms == first_ms]
    return next((call for call in reversed(meant) if call.answer), meant[-1])


def _ended(sentence: str) -> str:
    return sentence if sentence.endswith((".", ".”", "!”", "?”", "…”")) else f"{sentence}."


def question(call: LlmCall) -> str:
    """Equal for calls that ask the same; empty when it was not recorded."""
    return " ".join((call.prompt or "").split()).casefold()


def _disliked(call: LlmCall) -> str:
    what = f"The answer to {_quoted(call.prompt)}" if call.prompt else "This answer" if call.answer else ""
    said = _ended(f"{what} was disliked{_said(call)}") if what else ""
    remark = at_word(call.feedback_text or "", _REMARK)
    return " ".join(
        part for part in (said, f"The user wrote: “{inline(remark, 2 * _REMARK)}”" if remark else "") if part
    )


def _unserved(call: LlmCall) -> str:
    if not call.prompt:
        return ""
    if call.status == "unanswered":
        return f"No answer was recorded to {_quoted(call.prompt)}"
    why = why_failed(call)
    return f"The failed call asked {_quoted(call.prompt)}" + (
        f"; {_name(call)} said {inline(why, 80)}." if why else "."
    )


def _asked_again(bad: LlmCall, chats: Sequence[LlmCall]) -> str:
    later = [call for call in chats if call.start_ms > bad.start_ms and question(call) == question(bad)]
    return f"The same was asked again: {_outcome(later)}" if later and question(bad) else ""


def _afterwards(bad: LlmCall, chats: Sequence[LlmCall]) -> str:
    """What was asked next after the complaint, and what came of it, however often it took."""
    since_ms = max(bad.start_ms, *(at for at in (bad.end_ms, bad.rated_at_ms) if at is not None), bad.start_ms)
    later = [call for call in chats if call.start_ms >= since_ms and call is not bad]
    if not later:
        return ""
    same = [call for call in later if question(call) == question(later[0])] if question(later[0]) else later[:1]
    if not question(same[0]) and not same[0].answer:
        return ""
    if question(same[0]) and question(same[0]) == question(bad):
        return f"The same was then asked again: {_outcome(same)}"
    return f"Then {_quoted(same[0].prompt) if same[0].prompt else 'something else'} was asked: {_outcome(same)}"


def _outcome(calls: Sequence[LlmCall]) -> str:
    """`nora failed once (model_overloaded), then answered: “…”`: of calls that asked the same, in order of time."""
    good = [call for call in calls if call.status == "answered"]
    answered = next((call for call in good if call.answer), good[0] if good else None)
    before = calls[: calls.index(answered)] if answered else calls
    failed = [call for call in before if call.status == "failed"]
    parts = []
    if failed:
        why = next((why for call in failed if (why := call.error or why_failed(call))), "")
        times = {1: "once", 2: "twice"}.get(len(failed), f"{len(failed)} times")
        parts.append(f"failed {times}" + (f" ({inline(why, 80)})" if why else ""))
    if any(call.status == "unanswered" for call in before):
        parts.append("gave no answer")
    if answered:
        parts.append(f"{'then ' if parts else ''}answered{_said(answered)}")
    return f"{_name(answered or calls[0])} {', '.join(parts)}"


def _name(call: LlmCall) -> str:
    return inline(name_of(call), 50) if call.model else "the model"


def _said(call: LlmCall) -> str:
    return f": “{inline(beginning(call.answer, _ANSWER), 2 * _ANSWER)}”" if call.answer else ""


def _quoted(text: str | None) -> str:
    return f"“{inline(beginning(text or '', _QUESTION), 2 * _QUESTION)}”"


def _first_error(steps: Sequence[Step], times: ClipTimes) -> str:
    first = next((place for place, step in enumerate(steps) if step.level == "error"), None)
    if first is None:
        return ""
    step = steps[first]
    if step.kind in _DONE:
        return f"It first went wrong at `{times.clock(step.video_ms)}`: {inline(step.text)}"
    done = [before for before in steps[:first] if before.kind in _DONE and step.at_ms - before.at_ms <= _BEFORE_MS]
    if not done:
        return f"The first error came at `{times.clock(step.video_ms)}`"
    after = seconds(step.at_ms - done[-1].at_ms)
    return f"The first error came at `{times.clock(step.video_ms)}`, {after} after this: {inline(done[-1].text)}"
