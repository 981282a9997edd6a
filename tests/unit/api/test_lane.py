"""One after another where there is one writer, side by side elsewhere; what the request knows is known there."""

import asyncio
import threading
from contextvars import ContextVar

import pytest

from renderer.api.lane import Lane

REQUEST: ContextVar[str] = ContextVar("request")


async def _all(lane: Lane, count: int) -> list[tuple[str, int]]:
    """By request, how many were worked on beside it."""
    together = threading.Semaphore(0)
    busy = 0
    lock = threading.Lock()

    def work() -> tuple[str, int]:
        nonlocal busy
        with lock:
            busy += 1
            beside = busy
        together.acquire(timeout=0.05)
        with lock:
            busy -= 1
        return REQUEST.get(), beside

    async def request(name: str) -> tuple[str, int]:
        REQUEST.set(name)
        return await lane.run(work)

    return list(await asyncio.gather(*(request(f"r{number}") for number in range(count))))


def test_one_at_a_time_where_there_is_one_writer() -> None:
    assert asyncio.run(_all(Lane(single=True), 5)) == [(f"r{number}", 1) for number in range(5)]


def test_side_by_side_elsewhere() -> None:
    said = asyncio.run(_all(Lane(single=False), 5))
    assert [name for name, _ in said] == [f"r{number}" for number in range(5)]
    assert max(beside for _, beside in said) > 1


@pytest.mark.parametrize("single", [True, False])
def test_what_goes_wrong_is_told(single: bool) -> None:
    async def fails() -> None:
        await Lane(single=single).run(int, "x")

    with pytest.raises(ValueError, match="invalid literal"):
        asyncio.run(fails())
