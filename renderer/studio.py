"""Who films a plan: this machine alone, or with others."""

from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from renderer.assets.library import AssetLibrary
from renderer.capture.capture import Capture
from renderer.capture.chromium import CaptureMethod
from renderer.capture.tally import Tally
from renderer.frames import CapturedSegment
from renderer.notices import Notices
from renderer.script import Script
from renderer.settings import Settings


class Filming(Protocol):
    """What films a plan, as `renderer.capture.capture.Capture` does. A context manager around `segments()`."""

    notices: Notices
    method: CaptureMethod

    @property
    def tally(self) -> Tally: ...
    def segments(self) -> Iterator[CapturedSegment]: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Studio:
    """How this machine films by itself. Whoever shares the work with others brings a studio of its own."""

    def planned(self, script: Script) -> None:
        """The plan is known and nothing was filmed yet. Whatever is raised here ends the render."""

    def filming(
        self, script: Script, library: AssetLibrary, settings: Settings, folder: Path, on_frames: Callable[[int], None]
    ) -> Filming:
        return Capture(script.plan, script.windows, script.scene, library, settings, folder, on_frames)
