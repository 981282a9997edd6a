"""Waiting for clips: everybody hears, whoever leaves leaves nothing, and the database is asked once for all."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from renderer.api import watch
from renderer.api.watch import Standing, Watch
from renderer.errors import SetupError


class Asked:
    """A queue that is asked how clips stand; it tells, and counts."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[int, str]] = {}
        self.times = 0
        self.away = False

    def standings(self, clip_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        self.times += 1
        if self.away:
            raise SetupError("database_unreachable", "away", retryable=True)
        return {clip_id: self.found[clip_id] for clip_id in clip_ids if clip_id in self.found}


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> Asked:
    monkeypatch.setattr(watch, "LOOK_S", 0.02)
    return Asked()


def watching(queue: Asked) -> Any:
    return Watch(queue)  # type: ignore[arg-type]


def test_who_comes_late_hears_at_once(queue: Asked) -> None:
    queue.found["a"] = (5, "rendering")
    assert asyncio.run(watching(queue).next("a", 4)) == Standing(5, "rendering")


def test_a_thousand_who_wait_ask_together(queue: Asked) -> None:
    async def story() -> None:
        watch = watching(queue)
        waiting = [asyncio.create_task(watch.next(f"clip{n % 100}", 1)) for n in range(1000)]
        queue.found = {f"clip{n}": (1, "queued") for n in range(100)}
        while queue.times < 3:
            await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        queue.found = {f"clip{n}": (2, "succeeded") for n in range(100)}
        before = queue.times
        assert set(await asyncio.gather(*waiting)) == {Standing(2, "succeeded")}
        assert queue.times - before <= 2
        await asyncio.sleep(0.1)
        rested = queue.times
        await asyncio.sleep(0.1)
        assert queue.times == rested  # nobody waits: nobody asks

    asyncio.run(story())


def test_who_leaves_is_not_waited_for(queue: Asked) -> None:
    async def story() -> None:
        watch = watching(queue)
        queue.found["a"] = (1, "queued")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(watch.next("a", 1), 0.05)
        other = asyncio.create_task(watch.next("a", 1))
        await asyncio.sleep(0.05)
        queue.found["a"] = (2, "fetching")
        assert await asyncio.wait_for(other, 2) == Standing(2, "fetching")

    asyncio.run(story())


def test_a_database_that_comes_back_is_asked_again(queue: Asked) -> None:
    async def story() -> None:
        queue.away = True
        waiting = asyncio.create_task(watching(queue).next("a", 1))
        while queue.times < 3:
            await asyncio.sleep(0.01)
        queue.away, queue.found["a"] = False, (2, "failed")
        assert await asyncio.wait_for(waiting, 2) == Standing(2, "failed")

    asyncio.run(story())


def test_the_end_is_waited_for_only_so_long(queue: Asked) -> None:
    async def story() -> None:
        watch = watching(queue)
        queue.found["a"] = (1, "rendering")
        assert await watch.until_ended("a", 0.1) is False
        queue.found["a"] = (9, "canceled")
        assert await watch.until_ended("a", 5) is True
        queue.found["a"] = (-2, "deleted")
        assert await watch.until_ended("a", 5) is True

    asyncio.run(story())
