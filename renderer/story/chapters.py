"""The weightier steps as chapters of the film, for the marks and the menu of a player."""

import re
from collections.abc import Sequence

from renderer.plan.model import ClipPlan
from renderer.story.draft import pick, weight_of
from renderer.story.model import Chapter, Step
from renderer.story.words import shorten

MOST_CHAPTERS = 20
LEAST_LENGTH_MS = 1000
_TITLE = 60
# The click that led there is for the steps; a title has little room.
_CAUSE = re.compile(r" \((?:clicked|tapped|double-clicked|pressed)\b[^()]*“[^”]*”[^()]*\)$")
_ANSWER = re.compile(r"( answered after .*): “.*”$")
_THUMB = re.compile(r"^Gave the answer a thumbs-")
_WEIGHTY = frozenset(
    {
        "llm_call",
        "feedback",
        "exception",
        "page_load",
        "navigation",
        "request",
        "rage_click",
        "dead_click",
        "custom",
        "tab",
    }
)


def build_chapters(steps: Sequence[Step], plan: ClipPlan) -> tuple[Chapter, ...]:
    """At most MOST_CHAPTERS, each at least LEAST_LENGTH_MS long, the first from 0; none for a clip without weighty steps.

    Of steps less than a chapter's length apart the most telling gives the name.
    """
    weighty = [step for step in steps if step.kind in _WEIGHTY or step.level == "error"]
    weighty = [weighty[place] for place in pick([_weight(step) for step in weighty], MOST_CHAPTERS)]
    starts: list[Step] = []
    begins_ms: list[int] = []
    for step in weighty:
        near_the_start = not starts and step.video_ms < LEAST_LENGTH_MS
        at_ms = 0 if near_the_start else step.video_ms
        if starts and at_ms - begins_ms[-1] < LEAST_LENGTH_MS:
            if _weight(step) > _weight(starts[-1]):
                starts[-1] = step
        elif at_ms == 0 or plan.duration_ms - at_ms >= LEAST_LENGTH_MS:
            starts.append(step)
            begins_ms.append(at_ms)
    if not starts:
        return ()
    titles = [_title(step) for step in starts]
    if begins_ms[0] > 0:
        begins_ms.insert(0, 0)
        titles.insert(0, "Start")
        if len(titles) > MOST_CHAPTERS:
            del begins_ms[-1], titles[-1]
    ends_ms = [*begins_ms[1:], plan.duration_ms]
    return tuple(
        Chapter(start_ms=start, end_ms=end, title=title)
        for start, end, title in zip(begins_ms, ends_ms, titles, strict=True)
    )


def _title(step: Step) -> str:
    text = _CAUSE.sub("", step.text)
    return text if len(text) <= _TITLE else shorten(_THUMB.sub("Thumbs-", _ANSWER.sub(r"\1", text)), _TITLE)


def _weight(step: Step) -> int:
    return weight_of(step.kind, step.level)
