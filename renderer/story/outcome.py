"""What a person did and the request that failed for it are one thing to a reader, and so is what the console says of it."""

import re
from collections.abc import Sequence
from dataclasses import replace

from renderer.story.draft import SAME_MS, Draft
from renderer.story.words import MOST_SHOWN, shorten
from renderer.timeline.model import Entry

SOON_MS = 1500
"""A request that fails so soon after a click or a thumb was made by it."""

_MOST_NEAR = 50
_BEFORE_MS = 100
_CAUSES = frozenset({"click", "rage_click", "feedback"})
# What a click led to, told for itself: what fails after that is not the click's.
_LED_TO = frozenset({"navigation", "page_load", "llm_call"})
_STATUS = re.compile(r"\b[45]\d\d\b")


def with_outcomes(drafts: Sequence[Draft]) -> list[Draft]:
    """`drafts`, in order of time, with failed requests joined to what made them, and without what the console repeats."""
    told = list(drafts)
    gone: set[int] = set()
    for place, draft in enumerate(drafts):
        if draft.kind == "request" and draft.level == "error":
            cause = _cause(told, place, gone)
            if cause is not None:
                told[cause] = _one(told[cause], draft)
                gone.add(place)
    for place, draft in enumerate(told):
        if place not in gone and draft.level == "error" and draft.kind not in {"console", "exception"}:
            said = _also_said(told, place, gone)
            gone |= said
            tells = tuple(entry for other in sorted(said) for entry in told[other].tells)
            told[place] = replace(draft, tells=(*draft.tells, *tells))
    return [draft for place, draft in enumerate(told) if place not in gone]


def _cause(drafts: Sequence[Draft], place: int, gone: set[int]) -> int | None:
    failed = drafts[place]
    for other in range(place - 1, max(-1, place - 1 - _MOST_NEAR), -1):
        before = drafts[other]
        if before.kind in _LED_TO or (before.until_ms or before.at_ms) < failed.at_ms - SOON_MS:
            return None
        if before.kind in _CAUSES and other not in gone and before.level != "error":
            return other if _may_have_made(before, failed) else None
    return None


def _may_have_made(before: Draft, failed: Draft) -> bool:
    for request in failed.tells[:1]:
        if request.at_ms < before.at_ms - _BEFORE_MS:
            return False
        windows = {request.window_id, *(entry.window_id for entry in before.tells[:1])} - {None}
        # A thumb is written somewhere; a page also reads for itself.
        reads = before.kind == "feedback" and request.properties.get("method") in {"GET", "HEAD"}
        return len(windows) < 2 and not reads
    return False


def _one(cause: Draft, failed: Draft) -> Draft:
    outcome = f"; {shorten(failed.text, MOST_SHOWN // 2)}"
    text = shorten(cause.text, MOST_SHOWN - len(outcome)) + outcome
    return replace(
        cause, text=text, level="error", key=text, until_ms=failed.until_ms, tells=cause.tells + failed.tells
    )


def _also_said(drafts: Sequence[Draft], place: int, gone: set[int]) -> set[int]:
    """What the console said at the moment at which a request failed, naming its path or its status."""
    draft = drafts[place]
    requests = [entry for entry in draft.tells if _is_failed(entry)]
    signs = {sign for entry in requests for sign in _signs(entry)}
    if draft.kind == "llm_call":
        signs |= set(_STATUS.findall(draft.text))
    if not signs:
        return set()
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(sign)}(?!\w)" for sign in sorted(signs)))
    moments_ms = [entry.at_ms if entry.until_ms is None else entry.until_ms for entry in requests] or [draft.at_ms]
    said = set()
    for step in (-1, 1):
        for other in range(place + step, place + step * _MOST_NEAR, step):
            if not 0 <= other < len(drafts) or abs(drafts[other].at_ms - draft.at_ms) > SOON_MS + SAME_MS:
                break
            near = any(-_BEFORE_MS <= drafts[other].at_ms - at_ms <= SAME_MS for at_ms in moments_ms)
            if drafts[other].kind == "console" and other not in gone and near and _says(drafts[other], pattern):
                said.add(other)
    return said


def _says(draft: Draft, pattern: re.Pattern[str]) -> bool:
    message = draft.tells[0].properties.get("message") if draft.tells else None
    return pattern.search(f"{draft.text} {message}" if isinstance(message, str) else draft.text) is not None


def _is_failed(entry: Entry) -> bool:
    return entry.kind == "request" and entry.level == "error"


def _signs(entry: Entry) -> list[str]:
    path, status = entry.properties.get("path"), entry.properties.get("status")
    signs = [path] if isinstance(path, str) and len(path) > 1 else []
    return [*signs, str(status)] if isinstance(status, int) and status >= 400 else signs
