"""What `renderer doctor` wants to know about Chromium, and which version is going to draw."""

import asyncio
import subprocess
from collections.abc import Iterable
from functools import lru_cache

from renderer.capture.browser import BrowserLostError, BrowserProcess
from renderer.capture.camera import BeginFrameCamera, Camera, ScreenshotCamera
from renderer.capture.chromium import INSTALL_HINT, CaptureMethod, Chromium, choose
from renderer.capture.driver import driver
from renderer.check import Check
from renderer.errors import SetupError, passes
from renderer.settings import Settings


def chromium_version(settings: Settings) -> str:
    """Such as "156.0.8078.79", without starting the browser. SetupError when there is none."""
    chromium, _ = choose(settings)
    return _version(chromium.path)


def check_chromium(settings: Settings) -> Iterable[Check]:
    """Starts Chromium, opens a page and takes a picture of it, as a render would."""
    chromium, method = choose(settings)
    yield Check("Chromium", True, f"{_version(chromium.path)} at {chromium.path}")
    yield Check(
        "frame control",
        method == "beginframe",
        "pictures are taken frame by frame"
        if method == "beginframe"
        else "pictures are taken by Page.captureScreenshot, about three times slower",
        f"for speed, install the headless shell: {INSTALL_HINT}",
        needed=False,
    )
    try:
        png_bytes = asyncio.run(_take_one(chromium, method))
    except (BrowserLostError, SetupError) as error:
        yield Check(
            "first picture",
            False,
            str(error),
            "see docs/command-line.md, doctor: sandbox and shared libraries are the usual causes",
        )
    else:
        yield Check("first picture", True, f"{png_bytes:,} bytes")


async def _take_one(chromium: Chromium, method: CaptureMethod) -> int:
    async with driver() as playwright:
        browser = await BrowserProcess.launch(playwright, chromium, method)
        try:
            session = await browser.open_page(320, 180, method)
            camera: Camera = BeginFrameCamera(session, 10) if method == "beginframe" else ScreenshotCamera(session, 10)
            await camera.probe()
            return len(await camera.picture(0))
        finally:
            await browser.kill()


@lru_cache(maxsize=4)
def _version(path: str) -> str:
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=20, check=True).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise SetupError(
            "chromium_start",
            f"Chromium at {path} does not start ({type(error).__name__}): {INSTALL_HINT}",
            retryable=passes(error),
        ) from error
    words = [word for word in said.split() if word[:1].isdigit()]
    return words[0] if words else said.strip()[:40]
