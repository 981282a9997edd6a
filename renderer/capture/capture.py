"""Capture seen from outside: a plan goes in, segments come out one by one. Inside, an event loop in a thread of its own."""

import asyncio
import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from renderer.assets.library import AssetLibrary
from renderer.capture.chromium import choose
from renderer.capture.crew import Crew, Supply, in_order
from renderer.capture.hand import Equipment
from renderer.capture.tally import Tally
from renderer.errors import CaptureError, RendererError
from renderer.frames import CapturedSegment
from renderer.notices import Notices
from renderer.plan.model import ClipPlan
from renderer.player.canvases import WindowCanvases
from renderer.player.protocol import Scene
from renderer.recording.model import Window
from renderer.settings import Settings


class Capture:
    """Films a plan, with what `scene` has for its overlays to draw; `windows` by id, of which the plan's are needed. Use as a context manager; `segments()` yields each segment as soon as it is filmed, in any order.

    After the last one `notices`, `tally` and `method` tell how it went. SetupError: no usable Chromium; CaptureError: it failed.
    """

    def __init__(
        self,
        plan: ClipPlan,
        windows: Mapping[str, Window],
        scene: Scene,
        library: AssetLibrary,
        settings: Settings,
        work_dir: Path,
        on_frames: Callable[[int], None] = lambda _: None,
        supply: Supply | None = None,
    ) -> None:
        """`supply`: which segments to film; by default every one of the plan. Of a part, whoever has the whole concludes."""
        chromium, self.method = choose(settings)
        self.notices = Notices()
        if self.method == "screenshot":
            self.notices.add(
                "capture_screenshot",
                "this Chromium has no frame control: pictures were taken by Page.captureScreenshot, which is slower",
            )
        self._is_whole = supply is None
        self._browsers = settings.browsers or min(2, os.cpu_count() or 1)
        self._results: queue.SimpleQueue[CapturedSegment | BaseException | None] = queue.SimpleQueue()
        canvases = {window_id: WindowCanvases(windows[window_id]) for window_id in plan.window_ids}
        equipment = Equipment(plan, windows, canvases, scene, library, settings, chromium, self.method)
        self._crew = Crew(equipment, work_dir, supply or in_order(plan), self._results.put, on_frames)
        self._loop = asyncio.new_event_loop()
        self._task: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    @property
    def tally(self) -> Tally:
        return self._crew.tally

    def segments(self) -> Iterator[CapturedSegment]:
        while (result := self._results.get()) is not None:
            if isinstance(result, BaseException):
                raise result
            yield result
        if self._is_whole:
            self.tally.conclude(self.notices)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended by itself
            self._loop.call_soon_threadsafe(lambda: self._task and self._task.cancel())
        self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.set_event_loop(self._loop)
            self._task = self._loop.create_task(self._crew.work(self._browsers))
            self._loop.run_until_complete(self._task)
            self._results.put(None)
        except asyncio.CancelledError:
            self._results.put(None)
        except BaseExceptionGroup as group:
            self._results.put(_cause(group))
        except BaseException as error:
            self._results.put(error)
        finally:
            self._loop.close()


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """One error tells the story: ours before whatever it brought down with it."""
    leaves: list[BaseException] = []
    stack: list[BaseException] = [group]
    while stack:
        error = stack.pop()
        if isinstance(error, BaseExceptionGroup):
            stack.extend(error.exceptions)
        else:
            leaves.append(error)
    ours = [leaf for leaf in leaves if isinstance(leaf, RendererError)]
    return ours[0] if ours else CaptureError("capture_failed", f"capture failed: {leaves[0]!r}"[:300])
