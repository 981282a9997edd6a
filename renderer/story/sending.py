"""What a person wrote and sent: the sending tells that something was written."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence

from renderer.story.draft import Draft
from renderer.timeline.model import Entry

CAUSE_MS = 500
_SOON_MS = 5000
_BEFORE_MS = 50
_QUIET = frozenset({"scroll", "viewport", "console", "idle"})


def sending_times(entries: Iterable[Entry]) -> list[int]:
    """When the page sent something, as far as its requests and the analytics tell: session times in ms, sorted."""
    return sorted(
        entry.at_ms
        for entry in entries
        if (entry.kind == "request" and str(entry.properties.get("method", "GET")).upper() not in {"GET", "HEAD"})
        or (entry.kind == "custom" and entry.properties.get("$event_type") == "submit")
    )


def without_typing(drafts: Sequence[Draft], sent_ms: Sequence[int]) -> list[Draft]:
    """`drafts` without the typing into one field that was sent right after it. A form that was filled in field by field stays."""
    kept: list[Draft] = []
    for place, draft in enumerate(drafts):
        if draft.kind == "input" and not (kept and kept[-1].kind == "input") and _is_sent(drafts, place, sent_ms):
            continue
        kept.append(draft)
    return kept


def leads_on(drafts: Sequence[Draft], place: int) -> bool:
    """What it led to is told right after it."""
    return place + 1 < len(drafts) and (
        drafts[place + 1].kind in {"llm_call", "navigation", "page_load"}
        and drafts[place + 1].at_ms - drafts[place].at_ms <= CAUSE_MS
    )


def _is_sent(drafts: Sequence[Draft], place: int, sent_ms: Sequence[int]) -> bool:
    typed = drafts[place]
    soon_ms = (typed.until_ms or typed.at_ms) + _SOON_MS
    following = next((at for at in range(place + 1, len(drafts)) if drafts[at].kind not in _QUIET), None)
    if following is None or drafts[following].at_ms > soon_ms:
        return False
    after = drafts[following]
    if after.kind == "llm_call":
        return after.key.startswith("asked ")
    if after.kind != "click":
        return False
    first = bisect_left(sent_ms, after.at_ms - _BEFORE_MS)
    sends = first < len(sent_ms) and sent_ms[first] <= after.at_ms + CAUSE_MS
    return sends or leads_on(drafts, following)
