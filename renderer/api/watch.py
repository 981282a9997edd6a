"""Waiting for something to happen to clips: one question to the database for all who wait, however many they are."""

import asyncio
import time
from collections import defaultdict
from typing import Final, NamedTuple
from weakref import WeakKeyDictionary

import structlog
from starlette.concurrency import run_in_threadpool

from renderer.database.states import ENDED
from renderer.errors import RendererError
from renderer.jobs.queue import Queue

LOOK_S: Final = 0.4
"""How often the database is asked: what is seen is never older."""
_log = structlog.get_logger("renderer.api")


class Standing(NamedTuple):
    """`revision` counts changes. A clip that was deleted has the status "deleted"."""

    revision: int
    status: str

    @property
    def ended(self) -> bool:
        return self.status in ENDED or self.status == "deleted"


class Watch:
    """For one event loop at a time each; tests have several."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._rounds: WeakKeyDictionary[asyncio.AbstractEventLoop, _Round] = WeakKeyDictionary()

    async def next(self, clip_id: str, revision: int) -> Standing:
        """How the clip stands once its revision is another one than `revision`: at once when it is so already."""
        loop = asyncio.get_running_loop()
        if loop not in self._rounds:
            self._rounds[loop] = _Round(self._queue)
        return await self._rounds[loop].wait(clip_id, revision)

    async def until_ended(self, clip_id: str, seconds: float) -> bool:
        """Whether the clip ended within so many seconds."""
        deadline_s, standing = time.monotonic() + seconds, Standing(-1, "")
        while not standing.ended:
            rest_s = deadline_s - time.monotonic()
            try:
                standing = await asyncio.wait_for(self.next(clip_id, standing.revision), max(rest_s, 0.001))
            except TimeoutError:
                return False
        return True


class _Round:
    """Asks while somebody waits, and rests otherwise."""

    def __init__(self, queue: Queue) -> None:
        self._queue = queue
        self._waiting: defaultdict[str, dict[asyncio.Future[Standing], int]] = defaultdict(dict)
        self._asking: asyncio.Task[None] | None = None

    async def wait(self, clip_id: str, revision: int) -> Standing:
        future: asyncio.Future[Standing] = asyncio.get_running_loop().create_future()
        self._waiting[clip_id][future] = revision
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        try:
            return await future
        finally:
            self._waiting[clip_id].pop(future, None)
            if not self._waiting[clip_id]:
                del self._waiting[clip_id]

    async def _ask(self) -> None:
        away = False
        while self._waiting:
            try:
                found = await run_in_threadpool(self._queue.standings, list(self._waiting))
                away = False
            except RendererError as error:  # the database is away: it comes back, or who waits leaves
                found = {}
                if not away:
                    _log.warning("watching waits", code=error.code)
                away = True
            for clip_id, standing in found.items():
                for future, revision in self._waiting.get(clip_id, {}).items():
                    if standing[0] != revision and not future.done():
                        future.set_result(Standing(*standing))
            await asyncio.sleep(LOOK_S)
