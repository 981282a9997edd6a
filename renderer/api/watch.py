"""Waiting for something to happen to a clip, without a thread for each who waits."""

import asyncio
import time
from typing import Final

from starlette.concurrency import run_in_threadpool

from renderer.api.service import Service
from renderer.database.states import ENDED

LOOK_S: Final = 0.4
"""How often the database is asked: what is seen is never older."""


async def until_ended(service: Service, tenant: str, clip_id: str, seconds: float) -> bool:
    """Whether the clip ended within so many seconds."""
    deadline_s = time.monotonic() + seconds
    while not service.stopping.is_set():
        _, status = await run_in_threadpool(service.queue.revision, tenant, clip_id)
        if status in ENDED:
            return True
        rest_s = deadline_s - time.monotonic()
        if rest_s <= 0:
            return False
        await asyncio.sleep(min(LOOK_S, rest_s))
    return False
