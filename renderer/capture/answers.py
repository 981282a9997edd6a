"""Chromium has no network: every request of the page is answered from here, or refused."""

import asyncio
import base64
import contextlib
from typing import Any

from playwright.async_api import CDPSession
from playwright.async_api import Error as PlaywrightError

from renderer.assets import placeholder
from renderer.assets.asset import KIND_OF_RESOURCE, Asset
from renderer.assets.library import AssetLibrary
from renderer.player.bundle import PAGE_URL, Page


class Answers:
    """Answers a page's requests through the CDP Fetch domain, in the background; `idle()` waits until all are answered.

    A request counts as open from the moment when the page's renderer makes it (Network.requestWillBeSent, in order with the answers to
    Runtime.evaluate) until the renderer has taken its answer: a background picture tells nobody else that it is on its way, and was a
    frame late on a busy machine.
    """

    def __init__(self, session: CDPSession, page: Page, library: AssetLibrary) -> None:
        self._session = session
        self._page = page
        self._library = library
        self._tasks: set[asyncio.Task[None]] = set()
        self._sent: set[str] = set()
        self._patience_over = asyncio.Event()
        self.late = 0
        self.seen = 0
        self.stilled: set[str] = set()

    async def start(self) -> None:
        self._session.on("Fetch.requestPaused", self._paused)
        self._session.on("Network.requestWillBeSent", lambda event: self._sent.add(event["requestId"]))
        self._session.on("Network.loadingFinished", lambda event: self._sent.discard(event["requestId"]))
        self._session.on("Network.loadingFailed", lambda event: self._sent.discard(event["requestId"]))
        await self._session.send("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})
        await self._session.send("Fetch.enable", {"patterns": [{"urlPattern": "*"}]})

    @property
    def open(self) -> int:
        return max(len(self._tasks), len(self._sent))

    async def idle(self, timeout_s: float) -> bool:
        """Waits until every request that has reached us has its answer; False when some have none after `timeout_s`."""
        if not self._tasks:
            return True
        _, late = await asyncio.wait(self._tasks, timeout=timeout_s)
        return not late

    def give_up(self) -> None:
        """Answers what is still open without its asset, pictures with the neutral box, and counts it in `late`."""
        self._patience_over.set()
        self._patience_over = asyncio.Event()
        self._sent.clear()

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _paused(self, event: dict[str, Any]) -> None:
        self.seen += 1
        task = asyncio.get_running_loop().create_task(self._answer(event))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, event: dict[str, Any]) -> None:
        request = event["requestId"]
        url: str = event["request"]["url"] + event["request"].get("urlFragment", "")
        resource: str = event.get("resourceType", "Other")
        # The page may be gone by the time an answer is ready.
        with contextlib.suppress(PlaywrightError):
            if url == PAGE_URL and resource == "Document":
                headers = [{"name": name, "value": value} for name, value in self._page.headers]
                await self._fulfil(request, 200, headers, self._page.body)
                return
            asset = await self._asset(url, resource)
            if asset.animated:  # chromium.py switches such pictures off: they show their first frame
                self.stilled.add(asset.url)
            if asset.status == 0 or (not asset.ok and not asset.body and not asset.location):
                await self._session.send("Fetch.failRequest", {"requestId": request, "errorReason": "BlockedByClient"})
                return
            origin = next(
                (value for name, value in event["request"]["headers"].items() if name.lower() == "origin"), None
            )
            await self._fulfil(request, asset.status, asset.response_headers(origin), asset.body)

    async def _asset(self, url: str, resource: str) -> Asset:
        getting = asyncio.ensure_future(self._library.get(url, resource))
        waiting = asyncio.ensure_future(self._patience_over.wait())
        try:
            await asyncio.wait({getting, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if getting.done():
                return getting.result()
        finally:
            getting.cancel()
            waiting.cancel()
        self.late += 1
        if KIND_OF_RESOURCE.get(resource) == "picture":
            return Asset(url, 200, placeholder.CONTENT_TYPE, placeholder.BOX, "failed", reason="too_late")
        return Asset(url, 404, "", b"", "failed", reason="too_late")

    async def _fulfil(self, request: str, status: int, headers: list[dict[str, str]], body: bytes) -> None:
        await self._session.send(
            "Fetch.fulfillRequest",
            {
                "requestId": request,
                "responseCode": status,
                "responseHeaders": headers,
                "body": base64.b64encode(body).decode("ascii"),
            },
        )
