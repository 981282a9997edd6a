"""What the overlays draw, from the plan, the timeline and the story: everything the page must know before its first picture."""

from collections.abc import Sequence

from renderer.plan.model import ClipPlan
from renderer.player.protocol import Scene
from renderer.story.model import Step
from renderer.timeline.model import Timeline


def build_scene(plan: ClipPlan, timeline: Timeline, steps: Sequence[Step]) -> Scene:
    """What belongs to the plan's window, or to no window, and can be seen in the clip. All text plain and cut to fit."""
    del steps
    return bare_scene(plan).model_copy(update={"duration_ms": timeline.duration_ms})


def bare_scene(plan: ClipPlan) -> Scene:
    """Nothing to tell: the bare replay of the plan's range."""
    return Scene(
        from_ms=plan.from_ms,
        to_ms=plan.to_ms,
        duration_ms=plan.to_ms,
        ticks_ms=[],
        places=[],
        marks=[],
        gaps=[],
        lines=[],
        cards=[],
        toasts=[],
        clicks=[],
    )
