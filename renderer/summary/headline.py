"""The summary's first line: what happened in one sentence, and what the ticket is about."""

import re
from collections import Counter
from collections.abc import Sequence

from renderer.story.model import Step
from renderer.story.words import quoted
from renderer.summary.facts import Facts
from renderer.summary.markdown import inline
from renderer.summary.timing import ClipTimes
from renderer.summary.verdict import question, verdict
from renderer.timeline.model import Entry, LlmCall

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_STATUS = re.compile(r" failed with (\d{3})(?: \([\d,]+ times\))?$")
_MEANS = {
    401: "not signed in",
    403: "not allowed",
    404: "not found",
    408: "took too long",
    413: "too large",
    429: "too many requests",
    503: "server unavailable",
    504: "server took too long",
}


def headline(facts: Facts, times: ClipTimes, steps: Sequence[Step]) -> str:
    """Markdown, a line of mostly three sentences: counts, then the verdict."""
    chats = facts.chats
    if not chats and not steps:
        return "Nothing that the recording tells of happened in this clip."
    calls, errors = _calls_gone_wrong(chats), _errors(facts, steps)
    parts = [_asked(chats, facts) if chats else _did(steps, facts.surface), *calls, *_thumbs(chats), *errors]
    if not calls and not errors:
        parts.append("no errors were recorded")
    return f"{'; '.join(parts)}. {verdict(facts, times, steps)}".strip()


def _asked(calls: Sequence[LlmCall], facts: Facts) -> str:
    names = list(dict.fromkeys(call.model or "" for call in calls))
    models = " and ".join(inline(name, 50) if name else "the model" for name in names[:2])
    if len(names) > 2:
        models = f"{inline(names[0], 50) or 'the model'} and {_number(len(names) - 1)} other models"
    # An agent calls the model many times for one question.
    is_agent = any(call.tools_called for call in calls) or any(entry.kind == "llm_span" for entry in facts.entries)
    if is_agent:
        return f"The application called {models} {_times(len(calls))} for the user"
    return f"The user asked {models} {_questions(calls)}"


def _questions(calls: Sequence[LlmCall]) -> str:
    """What was asked twice is one question; without words nobody knows."""
    if len(calls) == 1:
        return "a question"
    asked = Counter(question(call) for call in calls)
    if "" in asked:
        return _times(len(calls))
    said = "one question" if len(asked) == 1 else f"{_number(len(asked))} questions"
    if len(asked) == len(calls):
        return said
    if len(asked) == 1:
        return f"{said} {_times(len(calls))}"
    again = [count for count in asked.values() if count > 1]
    return f"{said}, one of them {_times(again[0])}" if len(again) == 1 else f"{said} in {_number(len(calls))} calls"


def _did(steps: Sequence[Step], surface: str) -> str:
    count = Counter(step.kind for step in steps for _ in range(step.count))
    opened = next((name for step in steps if step.kind == "page_load" and (name := quoted(step.text))), None)
    done = [f"opened “{inline(opened, 80)}”" if opened else ""]
    if count["navigation"]:
        done.append(f"went to {_of(count['navigation'], surface)}")
    clicks = count["click"] + count["rage_click"] + count["dead_click"]
    done.append(f"clicked {_times(clicks)}" if clicks else "")
    done.append(f"typed into {_of(count['input'], 'field')}" if count["input"] else "")
    return f"The user {_listed([part for part in done if part]) or f'looked at a {surface}'}"


def _calls_gone_wrong(calls: Sequence[LlmCall]) -> list[str]:
    parts = []
    failed = [call for call in calls if call.status == "failed"]
    if failed:
        reasons = list(dict.fromkeys(why for call in failed if (why := call.error or _http(call.http_status))))
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
    if thrown:
        parts.append(inline(thrown[0].text, 110) + _and_more(len(thrown), "exception"))
    failed = [(step, entry) for step in steps if step.kind != "llm_call" for entry in step.tells if _is_failed(entry)]
    if failed:
        parts.append(_failure(*failed[0]) + _and_more(len(failed), "failed request"))
    angry = [step for step in steps if step.kind == "rage_click"]
    if angry:
        parts.append(f"the user {inline(angry[0].text[:1].lower() + angry[0].text[1:], 110)}")
    logged = [seen for seen in facts.errors if seen.entry.kind == "console" and seen.entry.level == "error"]
    if logged and not thrown and not failed:
        parts.append(f"the console shows {_of(len(logged), 'error')}")
    return parts


def _is_failed(entry: Entry) -> bool:
    return entry.kind == "request" and entry.level == "error"


def _failure(step: Step, request: Entry) -> str:
    """`POST /pay failed with HTTP 502 (server error)`: once in the words of people who write no software."""
    found = _STATUS.search(request.title)
    status = int(found[1]) if found else 0
    how = f" failed with {_http(status)}" if found else ""
    if step.kind == "feedback":
        thumb = "thumbs-up" if "thumbs-up" in step.text else "thumbs-down" if "thumbs-down" in step.text else "feedback"
        return f"saving the {thumb}{how or ' failed'}"
    return inline(_STATUS.sub("", request.title), 90) + how


def _http(status: int | None) -> str:
    if not status:
        return ""
    meaning = _MEANS.get(status) or ("server error" if status >= 500 else "request refused" if status >= 400 else "")
    return f"HTTP {status} ({meaning})" if meaning else f"HTTP {status}"


def _and_more(count: int, noun: str) -> str:
    return f" and {_of(count - 1, f'other {noun}')}" if count > 1 else ""


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def _of(count: int, noun: str) -> str:
    return f"{_number(count)} {noun}{'' if count == 1 else 's'}"


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{_number(count)} times")


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
