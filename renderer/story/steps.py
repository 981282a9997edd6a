"""The story of a clip: what a person did and what came of it, a line each, on the video's clock."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.story.calls import call_drafts
from renderer.story.draft import SAME_MS, Draft, pick, weight_of
from renderer.story.entries import entry_drafts
from renderer.story.fold import fold
from renderer.story.merge import merge
from renderer.story.model import Step
from renderer.story.sending import sending_times
from renderer.story.words import seconds
from renderer.timeline.model import Entry, LlmCall, Timeline

MOST_STEPS = 40
MOST_SHOWN_MS = 6000
MOST_IDLE_MS = 2000
"""That something was skipped is told while the cut is seen, no longer."""


def choose_steps(timeline: Timeline, plan: ClipPlan) -> tuple[Step, ...]:
    """At most MOST_STEPS, in order of time, numbered from 1; the less telling ones are left out first.

    Of entries: those of the window that is on screen or of no window (a change of tabs in any), inside the range. What happened inside
    a skipped stretch is told at the cut. Pure: the same timeline and plan give the same steps.
    """
    entries = [entry for entry in timeline.entries if _is_shown(entry, plan)]
    calls = _calls_shown(timeline, plan)
    drafts = [
        draft
        for draft in (
            *entry_drafts(entries, calls),
            *call_drafts(calls),
            *_thumbs(calls, entries),
            *_cuts(plan),
        )
        if draft.text and plan.from_ms <= draft.at_ms <= plan.to_ms
    ]
    # Sorted by time alone, so that what stands first among equals is what the timeline put first.
    told = fold(merge(sorted(drafts, key=lambda draft: draft.at_ms), sending_times(entries)))
    kept = [told[place] for place in pick([draft.weight for draft in told], MOST_STEPS)]
    return _on_the_video(kept, plan)


def most_telling(steps: Sequence[Step], most: int) -> tuple[Step, ...]:
    """The `most` steps to keep where there is no room for all; their numbers stay."""
    return tuple(steps[place] for place in pick([weight_of(step.kind, step.level) for step in steps], most))


def _is_shown(entry: Entry, plan: ClipPlan) -> bool:
    if entry.kind == "tab":
        return True
    if entry.kind == "request" and entry.until_ms is not None:  # it is told when it ends
        return plan.shows(entry.window_id, entry.until_ms)
    return plan.shows(entry.window_id, entry.at_ms, entry.until_ms if entry.kind == "llm_call" else None)


def _calls_shown(timeline: Timeline, plan: ClipPlan) -> list[LlmCall]:
    elsewhere = {
        entry.properties.get("call_id")
        for entry in timeline.entries
        if entry.kind == "llm_call" and not _is_shown(entry, plan)
    }
    return [call for call in timeline.calls if call.id not in elsewhere]


def _thumbs(calls: Sequence[LlmCall], entries: Sequence[Entry]) -> Iterator[Draft]:
    """Thumbs that only the calls tell of."""
    given_ms = [entry.at_ms for entry in entries if entry.kind == "feedback"]
    for call in calls:
        at_ms = call.rated_at_ms
        if call.satisfied is None or at_ms is None or any(abs(at_ms - other) <= SAME_MS for other in given_ms):
            continue
        yield Draft(
            at_ms=at_ms,
            text=f"Gave the answer a thumbs-{'up' if call.satisfied else 'down'}",
            kind="feedback",
            level="info" if call.satisfied else "warning",
            call_id=call.id,
            key=f"thumb {call.id}",
        )


def _cuts(plan: ClipPlan) -> Iterator[Draft]:
    for before, after in pairwise(plan.stretches):
        if before.to_ms < after.from_ms:
            length_ms = after.from_ms - before.to_ms
            yield Draft(at_ms=before.to_ms, text=f"Skipped {seconds(length_ms)} in which nothing was done", kind="idle")
    for stretch in plan.stretches:
        if stretch.idle:
            length_ms = stretch.to_ms - stretch.from_ms
            text = f"Nothing was done for {seconds(length_ms)} (shown faster)"
            yield Draft(at_ms=stretch.from_ms, until_ms=stretch.to_ms, text=text, kind="idle")


def _on_the_video(drafts: Sequence[Draft], plan: ClipPlan) -> tuple[Step, ...]:
    clock, length_ms = SessionClock(plan), plan.duration_ms
    shown = []
    for draft in drafts:
        # What came after the last picture was taken is told with that picture.
        frame = min(clock.frame_at_or_after(draft.at_ms), plan.frame_count - 1)
        shown.append((draft, round(clock.video_ms(frame))))
    steps = []
    for place, (draft, video_ms) in enumerate(shown):
        longest_ms = MOST_IDLE_MS if draft.kind == "idle" and draft.until_ms is None else MOST_SHOWN_MS
        following = next((other for _, other in shown[place + 1 :] if other > video_ms), length_ms)
        steps.append(
            Step(
                number=place + 1,
                at_ms=draft.at_ms,
                video_ms=video_ms,
                until_video_ms=min(following, video_ms + longest_ms, length_ms),
                text=draft.text,
                kind=draft.kind,
                level=draft.level,
                count=draft.count,
                tells=draft.tells,
            )
        )
    return tuple(steps)
