"""Where short requests that write are worked on: those for a clip, and those to cancel one."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

P = ParamSpec("P")
T = TypeVar("T")


class Lane:
    """One thread where the database is an SQLite file, which has one writer; as many as there are requests elsewhere.

    Threads that wait in line hand the file on to one that first has to wake up and to get hold of the interpreter: with eight
    requests at a time that was a quarter of an answer's time (`python -m scripts.bench_service`).
    """

    def __init__(self, *, single: bool) -> None:
        self._thread = ThreadPoolExecutor(1, "writer") if single else None

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """For what is short: others wait for it."""
        if self._thread is None:
            return await run_in_threadpool(work, *args, **kwargs)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, lambda: context.run(work, *args, **kwargs)
        )
