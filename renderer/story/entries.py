"""Which entries of a timeline are worth a step."""

from collections.abc import Iterable, Iterator, Sequence

from renderer.story.draft import Draft
from renderer.story.words import shorten
from renderer.timeline.model import Entry, LlmCall
from renderer.timeline.text import plain

# Told by the calls themselves, or by the plan (what was really left out of the picture).
_TOLD_ELSEWHERE = frozenset({"llm_call", "idle"})
# Of these only what went wrong is worth a line.
_ONLY_ODD = frozenset({"console", "request"})
_CALL_EVENTS = ("llm_call_",)


def entry_drafts(entries: Iterable[Entry], calls: Sequence[LlmCall]) -> Iterator[Draft]:
    unhappy = {call.id for call in calls if call.satisfied is False}
    for entry in entries:
        if not _is_worth_telling(entry):
            continue
        call_id = entry.properties.get("call_id")
        level = entry.level
        if entry.kind == "feedback" and level == "info" and call_id in unhappy:
            level = "warning"
        yield Draft(
            # A request fails, or was slow, when it ends.
            at_ms=entry.until_ms if entry.kind == "request" and entry.until_ms is not None else entry.at_ms,
            text=shorten(_text(entry)),
            kind=entry.kind,
            level=level,
            until_ms=entry.until_ms,
            key=_request_key(entry) if entry.kind == "request" else "",
            call_id=call_id if isinstance(call_id, str) else None,
            tells=(entry,),
        )


def _text(entry: Entry) -> str:
    facts = entry.properties
    if entry.kind == "feedback" and isinstance(facts.get("satisfied"), bool):
        said = f": “{plain(facts.get('text'), 80)}”" if facts.get("text") else ""
        return f"Gave the answer a thumbs-{'up' if facts['satisfied'] else 'down'}{said}"
    if entry.kind == "exception" and not entry.title.lower().startswith(("uncaught", "unhandled")):
        return f"Page error: {entry.title}"
    return entry.title


def _is_worth_telling(entry: Entry) -> bool:
    if entry.kind in _TOLD_ELSEWHERE:
        return False
    if entry.kind in _ONLY_ODD:
        return entry.level != "info"
    if entry.kind == "custom":
        return not entry.name.startswith(("$", *_CALL_EVENTS))
    return True


def _request_key(entry: Entry) -> str:
    """Durations differ from one to the next: method, address and status make requests alike."""
    facts = entry.properties
    key = " ".join(str(facts[name]) for name in ("method", "url", "status") if facts.get(name) is not None)
    return key if "url" in facts else ""
