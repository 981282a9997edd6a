"""The body of a request, for code that is not asynchronous: it runs in a thread and pulls."""

from collections.abc import AsyncIterator, Iterator

import anyio
from starlette.requests import Request


def blocks_of(request: Request) -> Iterator[bytes]:
    """To be read in a thread that anyio started. Raises ClientDisconnect when the caller leaves, ProblemError beyond the limit."""
    stream = request.stream().__aiter__()
    while (block := anyio.from_thread.run(_next, stream)) is not None:
        if block:
            yield block


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    return await anext(stream, None)
