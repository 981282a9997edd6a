"""One browser with one page, kept from segment to segment as long as session time of the same window goes forward; then it gets another."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from playwright.async_api import Playwright

from renderer.assets.library import AssetLibrary
from renderer.capture.browser import BrowserLostError, BrowserProcess
from renderer.capture.chromium import CaptureMethod, Chromium
from renderer.capture.stage import Stage
from renderer.errors import SetupError
from renderer.plan.model import ClipPlan
from renderer.player.canvases import WindowCanvases
from renderer.player.feed import Feed, find_start
from renderer.player.protocol import Overlay, Scene, Setup
from renderer.recording.model import Window
from renderer.settings import Settings

LAUNCHES = 3

PICTURES_A_BROWSER = 6000
"""A browser is replaced after so many pictures: Chromium's memory only grows."""


@dataclass(frozen=True, slots=True)
class Equipment:
    """What every hand of a crew works with. `windows` and `canvases` by the window's id, at least those of the plan."""

    plan: ClipPlan
    windows: Mapping[str, Window]
    canvases: Mapping[str, WindowCanvases]
    scene: Scene
    library: AssetLibrary
    settings: Settings
    chromium: Chromium
    method: CaptureMethod


class Hand:
    def __init__(self, equipment: Equipment, playwright: Playwright) -> None:
        self._equipment = equipment
        self._playwright = playwright
        self._browser: BrowserProcess | None = None
        self._stage: Stage | None = None
        self._window_id = ""
        self._pictures = 0

    async def stage_at(self, window_id: str, session_ms: int) -> Stage:
        """A page from which `session_ms` of that window can be reached: the one in hand, or a new one in the same browser.

        rrweb numbers nodes per window, so no page ever hears of two. SetupError after LAUNCHES.
        """
        if self._pictures >= PICTURES_A_BROWSER:
            await self.let_go()
        goes_on = self._stage and self._window_id == window_id and self._stage.session_ms < session_ms
        if self._stage and goes_on:
            return self._stage
        window = self._equipment.windows[window_id]
        reason = ""
        for _ in range(LAUNCHES + (self._browser is not None)):
            try:
                return await self._open(window, session_ms)
            except BrowserLostError as lost:
                reason = str(lost)
                await self.let_go()
        # No event of the recording has reached the page yet: it is not the cause.
        raise SetupError(
            "chromium_start",
            f"Chromium was started {LAUNCHES} times and showed no page ({reason}); run `renderer doctor`",
        )

    def used(self, pictures: int) -> None:
        """So many pictures were taken with the browser in hand."""
        self._pictures += pictures

    async def let_go(self) -> None:
        """End the browser, if there is one, with everything that it started."""
        stage, browser = self._stage, self._browser
        self._stage = self._browser = None
        self._pictures = 0
        if stage:
            await stage.close()
        if browser:
            await browser.kill()

    async def _open(self, window: Window, session_ms: int) -> Stage:
        kit = self._equipment
        start = find_start(window, session_ms)
        canvases = kit.canvases[window.id]
        setup = Setup(
            width_px=kit.plan.width_px,
            height_px=kit.plan.height_px,
            overlays=[name for name in get_args(Overlay) if name in kit.plan.overlays],
            pointer=start.pointer,
            opening=start.opening,
            canvases=list(canvases.drawn),
            scene=kit.scene,
        )
        stage, self._stage = self._stage, None
        if stage:
            await stage.close()
        if self._browser is None:
            self._browser = await BrowserProcess.launch(self._playwright, kit.chromium, kit.method)
        self._stage = await Stage.open(
            self._browser,
            kit.method,
            setup,
            Feed(window, start, canvases.frames_before(start.index)),
            kit.library,
            timeout_s=kit.settings.frame_timeout_s,
            wait_s=kit.settings.asset_wait_s,
        )
        self._window_id = window.id
        return self._stage
