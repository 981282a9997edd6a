"""A browser process under supervision: started, probed, given deadlines, and killed with everything that it started."""

import asyncio
import contextlib
import os
import signal
from typing import Any, Self

from playwright.async_api import Browser as PlaywrightBrowser
from playwright.async_api import BrowserContext, CDPSession, Page, Playwright
from playwright.async_api import Error as PlaywrightError

from renderer.capture.chromium import CaptureMethod, Chromium
from renderer.errors import SetupError

START_TIMEOUT_S = 30.0


class BrowserLostError(Exception):
    """The browser died, hung or drew nothing. The segment is filmed again with a fresh one; never seen by a caller."""


class BrowserProcess:
    """One Chromium with one page at a time. Every call has a deadline; after a BrowserLostError only `kill()` makes sense."""

    def __init__(self, browser: PlaywrightBrowser, group: int | None) -> None:
        self._browser = browser
        self._group = group
        self._context: BrowserContext | None = None

    @classmethod
    async def launch(cls, playwright: Playwright, chromium: Chromium, method: CaptureMethod) -> Self:
        try:
            browser = await playwright.chromium.launch(
                executable_path=chromium.path,
                args=chromium.arguments(method),
                chromium_sandbox=chromium.sandbox,
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
                timeout=START_TIMEOUT_S * 1000,
            )
        except PlaywrightError as error:
            if _is_setup(error):
                raise SetupError("chromium_start", f"Chromium does not start: {_advice(error)}") from error
            raise BrowserLostError(f"did not start: {_first_line(error)}") from error
        return cls(browser, await _process_group(browser))

    async def open_page(self, width_px: int, height_px: int, method: CaptureMethod) -> CDPSession:
        """The session of an empty page of that size, in place of the one before. With frame control it draws only when told to.

        Each is in a context of its own: cookies, caches and storage of the page before are gone with it.
        """
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                if self._context is not None:
                    await self._context.close()
                context = self._context = await self._browser.new_context(
                    viewport={"width": width_px, "height": height_px},
                    device_scale_factor=1,
                    service_workers="block",
                    # Date inputs and quotation marks are drawn by locale: the same on every machine.
                    locale="en-US",
                    timezone_id="UTC",
                )
                page = await (
                    self._new_controlled_page(context, width_px, height_px)
                    if method == "beginframe"
                    else context.new_page()
                )
                return await context.new_cdp_session(page)
        except (PlaywrightError, TimeoutError) as error:
            raise BrowserLostError(f"no page: {_first_line(error)}") from error

    async def _new_controlled_page(self, context: BrowserContext, width_px: int, height_px: int) -> Page:
        session = await self._browser.new_browser_cdp_session()
        contexts = await session.send("Target.getBrowserContexts")
        arrived: asyncio.Future[Page] = asyncio.get_running_loop().create_future()

        def arrive(page: Page) -> None:  # a bound method of a built-in type is no handler for Playwright
            arrived.set_result(page)

        context.once("page", arrive)
        await session.send(
            "Target.createTarget",
            {
                "url": "about:blank",
                "width": width_px,
                "height": height_px,
                "browserContextId": contexts["browserContextIds"][-1],
                "enableBeginFrameControl": True,
            },
        )
        return await arrived

    async def kill(self) -> None:
        """Ends the whole process group at once (renderers and zygotes too), then lets Playwright notice."""
        if self._group is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._group, signal.SIGKILL)
        with contextlib.suppress(PlaywrightError, TimeoutError):
            async with asyncio.timeout(5):
                await self._browser.close()


async def call(session: CDPSession, method: str, parameters: dict[str, Any], timeout_s: float) -> dict[str, Any]:
    """One CDP command with a deadline. BrowserLostError when the browser is gone or does not answer in time."""
    try:
        async with asyncio.timeout(timeout_s):
            answer: dict[str, Any] = await session.send(method, parameters)
            return answer
    except TimeoutError:
        raise BrowserLostError(f"{method} had no answer within {timeout_s:g} s") from None
    except PlaywrightError as error:
        raise BrowserLostError(f"{method}: {_first_line(error)}") from error


async def _process_group(browser: PlaywrightBrowser) -> int | None:
    """Playwright starts Chromium as the leader of a process group of its own, but does not tell its id."""
    try:
        session = await browser.new_browser_cdp_session()
        processes = (await session.send("SystemInfo.getProcessInfo"))["processInfo"]
        pid = next(int(process["id"]) for process in processes if process["type"] == "browser")
        group = os.getpgid(pid)
    except (PlaywrightError, StopIteration, OSError):
        return None
    return group if group != os.getpgid(0) else None


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:200]


_ADVICE = {
    "No usable sandbox": "its sandbox needs user namespaces, which are forbidden here; allow them (docker run "
    "--security-opt seccomp=deploy/seccomp.json), or set RENDERER_CHROMIUM_SANDBOX=0 when this container or machine serves nothing else",
    "error while loading shared libraries": "a shared library is missing; run `scripts/setup`",
    "ENOENT": "the program is not there; run `scripts/setup`",
    "EACCES": "it may not be run by this user",
    "Exec format": "it is not a program for this machine",
}
"""What Playwright's long messages mean when no second try can help."""


def _is_setup(error: PlaywrightError) -> bool:
    return any(mark in str(error) for mark in _ADVICE)


def _advice(error: PlaywrightError) -> str:
    return next(advice for mark, advice in _ADVICE.items() if mark in str(error))
