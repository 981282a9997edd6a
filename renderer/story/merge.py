"""Steps that tell the same thing become one."""

import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import replace
from functools import lru_cache

from renderer.story.draft import SAME_MS, Draft
from renderer.story.outcome import with_outcomes
from renderer.story.sending import CAUSE_MS, leads_on, without_typing
from renderer.story.words import MOST_SHOWN, quoted

_KIND = re.compile(
    r"^(?:(?:page error|console error|console warning|exception|unhandled \w+|unhandled|uncaught|error|\(in promise\))[:\s]+)+"
)
_MOST_NEAR = 50
"""A page that throws a thousand errors at once is compared with its nearest only."""

_IDLE_HANDS = frozenset({"scroll", "viewport"})
_BEFORE_TYPING_MS = 5000
_ALONE_MS = 3000
_BACK_PX = 200


def merge(drafts: Sequence[Draft], sent_ms: Sequence[int] = ()) -> list[Draft]:
    """`drafts` in order of time; what another one tells better is left out. `sent_ms`: see `sending_times`."""
    told_by: dict[int, int] = {}
    """What is left out, by the place of what tells it."""
    for place, draft in enumerate(drafts):
        if draft.kind == "feedback":
            same = _given_by(drafts, place)
        elif draft.kind in {"page_load", "navigation"}:
            same = set()
            told_by |= _same_place(drafts, place, told_by)
        elif draft.kind == "input":
            same = _click_into(drafts, place)
        elif draft.kind == "exception":
            same = _also_said(drafts, place)
        elif draft.kind == "llm_call" and draft.level == "error":
            same = _its_request(drafts, place)
        elif draft.kind in {"rage_click", "dead_click"}:
            same = _its_clicks(drafts, place)
        else:
            same = set()
        told_by |= dict.fromkeys(same - {place}, place)
    gone = {place for place in range(len(drafts)) if _explains_nothing(drafts, place)}
    kept = with_outcomes(_kept(drafts, told_by, gone))
    return _joined(without_typing(kept, sent_ms))


def _kept(drafts: Sequence[Draft], told_by: Mapping[int, int], gone: Set[int]) -> list[Draft]:
    tells = [list(draft.tells) for draft in drafts]
    for place in told_by:
        teller = place
        for _ in drafts:
            if teller not in told_by:
                break
            teller = told_by[teller]
        tells[teller] += drafts[place].tells
    return [
        replace(draft, tells=tuple(tells[place]))
        for place, draft in enumerate(drafts)
        if place not in told_by and place not in gone
    ]


def _joined(drafts: Sequence[Draft]) -> list[Draft]:
    """A click with a name and what it led to become one line: `Went to /cart (clicked “Buy”)`."""
    joined: list[Draft] = []
    for place, draft in enumerate(drafts):
        if joined and joined[-1].cause:
            clicked = joined[-1].text
            text = f"{draft.text} ({clicked[:1].lower()}{clicked[1:]})"
            if quoted(clicked) and len(text) <= MOST_SHOWN:
                joined[-1] = replace(draft, text=text, tells=draft.tells + joined[-1].tells)
                continue
        is_cause = draft.kind == "click" and draft.level == "info" and leads_on(drafts, place)
        joined.append(replace(draft, cause=is_cause))
    return joined


def _near(drafts: Sequence[Draft], place: int, before_ms: int, after_ms: int) -> Iterator[int]:
    """Places around `place`, nearest first on each side, before it first."""
    at_ms = drafts[place].at_ms
    for other in range(place - 1, max(-1, place - 1 - _MOST_NEAR), -1):
        if drafts[other].at_ms < at_ms - before_ms:
            break
        yield other
    for other in range(place + 1, min(len(drafts), place + 1 + _MOST_NEAR)):
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


def _same_place(drafts: Sequence[Draft], place: int, told_by: Mapping[int, int]) -> dict[int, int]:
    """A page load and the event that also tells of it."""
    name = quoted(drafts[place].text)
    for other in _near(drafts, place, SAME_MS, -1):
        before = drafts[other]
        if other in told_by or before.kind not in {"page_load", "navigation"}:
            continue
        if before.text == drafts[place].text or (name and name == quoted(before.text) and before.kind != "navigation"):
            return {place: other}
    return {}


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
        if (drafts[other].kind == "console" or (drafts[other].kind == "exception" and other > place))
        and (told in _core(drafts[other].text) or _core(drafts[other].text) in told)
    }


@lru_cache(maxsize=1024)
def _core(text: str) -> str:
    """The message without what names its kind: `Console error: …`, `Uncaught (in promise) TypeError: …`."""
    return _KIND.sub("", text.lower().replace("…", "")).strip(" “”.:")


def _its_request(drafts: Sequence[Draft], place: int) -> set[int]:
    """The failed request of a failed call, which ended at the same moment: the call says what it meant."""
    close = [
        other
        for other in _near(drafts, place, CAUSE_MS, CAUSE_MS)
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


def _explains_nothing(drafts: Sequence[Draft], place: int) -> bool:
    """Scrolls and new sizes beside something else; but who scrolls back reads again, which is a clue."""
    if drafts[place].kind not in _IDLE_HANDS or _is_alone(drafts, place):
        return False
    return not _is_back(drafts[place]) or any(_is_back(drafts[other]) for other in _near(drafts, place, _ALONE_MS, -1))


def _is_back(draft: Draft) -> bool:
    facts = draft.tells[0].properties if draft.kind == "scroll" and draft.tells else {}
    pixels = facts.get("pixels")
    return str(facts.get("direction", "")).startswith("up") and isinstance(pixels, int) and pixels >= _BACK_PX


def _is_alone(drafts: Sequence[Draft], place: int) -> bool:
    length_ms = (drafts[place].until_ms or drafts[place].at_ms) - drafts[place].at_ms
    around = _near(drafts, place, _ALONE_MS, length_ms + _ALONE_MS)
    return all(drafts[other].kind in {*_IDLE_HANDS, "idle"} for other in around)
