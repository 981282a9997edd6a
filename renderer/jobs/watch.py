"""A render process under watch: what it says, whether it is still wanted, and whether it takes too long or too much."""

import threading
import time
from typing import Final, Protocol

from renderer.jobs.model import Failure
from renderer.jobs.render.messages import Message
from renderer.jobs.render.process import RenderProcess
from renderer.settings import Settings

# A cancellation takes 2 s at the most, of which 1 s belongs to the process.
_LOOK_S: Final = 0.4
_MEMORY_S: Final = 2.0


class Watched(Protocol):
    """Who the process works for. Each answers a word for the log when the work has ended, None when it goes on."""

    def take(self, message: Message) -> str | None: ...

    def look(self, *, beats: bool) -> str | None:
        """Whether it is still wanted; `beats`: it is time for a heartbeat."""
        ...

    def fail(self, failure: Failure) -> str: ...

    def give_back(self) -> str: ...


def watch(process: RenderProcess, work: Watched, settings: Settings, stopping: threading.Event) -> str:
    """Until the end, whichever it is. `stopping`: the worker ends, and what it has in hand is for others."""
    began_s = beat_s = look_s = memory_s = time.monotonic()
    while True:
        try:
            message = process.hear(0.1)
        except EOFError:
            process.end()
            return work.give_back() if process.was_told_to_end else work.fail(died())
        ended = work.take(message) if message is not None else None
        now_s = time.monotonic()
        if ended is None and stopping.is_set():
            ended = work.give_back()
        if ended is None and now_s >= look_s:
            look_s, beats = now_s + _LOOK_S, now_s >= beat_s
            beat_s = now_s + settings.lease_s / 6 if beats else beat_s
            ended = work.look(beats=beats)
        if ended is None and now_s >= memory_s:
            memory_s = now_s + _MEMORY_S
            failure = _beyond(process, now_s - began_s, settings)
            ended = work.fail(failure) if failure is not None else None
        if ended is not None:
            return ended


def _beyond(process: RenderProcess, elapsed_s: float, settings: Settings) -> Failure | None:
    if elapsed_s > settings.clip_timeout_s:
        return took_too_long(settings)
    if process.memory_bytes() > settings.clip_memory_bytes:
        return memory_exceeded(settings)
    return None


def took_too_long(settings: Settings) -> Failure:
    return _of_ours(
        "render_timeout",
        f"the render took longer than {settings.clip_timeout_s:g} s: ask for a shorter range, or raise"
        " RENDERER_CLIP_TIMEOUT_S",
    )


def memory_exceeded(settings: Settings) -> Failure:
    return _of_ours(
        "render_memory",
        f"the render needed more than {settings.clip_memory_bytes / 1024**3:g} GiB of memory: ask for a shorter range"
        " or a smaller size, or raise RENDERER_CLIP_MEMORY_BYTES",
    )


def died() -> Failure:
    return _of_ours(
        "render_died", "the render's process ended without a word, as one does that the system ends for lack of memory"
    )


def _of_ours(code: str, detail: str) -> Failure:
    return Failure(code, "render", "ours", retryable=False, detail=detail)
