"""The player page in a browser: opened, fed with events, stepped, and waited for until its pictures are there."""

import asyncio
import json
import time
from typing import Any, Self, TypeVar

from playwright.async_api import CDPSession
from pydantic import BaseModel

from renderer.assets.library import AssetLibrary
from renderer.capture.answers import Answers
from renderer.capture.browser import BrowserLostError, BrowserProcess, call
from renderer.capture.camera import BeginFrameCamera, Camera, ScreenshotCamera
from renderer.capture.chromium import CaptureMethod
from renderer.errors import CaptureError
from renderer.player import bundle
from renderer.player.feed import Feed
from renderer.player.protocol import Pending, Report, Setup, Step, Stepped

Message = TypeVar("Message", bound=BaseModel)

GIVEN_UP_WAIT_S = 1.0
"""For the page to take the boxes that stand for what was given up."""

FONT_POLL_S = 0.002

SEEK_TIMEOUT_FACTOR = 6
"""Reading a chunk and the first step, which builds a page, may take longer than a frame."""


class Stage:
    """One player page that is set up for one clip. Session time only goes forward; to go back, open another."""

    def __init__(
        self, session: CDPSession, answers: Answers, camera: Camera, feed: Feed, timeout_s: float, wait_s: float
    ) -> None:
        self._session = session
        self._answers = answers
        self._camera = camera
        self._feed = feed
        self._timeout_s = timeout_s
        self._wait_s = wait_s
        self.session_ms = -1
        self._late = 0

    @classmethod
    async def open(
        cls,
        browser: BrowserProcess,
        method: CaptureMethod,
        setup: Setup,
        feed: Feed,
        library: AssetLibrary,
        *,
        timeout_s: float,
        wait_s: float,
    ) -> Self:
        session = await browser.open_page(setup.width_px, setup.height_px, method)
        camera: Camera = (
            BeginFrameCamera(session, timeout_s) if method == "beginframe" else ScreenshotCamera(session, timeout_s)
        )
        answers = Answers(session, bundle.page(), library)
        await answers.start()
        stage = cls(session, answers, camera, feed, timeout_s, wait_s)
        await stage._load_page()
        await stage._evaluate(f"setUp({setup.model_dump_json()})")
        await camera.probe()
        return stage

    async def show(self, session_ms: int, skipped_ms: int) -> Stepped:
        """Bring the page to `session_ms`: events applied, pictures and fonts there (or given up on)."""
        for chunk in self._feed.until(session_ms):
            await self._evaluate(
                f"player.load(JSON.parse({json.dumps(chunk, ensure_ascii=False)}))", SEEK_TIMEOUT_FACTOR
            )
        message = Step(session_ms=session_ms, skipped_ms=skipped_ms).model_dump_json()
        # Later calls have the frame's own deadline: the page keeps them short, and a hung browser is to be noticed by it.
        patience = SEEK_TIMEOUT_FACTOR if self.session_ms < 0 else 1
        arrived = False
        while True:
            stepped = await self._ask(Stepped, f"player.step({message})", patience)
            if stepped.loading or self._answers.open:
                await self._settle(stepped.session_ms, stepped.fonts)
                arrived = True
            if stepped.done:
                break
        self.session_ms = session_ms
        # The page answered before its pictures came: what was waited for may show.
        return stepped.model_copy(update={"changed": True}) if arrived else stepped

    async def picture(self) -> bytes:
        """A PNG of the page as it stands. A request that only shows up while it is drawn is answered, and drawn again."""
        for _ in range(3):
            seen = self._answers.seen
            png = await self._camera.picture(self.session_ms)
            if self._answers.seen == seen:
                return png
            await self._settle(self.session_ms, (await self._ask(Pending, "player.pending()")).fonts)
        return png

    async def report(self) -> Report:
        return await self._ask(Report, "player.report()")

    def take_late(self) -> int:
        """How many pictures and fonts were given up on since the last call."""
        late = self._late + self._answers.late
        self._late = self._answers.late = 0
        return late

    @property
    def stilled(self) -> frozenset[str]:
        """URLs of animated pictures, of which the clip shows the first frame."""
        return frozenset(self._answers.stilled)

    async def close(self) -> None:
        await self._answers.stop()

    async def _settle(self, session_ms: int, fonts: int) -> None:
        """Wait, in real time, for pictures and fonts, of which so many are known to be on their way.

        What is not there by the deadline is given up and counted: otherwise every frame that follows would wait for it again.
        Nothing is drawn while a font is on its way: its text is invisible meanwhile, and a layer that was drawn without text keeps
        its part of a pixel for some frames when it gets one.
        """
        deadline = time.monotonic() + self._wait_s
        given_up = False
        quiet = 0
        while quiet < 2:
            if fonts:
                await asyncio.sleep(FONT_POLL_S)
            else:
                await self._camera.advance(session_ms)
            await self._answers.idle(max(0.0, deadline - time.monotonic()))
            waiting = await self._ask(Pending, "player.pending()")
            fonts = waiting.fonts
            quiet = quiet + 1 if not (waiting.images or waiting.fonts or self._answers.open) else 0
            if time.monotonic() <= deadline:
                continue
            if given_up:
                self._late += waiting.images + waiting.fonts
                return
            self._answers.give_up()
            given_up = True
            deadline = time.monotonic() + GIVEN_UP_WAIT_S

    async def _load_page(self) -> None:
        """With frame control nothing loads unless frames are drawn, so they are issued all the while."""
        navigation = asyncio.ensure_future(
            call(self._session, "Page.navigate", {"url": bundle.PAGE_URL}, self._timeout_s)
        )
        deadline = time.monotonic() + self._timeout_s
        try:
            while time.monotonic() < deadline:
                await self._camera.tick()
                await asyncio.sleep(0)
                if navigation.done() and await self._evaluate(
                    "typeof setUp === 'function' && document.readyState === 'complete'"
                ):
                    return
        finally:
            navigation.cancel()
        raise BrowserLostError("the player page did not load")

    async def _ask(self, kind: type[Message], expression: str, patience: float = 1) -> Message:
        return kind.model_validate(await self._evaluate(expression, patience))

    async def _evaluate(self, expression: str, patience: float = 1) -> Any:
        answer = await call(
            self._session,
            "Runtime.evaluate",
            {"expression": expression, "returnByValue": True, "awaitPromise": True},
            self._timeout_s * patience,
        )
        problem = answer.get("exceptionDetails")
        if problem:
            text = (problem.get("exception", {}).get("description") or problem.get("text", "")).splitlines()[0][:200]
            raise CaptureError("player_failed", f"the player page failed: {text}")
        return answer["result"].get("value")
