"""The steps as WebVTT (https://www.w3.org/TR/webvtt1/), for the track of a player or a file beside the clip."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from renderer.story.model import Step
from renderer.story.steps import most_telling

LEAST_SHOWN_MS = 1000
"""What comes sooner after a cue has begun joins that cue as one more line, so that there is time to read."""

MOST_LINES = 3


@dataclass(frozen=True, slots=True)
class _Cue:
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def write_captions(steps: Sequence[Step]) -> str:
    """The file's text. Cues follow one another without overlap, each at least LEAST_SHOWN_MS long where the clip has room."""
    blocks = ["WEBVTT"]
    for number, cue in enumerate(_cues(steps), start=1):
        blocks.append("\n".join([str(number), f"{_time(cue.start_ms)} --> {_time(cue.end_ms)}", *cue.lines]))
    return "\n\n".join(blocks) + "\n"


def _cues(steps: Sequence[Step]) -> list[_Cue]:
    groups: list[list[Step]] = []
    for step in steps:
        if groups and step.video_ms - groups[-1][0].video_ms < LEAST_SHOWN_MS:
            groups[-1].append(step)
        else:
            groups.append([step])
    cues = [_Cue(group[0].video_ms, max(step.until_video_ms for step in group), _lines(group)) for group in groups]
    if cues and cues[-1].end_ms - cues[-1].start_ms < LEAST_SHOWN_MS:
        # What happens as the clip ends is told a little before, or nobody could read it.
        earliest_ms = cues[-2].start_ms + LEAST_SHOWN_MS if len(cues) > 1 else 0
        start_ms = min(cues[-1].start_ms, max(earliest_ms, cues[-1].end_ms - LEAST_SHOWN_MS))
        cues[-1] = replace(cues[-1], start_ms=start_ms)
        if len(cues) > 1:
            cues[-2] = replace(cues[-2], end_ms=min(cues[-2].end_ms, start_ms))
    return cues


def _lines(group: Sequence[Step]) -> tuple[str, ...]:
    if len(group) <= MOST_LINES:
        return tuple(_escaped(step.text) for step in group)
    kept = most_telling(group, MOST_LINES - 1)
    return (*(_escaped(step.text) for step in kept), f"… and {len(group) - len(kept)} more")


def _escaped(text: str) -> str:
    """One line of cue text: no tags, no `-->`, and never empty, because a blank line ends a cue."""
    line = " ".join(text.split())
    return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") or "…"


def _time(ms: int) -> str:
    minutes, rest_ms = divmod(ms, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{rest_ms // 1000:02}.{rest_ms % 1000:03}"
