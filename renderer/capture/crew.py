"""The browsers at work on a clip: each takes the next segment; a lost browser costs its segment, never the clip."""

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from renderer.capture.browser import BrowserLostError
from renderer.capture.driver import driver
from renderer.capture.film import Script, film_segment
from renderer.capture.hand import Equipment, Hand
from renderer.capture.tally import Tally
from renderer.errors import CaptureError
from renderer.frames import CapturedSegment
from renderer.plan.model import ClipPlan, SegmentPlan

Supply = Callable[[], SegmentPlan | None]
"""The next segment to film, None when there is none. It may block: it is called in a thread."""

STRIKES = 2
"""Browsers that one segment may cost before the recording is taken to be the cause."""


class Crew:
    """`supply` says what to film; `deliver` gets each segment when it is filmed; `on_frames` how many output frames are done."""

    def __init__(
        self,
        equipment: Equipment,
        work_dir: Path,
        supply: Supply,
        deliver: Callable[[CapturedSegment], None],
        on_frames: Callable[[int], None],
    ) -> None:
        self._equipment = equipment
        self._work_dir = work_dir
        self._supply = supply
        self._deliver = deliver
        self._on_frames = on_frames
        self._script = Script(equipment.plan)
        self._done: dict[int, int] = {}
        self.tally = Tally()

    async def work(self, browsers: int) -> None:
        """Film what is supplied with so many browsers at a time."""
        async with driver() as playwright, asyncio.TaskGroup() as group:
            for _ in range(min(browsers, len(self._equipment.plan.segments))):
                group.create_task(self._work_with(Hand(self._equipment, playwright)))

    async def _work_with(self, hand: Hand) -> None:
        try:
            while (segment := await asyncio.to_thread(self._supply)) is not None:
                self._deliver(await self._film(hand, segment))
        finally:
            await hand.let_go()

    async def _film(self, hand: Hand, segment: SegmentPlan) -> CapturedSegment:
        session_ms = self._script.clock.session_ms(segment.first)
        for strike in range(1, STRIKES + 1):
            folder = self._work_dir / f"segment-{segment.number:04d}-{strike}"
            try:
                stage = await hand.stage_at(segment.window_id, session_ms)
                captured, taken = await film_segment(
                    stage, self._script, segment, folder, lambda frame: self._progress(segment, frame)
                )
                hand.used(taken)
                self.tally.pictures += taken
                self.tally.add_report(segment.window_id, await stage.report())
                self.tally.stilled |= stage.stilled
                self.tally.late_assets += stage.take_late()
                return captured
            except BrowserLostError as lost:
                self.tally.lost.append(str(lost))
                await hand.let_go()
        raise CaptureError(
            "segment_failed",
            f"Chromium was lost {STRIKES} times near {session_ms / 1000:.0f} s of the session "
            f"(last: {self.tally.lost[-1]}); the recording is probably too heavy there: try a range without it",
        )

    def _progress(self, segment: SegmentPlan, frame: int) -> None:
        self._done[segment.number] = frame - segment.first
        self._on_frames(sum(self._done.values()))


def in_order(plan: ClipPlan) -> Supply:
    """Every segment of the plan, once."""
    waiting = iter(plan.segments)
    lock = threading.Lock()

    def take() -> SegmentPlan | None:
        with lock:
            return next(waiting, None)

    return take
