"""The body of a request, for code that is not asynchronous: it runs in a thread and pulls."""

from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, TypeVar

import anyio
from starlette.requests import Request

from renderer.api.problems import ProblemError

AT_ONCE: Final = 16
"""Each upload holds a thread for as long as its sender takes: they must not take those that answer."""
_SILENCE_S: Final = 60

_Result = TypeVar("_Result")


async def in_upload_thread(request: Request, act: Callable[[], _Result]) -> _Result:
    limiter: anyio.CapacityLimiter = request.app.state.upload_threads
    return await anyio.to_thread.run_sync(act, limiter=limiter, abandon_on_cancel=False)


def blocks_of(request: Request) -> Iterator[bytes]:
    """To be read in a thread that anyio started. Raises ClientDisconnect when the caller leaves, ProblemError beyond the limit."""
    stream = request.stream().__aiter__()
    while (block := anyio.from_thread.run(_next, stream)) is not None:
        if block:
            yield block


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    try:
        with anyio.fail_after(_SILENCE_S):
            return await anext(stream, None)
    except TimeoutError:
        raise ProblemError(
            408,
            "body_timeout",
            f"nothing of the body came for {_SILENCE_S} s; send it again",
            headers={"Connection": "close"},
        ) from None
