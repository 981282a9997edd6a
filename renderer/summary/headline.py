"""The summary's first line: what happened, in one sentence."""

from collections import Counter
from collections.abc import Sequence

from renderer.story.calls import why_failed
from renderer.story.model import Step
from renderer.story.words import quoted
from renderer.summary.facts import Facts
from renderer.summary.markdown import inline
from renderer.timeline.model import LlmCall

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def headline(facts: Facts, steps: Sequence[Step]) -> str:
    """Markdown of at most some 400 characters, a full stop at its end."""
    chats = [call for call in facts.calls if not call.operation.lower().startswith("embed")]
    if not chats and not steps:
        return "Nothing that the recording tells of happened in this clip."
    calls, errors = _calls_gone_wrong(chats), _errors(facts, steps)
    parts = [_asked(chats, facts) if chats else _did(steps), *calls, *_thumbs(chats), *errors]
    if not calls and not errors:
        parts.append("no errors were recorded")
    return "; ".join(parts) + "."


def _asked(calls: Sequence[LlmCall], facts: Facts) -> str:
    names = list(dict.fromkeys(call.model or "" for call in calls))
    models = " and ".join(inline(name, 50) if name else "the model" for name in names[:2])
    if len(names) > 2:
        models = f"{inline(names[0], 50) or 'the model'} and {_number(len(names) - 1)} other models"
    # An agent calls the model many times for one question.
    is_agent = any(call.tools_called for call in calls) or any(entry.kind == "llm_span" for entry in facts.entries)
    if is_agent:
        return f"The application called {models} {_times(len(calls))} for the user"
    return f"The user asked {models} {'a question' if len(calls) == 1 else f'{_number(len(calls))} questions'}"


def _did(steps: Sequence[Step]) -> str:
    count = Counter(step.kind for step in steps for _ in range(step.count))
    opened = next((name for step in steps if step.kind == "page_load" and (name := quoted(step.text))), None)
    done = [f"opened “{inline(opened, 80)}”" if opened else ""]
    if count["navigation"]:
        done.append(f"went to {_of(count['navigation'], 'page')}")
    clicks = count["click"] + count["rage_click"] + count["dead_click"]
    done.append(f"clicked {_times(clicks)}" if clicks else "")
    done.append(f"typed into {_of(count['input'], 'field')}" if count["input"] else "")
    return f"The user {_listed([part for part in done if part]) or 'looked at a page'}"


def _calls_gone_wrong(calls: Sequence[LlmCall]) -> list[str]:
    parts = []
    failed = [call for call in calls if call.status == "failed"]
    if failed:
        reasons = list(dict.fromkeys(why for call in failed if (why := call.error or why_failed(call))))
        why = f" ({', '.join(inline(reason, 80) for reason in reasons[:2])})" if reasons else ""
        parts.append(f"{_of(len(failed), 'call')} failed{why}")
    open_calls = sum(call.status == "unanswered" for call in calls)
    return [*parts, f"{_of(open_calls, 'call')} got no answer"] if open_calls else parts


def _thumbs(calls: Sequence[LlmCall]) -> list[str]:
    given = Counter(call.satisfied for call in calls if call.satisfied is not None)
    said = [f"{_number(given[up])} got a thumbs-{way}" for up, way in ((False, "down"), (True, "up")) if given[up]]
    if not said:
        return []
    one = given[False] == 1 if given[False] else given[True] == 1
    return [said[0].replace(" got", f" answer{'' if one else 's'} got", 1) + "".join(f", {rest}" for rest in said[1:])]


def _errors(facts: Facts, steps: Sequence[Step]) -> list[str]:
    """What the steps tell of errors: a failed request that was a failed call is told as that already."""
    parts = []
    thrown = [step for step in steps if step.kind == "exception"]
    failed = [step for step in steps if step.kind == "request" and step.level == "error"]
    for group, noun in ((thrown, "exception"), (failed, "failed request")):
        if group:
            more = len(group) - 1
            parts.append(inline(group[0].text, 110) + (f" and {_of(more, f'other {noun}')}" if more else ""))
    angry = [step for step in steps if step.kind == "rage_click"]
    if angry:
        parts.append(f"the user {inline(angry[0].text[:1].lower() + angry[0].text[1:], 110)}")
    logged = [seen for seen in facts.errors if seen.entry.kind == "console" and seen.entry.level == "error"]
    if logged and not thrown and not failed:
        parts.append(f"the console shows {_of(len(logged), 'error')}")
    return parts


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _of(count: int, noun: str) -> str:
    return f"{_number(count)} {noun}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{_number(count)} times")


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
