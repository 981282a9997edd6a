"""Films one segment: a picture where something can have changed, and nothing where nothing can."""

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path

from renderer.capture.spool import SegmentSpool
from renderer.capture.stage import Stage
from renderer.frames import CapturedSegment, Sprite
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan, SegmentPlan
from renderer.player.protocol import Stepped


class Script:
    """What is shown at which output frame, and when to look next. Shared by all segments of a plan."""

    def __init__(self, plan: ClipPlan) -> None:
        self.clock = SessionClock(plan)
        self._skips = plan.skips
        self._turns = sorted({frame for skip in plan.skips for frame in (skip.first, skip.end)})

    def skipped_ms(self, frame: int) -> int:
        """How much left-out session time the picture at `frame` tells of; 0 for none."""
        return next((skip.skipped_ms for skip in self._skips if skip.first <= frame < skip.end), 0)

    def wants(self, stepped: Stepped) -> bool:
        """Whether a picture is taken, now that the page stands there: not when it looks as it did."""
        return stepped.changed

    def next_look(self, frame: int, next_ms: int | None, end: int) -> int:
        """The first frame after `frame` that may differ, given what the page said of `next_ms`; at most `end`."""
        look = end if next_ms is None else max(frame + 1, self.clock.frame_at_or_after(next_ms))
        turn = bisect_right(self._turns, frame)
        if turn < len(self._turns):
            look = min(look, self._turns[turn])
        return min(look, end)


async def film_segment(
    stage: Stage, script: Script, segment: SegmentPlan, folder: Path, on_frame: Callable[[int], None]
) -> tuple[CapturedSegment, int]:
    """The segment's frames, and how many pictures were taken for them. BrowserLostError leaves no files behind."""
    spool = SegmentSpool(folder, segment)
    taken = 0
    frame = segment.first
    try:
        while frame < segment.end:
            session_ms = script.clock.session_ms(frame)
            stepped = await stage.show(session_ms, script.skipped_ms(frame))
            sprites = tuple(Sprite(**sprite.model_dump()) for sprite in stepped.sprites)
            png = await stage.picture() if frame == segment.first or script.wants(stepped) else None
            spool.add(frame, stepped.session_ms, png, sprites)
            taken += png is not None
            frame = script.next_look(frame, stepped.next_ms, segment.end)
            on_frame(frame)
    except BaseException:
        spool.discard()
        raise
    return spool.finish(), taken
