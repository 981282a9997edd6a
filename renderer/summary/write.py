"""`clip.md`: the clip in words, for a ticket. GitHub-flavoured Markdown that reads well as plain text too."""

from collections.abc import Sequence

from renderer.manifest.model import Manifest
from renderer.story.model import Step
from renderer.summary.dialogue import dialogue
from renderer.summary.facts import Facts, gather
from renderer.summary.headline import headline
from renderer.summary.hidden import redaction_alarm
from renderer.summary.markdown import visible_bytes
from renderer.summary.notes import caveats, provenance, setting
from renderer.summary.rows import Told
from renderer.summary.sections import calls_section, errors_section, requests_section, steps_section, steps_told
from renderer.summary.timing import ClipTimes
from renderer.timeline.model import Timeline

MOST_VISIBLE_BYTES = 4000
MOST_BYTES = 60_000
"""All in all: a comment of GitHub's holds 65,536 characters."""

MOST_STEPS = 25

# Steps, errors, requests, calls, caveats that are seen: the first that fits is taken.
_ROOM = (
    (MOST_STEPS, 6, 6, 8, 6),
    (20, 5, 5, 6, 4),
    (15, 4, 4, 5, 3),
    (12, 3, 3, 4, 3),
    (9, 2, 2, 3, 2),
    (6, 2, 2, 2, 1),
    (4, 1, 1, 1, 0),
    (2, 1, 1, 1, 0),
)
# Rows of a table, folded ones included (a ticket is not a log), and characters of one answer: likewise.
_FOLDED = ((40, 1500), (40, 700), (40, 300), (40, 120), (20, 80), (8, 40))


def write_summary(manifest: Manifest, timeline: Timeline, steps: Sequence[Step]) -> str:
    """At most MOST_VISIBLE_BYTES before anything is unfolded, MOST_BYTES in all. All of it is redacted already, and made
    harmless here: see `renderer.summary.markdown`. Pure: the same values give the same text.
    """
    facts, times = gather(manifest, timeline, steps), ClipTimes(manifest)
    room, text = _ROOM[0], ""
    for room in _ROOM:
        if visible_bytes(_with_room(manifest, facts, times, steps, room, *_FOLDED[-1])) <= MOST_VISIBLE_BYTES:
            break
    for rows, said in _FOLDED:
        text = _with_room(manifest, facts, times, steps, room, rows, said)
        if len(text.encode()) <= MOST_BYTES:
            break
    return text


def _with_room(
    manifest: Manifest,
    facts: Facts,
    times: ClipTimes,
    steps: Sequence[Step],
    room: tuple[int, int, int, int, int],
    rows: int,
    said: int,
) -> str:
    most_steps, most_errors, most_requests, most_calls, most_caveats = room
    kept = steps_told(steps, most_steps)
    told = Told(kept)
    parts = [
        headline(facts, times, steps),
        redaction_alarm(manifest),
        setting(manifest, facts, times),
        steps_section(steps, kept, times) if kept else "",
        errors_section(facts, times, told, most_errors, rows),
        requests_section(facts, times, told, most_requests, rows),
        calls_section(facts, times, most_calls, rows),
        dialogue(facts.calls, times, rows, said),
        caveats(manifest, facts, times, most_caveats, rows),
        provenance(manifest),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"
