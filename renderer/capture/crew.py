"""The browsers at work on a clip: each takes the next segment; a lost browser costs its segment, never the clip."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from playwright.async_api import Playwright, async_playwright

from renderer.assets.library import AssetLibrary
from renderer.capture.browser import BrowserLostError, BrowserProcess
from renderer.capture.chromium import CaptureMethod, Chromium
from renderer.capture.film import Script, film_segment
from renderer.capture.stage import Stage
from renderer.errors import CaptureError
from renderer.frames import CapturedSegment
from renderer.notices import Notices
from renderer.plan.model import ClipPlan, SegmentPlan
from renderer.player.feed import Feed, find_start
from renderer.player.protocol import Overlay, Report, Setup
from renderer.recording.model import Window
from renderer.settings import Settings

STRIKES = 2
"""Browsers that one segment may cost before the recording is taken to be the cause."""

LAUNCHES = 3

PICTURES_A_BROWSER = 6000
"""A browser is replaced after so many pictures: Chromium's memory only grows."""


@dataclass(slots=True)
class Tally:
    """What the crew did, for the manifest."""

    chromium_version: str = ""
    pictures: int = 0
    restarts: int = 0
    late_assets: int = 0
    report: Report | None = None
    lost: list[str] = field(default_factory=list)

    def add_report(self, report: Report) -> None:
        """Pages overlap (each starts from a snapshot before its segment), so the largest count is the truest."""
        old = self.report.model_dump() if self.report else {}
        new = report.model_dump()
        self.report = Report.model_validate({name: max(value, old.get(name, value)) for name, value in new.items()})


class Crew:
    def __init__(
        self,
        plan: ClipPlan,
        window: Window,
        library: AssetLibrary,
        settings: Settings,
        chromium: Chromium,
        method: CaptureMethod,
        work_dir: Path,
        deliver: Callable[[CapturedSegment], None],
        on_frames: Callable[[int], None],
    ) -> None:
        self._plan = plan
        self._window = window
        self._library = library
        self._settings = settings
        self._chromium = chromium
        self._method = method
        self._work_dir = work_dir
        self._deliver = deliver
        self._on_frames = on_frames
        self._script = Script(plan)
        self._waiting = deque(plan.segments)
        self._done: dict[int, int] = {}
        self.tally = Tally()

    async def work(self, browsers: int) -> None:
        """Film every segment of the plan with so many browsers at a time."""
        async with async_playwright() as playwright, asyncio.TaskGroup() as group:
            for _ in range(min(browsers, len(self._plan.segments))):
                group.create_task(self._hand(playwright))

    async def _hand(self, playwright: Playwright) -> None:
        hand = _Hand(self, playwright)
        try:
            while self._waiting:
                await self._segment(hand, self._waiting.popleft())
        finally:
            await hand.let_go()

    async def _segment(self, hand: "_Hand", segment: SegmentPlan) -> None:
        for strike in range(1, STRIKES + 1):
            try:
                stage = await hand.stage_for(segment)
                captured, taken = await film_segment(
                    stage,
                    self._script,
                    segment,
                    self._work_dir / f"segment-{segment.number:04d}-{strike}",
                    lambda frame: self._progress(segment, frame),
                )
                hand.pictures += taken
                self.tally.pictures += taken
                self.tally.add_report(await stage.report())
                self.tally.late_assets += stage.take_late()
                self._deliver(captured)
                return
            except BrowserLostError as lost:
                self.tally.restarts += 1
                self.tally.lost.append(str(lost))
                await hand.let_go()
        at = self._script.clock.session_ms(segment.first) / 1000
        raise CaptureError(
            "segment_failed",
            f"Chromium was lost {STRIKES} times near {at:.0f} s of the session (last: {self.tally.lost[-1]}); "
            "the recording is probably too heavy there: try a range without it",
        )

    def _progress(self, segment: SegmentPlan, frame: int) -> None:
        self._done[segment.number] = frame - segment.first
        self._on_frames(sum(self._done.values()))

    # What a hand needs to get itself a page.

    async def launch(self, playwright: Playwright) -> BrowserProcess:
        browser = await BrowserProcess.launch(playwright, self._chromium, self._method)
        self.tally.chromium_version = browser.version
        return browser

    async def open_stage(self, browser: BrowserProcess, segment: SegmentPlan) -> Stage:
        start = find_start(self._window, self._script.clock.session_ms(segment.first))
        setup = Setup(
            width_px=self._plan.width_px,
            height_px=self._plan.height_px,
            overlays=[name for name in get_args(Overlay) if name in self._plan.overlays],
            pointer=start.pointer,
        )
        return await Stage.open(
            browser,
            self._method,
            setup,
            Feed(self._window, start),
            self._library,
            timeout_s=self._settings.frame_timeout_s,
            wait_s=self._settings.asset_wait_s,
        )

    def is_before(self, stage: Stage, segment: SegmentPlan) -> bool:
        return stage.session_ms < self._script.clock.session_ms(segment.first)


class _Hand:
    """One browser and its page, kept from segment to segment as long as session time goes forward."""

    def __init__(self, crew: Crew, playwright: Playwright) -> None:
        self._crew = crew
        self._playwright = playwright
        self._browser: BrowserProcess | None = None
        self._stage: Stage | None = None
        self.pictures = 0

    async def stage_for(self, segment: SegmentPlan) -> Stage:
        if self._stage and self.pictures < PICTURES_A_BROWSER and self._crew.is_before(self._stage, segment):
            return self._stage
        for launch in range(1, LAUNCHES + 1):
            await self.let_go()
            try:
                self._browser = await self._crew.launch(self._playwright)
                self._stage = await self._crew.open_stage(self._browser, segment)
            except BrowserLostError:
                if launch == LAUNCHES:
                    raise
            else:
                break
        assert self._stage is not None
        return self._stage

    async def let_go(self) -> None:
        """End the browser, if there is one."""
        stage, browser = self._stage, self._browser
        self._stage = self._browser = None
        self.pictures = 0
        if stage:
            with contextlib.suppress(BrowserLostError):
                await stage.close()
        if browser:
            await browser.kill()


def add_notices(notices: Notices, tally: Tally) -> None:
    """What the crew saw, in words for the manifest's `warnings`."""
    notices.add("browser_restarted", "Chromium was lost in mid-render and its segment was filmed again", tally.restarts)
    notices.add("late_assets", "pictures or fonts were not there in time and are missing", tally.late_assets)
    report = tally.report
    if report is None:
        return
    notices.add("events_failed", "events that rrweb could not replay were skipped", report.events_failed)
    notices.add("nodes_missing", "events named nodes that are not in the page; they were skipped", report.nodes_missing)
    notices.add("iframe_not_recorded", "embedded pages were not recorded; they are labelled", report.unrecorded_iframes)
    notices.add("canvas_not_recorded", "canvases were not recorded; they are labelled", report.unrecorded_canvases)
    notices.add("media_not_recorded", "videos or sounds were not recorded; they are labelled", report.unrecorded_media)
