"""A thread with an asyncio loop of its own, so that no caller's loop or thread ever waits for a socket or a disk."""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any


class LoopThread:
    """Starts with the first `start`; `stop` cancels what is under way, runs `closing` last, and ends the thread."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lock = threading.Lock()
        self._stopped = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` in the thread, from any thread; nothing once stopped. It deals with its own errors and may be cancelled."""
        with self._lock:
            if self._stopped:
                work.close()
            else:
                asyncio.run_coroutine_threadsafe(work, self._running())

    def stop(self, closing: Coroutine[Any, Any, None] | None = None, timeout_s: float = 5.0) -> None:
        with self._lock:
            self._stopped = True
            loop, self._loop = self._loop, None
            thread, self._thread = self._thread, None
        if loop is None or thread is None:
            if closing is not None:
                closing.close()
            return
        asyncio.run_coroutine_threadsafe(self._wind_up(closing), loop)
        thread.join(timeout_s)

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            # A daemon: a name server that does not answer must not keep the program from ending.
            self._thread = threading.Thread(target=self._run, args=(self._loop,), name=self._name, daemon=True)
            self._thread.start()
        return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
        finally:
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.run_until_complete(loop.shutdown_default_executor())
            loop.close()

    @staticmethod
    async def _wind_up(closing: Coroutine[Any, Any, None] | None) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        try:
            if closing is not None:
                await closing
        finally:
            asyncio.get_running_loop().stop()
