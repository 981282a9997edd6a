"""Two ways to take a picture of the page, behind one interface."""

import asyncio
import base64
import time
from typing import Any, Protocol

from playwright.async_api import CDPSession

from renderer.capture.browser import BrowserLostError, call

PICTURE_TRIES = 20
"""Of 100 launches on a busy machine 6 lacked their first picture and had the second; the rest is margin."""

_PNG = {"format": "png", "optimizeForSpeed": True}


class Camera(Protocol):
    """`session_ms` never decreases. `picture` gives a PNG of the whole page. All raise BrowserLostError."""

    async def tick(self) -> None:
        """Give the page time to load, before there is a session time."""
        ...

    async def probe(self) -> None:
        """Make sure that there will be pictures."""
        ...

    async def advance(self, session_ms: int) -> None:
        """Let the page lay out and load without taking a picture."""
        ...

    async def picture(self, session_ms: int) -> bytes: ...


class BeginFrameCamera:
    """HeadlessExperimental.beginFrame: the compositor draws exactly when told to, about 11 ms a picture.

    Frame times are on the machine's monotonic clock, which is where Chromium's animation clock starts from: with times near
    zero every CSS animation stays at its first keyframe (docs/capture.md).
    """

    def __init__(self, session: CDPSession, timeout_s: float) -> None:
        self._session = session
        self._timeout_s = timeout_s
        self._base_ms: float | None = None
        self._last_ms = time.monotonic() * 1000

    async def advance(self, session_ms: int) -> None:
        await self._begin(session_ms, {})

    async def picture(self, session_ms: int) -> bytes:
        """A frame that Chromium finds nothing to draw in (`hasDamage` false) comes without a picture; the next one has it."""
        for _ in range(PICTURE_TRIES):
            answer = await self._begin(session_ms, {"screenshot": _PNG})
            if data := answer.get("screenshotData"):
                return base64.b64decode(data)
        raise BrowserLostError(f"{PICTURE_TRIES} frames came without a picture")

    async def tick(self) -> None:
        """A frame while the page is loading, before there is a session time."""
        self._last_ms += 5
        await self._draw(self._last_ms, {})

    async def probe(self) -> None:
        """The first picture of one launch in fifteen on a busy machine is missing, that of one in forty on a quiet one."""
        for _ in range(PICTURE_TRIES):
            self._last_ms += 5
            if (await self._draw(self._last_ms, {"screenshot": _PNG})).get("screenshotData"):
                return
        raise BrowserLostError("it draws no pictures")

    async def _begin(self, session_ms: int, extra: dict[str, object]) -> dict[str, Any]:
        if self._base_ms is None:
            self._base_ms = self._last_ms + 1 - session_ms
        ticks = self._base_ms + session_ms
        if ticks <= self._last_ms:  # a second look at the same time
            ticks = self._last_ms + 0.01
        self._last_ms = ticks
        return await self._draw(ticks, extra)

    async def _draw(self, ticks_ms: float, extra: dict[str, object]) -> dict[str, Any]:
        parameters = {"frameTimeTicks": ticks_ms, "interval": 1, **extra}
        return await call(self._session, "HeadlessExperimental.beginFrame", parameters, self._timeout_s)


class ScreenshotCamera:
    """Page.captureScreenshot, on any Chromium: about three times slower, drawn by Chromium's own clock.

    The page holds every animation at the session's time, so two looks differ only in what Chromium itself animates.
    """

    def __init__(self, session: CDPSession, timeout_s: float) -> None:
        self._session = session
        self._timeout_s = timeout_s

    async def advance(self, session_ms: int) -> None:
        del session_ms
        expression = "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        await call(self._session, "Runtime.evaluate", {"expression": expression, "awaitPromise": True}, self._timeout_s)

    async def picture(self, session_ms: int) -> bytes:
        await self.advance(session_ms)
        answer = await call(
            self._session, "Page.captureScreenshot", {**_PNG, "captureBeyondViewport": False}, self._timeout_s
        )
        return base64.b64decode(answer["data"])

    async def tick(self) -> None:
        await asyncio.sleep(0.005)

    async def probe(self) -> None:
        await self.picture(0)
