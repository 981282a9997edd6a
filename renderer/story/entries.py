"""Which entries of a timeline are worth a step, and which of them tell the same thing."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from renderer.story.draft import Draft
from renderer.story.words import MOST_SHOWN, quoted, shorten
from renderer.timeline.model import Entry, LlmCall

# Told by the calls themselves, or by the plan (what was really left out of the picture).
_TOLD_ELSEWHERE = frozenset({"llm_call", "idle"})
# Of these only what went wrong is worth a line.
_ONLY_ODD = frozenset({"console", "request"})
_CALL_EVENTS = ("llm_call_",)

SAME_MS = 1000
"""Two reports of one thing stand this close: a thumb and its click, an exception and what the console says of it."""

_BEFORE_TYPING_MS = 5000
_CAUSE_MS = 500
_ALONE_MS = 3000


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
            at_ms=entry.at_ms,
            text=shorten(entry.title),
            kind=entry.kind,
            level=level,
            until_ms=entry.until_ms,
            key=_request_key(entry) if entry.kind == "request" else "",
            call_id=call_id if isinstance(call_id, str) else None,
        )


def _is_worth_telling(entry: Entry) -> bool:
    if entry.kind in _TOLD_ELSEWHERE or not entry.title.strip():
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


def merge(drafts: Sequence[Draft]) -> list[Draft]:
    """`drafts` in order of time; what another one tells better is left out."""
    gone: set[int] = set()
    for place, draft in enumerate(drafts):
        if draft.kind == "feedback":
            gone |= _given_by(drafts, place)
        elif draft.kind in {"page_load", "navigation"}:
            gone |= _same_place(drafts, place, gone)
        elif draft.kind == "input":
            gone |= _click_into(drafts, place)
        elif draft.kind == "exception":
            gone |= _also_said(drafts, place)
        elif draft.kind == "llm_call" and draft.level == "error":
            gone |= _its_request(drafts, place)
        elif draft.kind in {"rage_click", "dead_click"}:
            gone |= _its_clicks(drafts, place)
        elif draft.kind == "scroll" and not _is_alone(drafts, place):
            gone.add(place)
    left = [draft for place, draft in enumerate(drafts) if place not in gone]
    return [
        replace(draft, cause=True)
        if draft.kind == "click" and draft.level == "info" and _leads_on(left, place)
        else draft
        for place, draft in enumerate(left)
    ]


def _near(drafts: Sequence[Draft], place: int, before_ms: int, after_ms: int) -> Iterator[int]:
    """Places around `place`, nearest first on each side, before it first."""
    at_ms = drafts[place].at_ms
    for other in range(place - 1, -1, -1):
        if drafts[other].at_ms < at_ms - before_ms:
            break
        yield other
    for other in range(place + 1, len(drafts)):
        if drafts[other].at_ms > at_ms + after_ms:
            break
        yield other


def _given_by(drafts: Sequence[Draft], place: int) -> set[int]:
    """The click that gave the thumb, and the application's own event of it."""
    own = {
        other
        for other in _near(drafts, place, SAME_MS, SAME_MS)
        if drafts[other].kind == "custom" and any(word in drafts[other].text.lower() for word in ("rated", "feedback"))
    }
    clicks = (other for other in _near(drafts, place, SAME_MS, 100) if drafts[other].kind == "click")
    return own | set(list(clicks)[:1])


def _same_place(drafts: Sequence[Draft], place: int, gone: set[int]) -> set[int]:
    """A page load and the event that also tells of it."""
    name = quoted(drafts[place].text)
    for other in _near(drafts, place, SAME_MS, -1):
        before = drafts[other]
        if other in gone or before.kind not in {"page_load", "navigation"}:
            continue
        if before.text == drafts[place].text or (name and name == quoted(before.text) and before.kind != "navigation"):
            return {place}
    return set()


def _click_into(drafts: Sequence[Draft], place: int) -> set[int]:
    """A click into the field in which is typed next."""
    name = quoted(drafts[place].text)
    for other in _near(drafts, place, _BEFORE_TYPING_MS, -1):
        draft = drafts[other]
        if draft.kind == "click":
            return {other} if name and quoted(draft.text) == name else set()
        if draft.kind == "input":
            break
    return set()


def _also_said(drafts: Sequence[Draft], place: int) -> set[int]:
    told = _core(drafts[place].text)
    return {
        other
        for other in _near(drafts, place, SAME_MS, SAME_MS)
        if drafts[other].kind == "console" and (told in _core(drafts[other].text) or _core(drafts[other].text) in told)
    }


def _core(text: str) -> str:
    """The message without what names its kind: `Console error: …`, `Uncaught TypeError: …`."""
    message = text.lower().replace("…", "").strip(" “”.")
    for head in ("console error", "console warning", "exception", "error", "unhandled error", "uncaught"):
        message = message.removeprefix(head).strip(" :“”")
    return message


def _its_request(drafts: Sequence[Draft], place: int) -> set[int]:
    """The failed request of a failed call, which ended at the same moment: the call says what it meant."""
    close = [
        other
        for other in _near(drafts, place, _CAUSE_MS, _CAUSE_MS)
        if drafts[other].kind == "request" and drafts[other].level == "error"
    ]
    return set(close[:1])


def _its_clicks(drafts: Sequence[Draft], place: int) -> set[int]:
    name, until_ms = quoted(drafts[place].text), drafts[place].until_ms or drafts[place].at_ms
    return {
        other
        for other in _near(drafts, place, SAME_MS, until_ms - drafts[place].at_ms + SAME_MS)
        if drafts[other].kind == "click" and quoted(drafts[other].text) == name
    }


def _is_alone(drafts: Sequence[Draft], place: int) -> bool:
    length_ms = (drafts[place].until_ms or drafts[place].at_ms) - drafts[place].at_ms
    around = _near(drafts, place, _ALONE_MS, length_ms + _ALONE_MS)
    return all(drafts[other].kind in {"scroll", "viewport"} for other in around)


def _leads_on(drafts: Sequence[Draft], place: int) -> bool:
    """What it led to is told right after it."""
    return place + 1 < len(drafts) and (
        drafts[place + 1].kind in {"llm_call", "navigation", "page_load"}
        and drafts[place + 1].at_ms - drafts[place].at_ms <= _CAUSE_MS
    )


def fold(drafts: Sequence[Draft]) -> list[Draft]:
    """Three or more alike in a row become one with a count; so do errors and warnings that come more than three times,
    wherever they stand.
    """
    often: dict[tuple[str, str], int] = {}
    for draft in drafts:
        if draft.level != "info" and draft.kind in {"console", "request", "exception"}:
            often[draft.alike] = often.get(draft.alike, 0) + 1
    told: set[tuple[str, str]] = set()
    folded: list[Draft] = []
    row: list[Draft] = []
    for draft in drafts:
        if often.get(draft.alike, 0) > 3:
            if draft.alike not in told:
                told.add(draft.alike)
                folded += [*_as_one(row), _times(draft, often[draft.alike])]
                row = []
            continue
        if row and row[-1].alike != draft.alike:
            folded += _as_one(row)
            row = []
        row.append(draft)
    return [*folded, *_as_one(row)]


def _as_one(row: Sequence[Draft]) -> Sequence[Draft]:
    return row if len(row) < 3 else [_times(row[0], len(row))]


def _times(draft: Draft, count: int) -> Draft:
    suffix = f" ({count:,} times)"
    return replace(draft, text=shorten(draft.text, MOST_SHOWN - len(suffix)) + suffix, key=draft.alike[1], count=count)
