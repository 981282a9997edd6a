"""Which Chromium to film with, and how to start it."""

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renderer.errors import SetupError
from renderer.settings import Settings

CaptureMethod = Literal["beginframe", "screenshot"]

# Measured in docs/capture.md. RasterInducingScroll: a tick whose only change is a scroll is drawn two frames late with it.
_FRAME_CONTROL_FLAGS = ("--enable-begin-frame-control", "--run-all-compositor-stages-before-draw")
_DISABLED_FEATURES = ("RasterInducingScroll", "PaintHolding", "Translate", "MediaRouter", "OptimizationHints")
_FLAGS = (
    "--disable-gpu-compositing",
    "--disable-threaded-scrolling",
    "--disable-smooth-scrolling",
    "--disable-checker-imaging",
    # What is drawn again must not depend on which part of a tile was drawn before: anti-aliased edges differed by a few levels.
    "--disable-partial-raster",
    "--disable-image-animation-resync",
    "--disable-new-content-rendering-timeout",
    "--enable-surface-synchronization",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--hide-scrollbars",
    "--mute-audio",
    # No network of its own: what is not intercepted goes to a proxy that does not exist and to names that do not resolve.
    "--disable-background-networking",
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    # Animated pictures run on a clock of their own from the first time they are painted: 2 is "no animation", the first frame.
    "--blink-settings=imageAnimationPolicy=2",
)

_SHELLS = ("chromium-headless-shell", "chrome-headless-shell", "headless_shell")
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
_MAC_BROWSERS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_PLAYWRIGHT_SHELLS = ("chromium_headless_shell-*/*/headless_shell", "chromium_headless_shell-*/*/chrome-headless-shell")
_PLAYWRIGHT_BROWSERS = ("chromium-*/*/chrome", "chromium-*/*/Chromium.app/Contents/MacOS/Chromium")

INSTALL_HINT = "run `scripts/setup`, or `playwright install --only-shell chromium`"


@dataclass(frozen=True, slots=True)
class Chromium:
    """An executable, and whether it lets us decide when it draws (HeadlessExperimental.beginFrame, headless shell only)."""

    path: str
    frame_control: bool
    sandbox: bool

    def arguments(self, method: CaptureMethod) -> list[str]:
        flags = list(_FLAGS)
        if method == "beginframe":
            flags += _FRAME_CONTROL_FLAGS
        return [*flags, f"--disable-features={','.join(_DISABLED_FEATURES)}"]


def choose(settings: Settings) -> tuple[Chromium, CaptureMethod]:
    """The Chromium to use and the way to film it. SetupError when there is none, or none that fits `capture_method`."""
    chromium = find_chromium(settings)
    if settings.capture_method == "beginframe" and not chromium.frame_control:
        raise SetupError(
            "no_frame_control",
            f"{Path(chromium.path).name} has no frame control, which RENDERER_CAPTURE_METHOD=beginframe asks for: {INSTALL_HINT}",
        )
    if settings.capture_method == "screenshot" or not chromium.frame_control:
        return chromium, "screenshot"
    return chromium, "beginframe"


def find_chromium(settings: Settings) -> Chromium:
    """RENDERER_CHROMIUM, then a headless shell on the PATH or from Playwright, then any other Chromium or Chrome."""
    if settings.chromium:
        path = shutil.which(settings.chromium)
        if not path:
            raise SetupError("chromium_missing", f"RENDERER_CHROMIUM is not a program: {settings.chromium}")
        return _chromium(path, settings)
    for path in _candidates():
        return _chromium(path, settings)
    raise SetupError("chromium_missing", f"no Chromium was found: {INSTALL_HINT}")


def _chromium(path: str, settings: Settings) -> Chromium:
    # Chromium refuses to start its sandbox as root.
    root = os.geteuid() == 0
    wanted = True if settings.chromium_sandbox is None else settings.chromium_sandbox
    return Chromium(path, frame_control=_is_shell(path), sandbox=wanted and not root)


def _candidates() -> Iterator[str]:
    yield from filter(None, map(shutil.which, _SHELLS))
    yield from _playwright(_PLAYWRIGHT_SHELLS)
    yield from filter(None, map(shutil.which, _BROWSERS))
    yield from _playwright(_PLAYWRIGHT_BROWSERS)
    yield from (path for path in _MAC_BROWSERS if Path(path).exists())


def _playwright(patterns: tuple[str, ...]) -> Iterator[str]:
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH")
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    root = Path(home) if home and home != "0" else caches / "ms-playwright"
    for pattern in patterns:
        yield from (str(path) for path in sorted(root.glob(pattern), reverse=True) if os.access(path, os.X_OK))


def _is_shell(path: str) -> bool:
    name = Path(path).name.lower().replace("_", "-")
    return "headless-shell" in name
