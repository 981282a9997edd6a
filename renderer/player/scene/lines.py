"""The steps of the story as lines under the page, each until the next."""

from collections.abc import Iterable
from typing import Final

from renderer.player.protocol import Line
from renderer.player.scene.time import SceneTime
from renderer.story.model import Step
from renderer.timeline.text import plain

IDLE_MS: Final = 2000
"""So long it is told that something was left out: then the user moves again, and the words would speak of what is over."""

LEAST_MS: Final = 1000
LATEST_MS: Final = 2000
"""A line stays for LEAST_MS of video before the next takes its place, unless that would be LATEST_MS late."""

TEXT: Final = 300

_TOASTED: Final = {"console": "console", "exception": "console", "request": "network"}
"""Kinds of steps that are toasts already when the overlay of this name is on: here they would push away what the user did."""


def lines_of(steps: Iterable[Step], time: SceneTime) -> list[Line]:
    told = [step for step in steps if _TOASTED.get(step.kind) not in time.plan.overlays]
    starts: list[int] = []
    for step in told:
        own = time.frames(step.video_ms)
        after = starts[-1] + time.frames(LEAST_MS) if starts else own
        starts.append(max(own, min(after, own + time.frames(LATEST_MS))))
    ends = [
        min(next_, _idle_end(step, start, time)) if step.kind == "idle" else next_
        for step, start, next_ in zip(told, starts, [*starts[1:], 10**9], strict=False)
    ]
    return [
        Line(from_ms=time.frame_ms(start), to_ms=time.frame_ms(end), text=plain(step.text, TEXT), level=step.level)
        for step, start, end in zip(told, starts, ends, strict=True)
    ]


def _idle_end(step: Step, start: int, time: SceneTime) -> int:
    """A stretch that is shown fast is told of while it lasts."""
    lasting = [stretch.to_ms for stretch in time.plan.stretches if stretch.idle and stretch.from_ms == step.at_ms]
    return max([start + time.frames(IDLE_MS), *(time.frame(to_ms) for to_ms in lasting)])
