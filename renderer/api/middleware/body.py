"""How much of a body is read at all. Uploads count for themselves: their limit is another one."""

from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renderer.api.problems import ProblemError
from renderer.api.problems.handlers import respond
from renderer.recording.limits import MIB

MOST_BYTES: Final = 1 * MIB
"""Of everything but uploads: a batch of a thousand references fits in."""


class BodyLimitMiddleware:
    def __init__(self, app: ASGIApp, *, upload_bytes: int) -> None:
        self._app = app
        self._upload_bytes = upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = self._upload_bytes if _takes_uploads(scope) else MOST_BYTES
        told = Headers(scope=scope).get("content-length", "")
        if told.isdigit() and int(told) > most:
            too_large = _too_large(most)
            answer = respond(Request(scope), 413, too_large.code, too_large.detail, headers={"Connection": "close"})
            await answer(scope, receive, send)
            return
        total = 0

        async def counted() -> Message:
            nonlocal total
            message = await receive()
            if message["type"] == "http.request":
                total += len(message.get("body", b""))
                if total > most:
                    raise _too_large(most)
            return message

        await self._app(scope, counted, send)


def _takes_uploads(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == "/v1/recordings" or path.startswith("/v1/uploads/")


def _too_large(most: int) -> ProblemError:
    size = f"{most / MIB:g} MiB" if most >= MIB else f"{most:,} bytes"
    return ProblemError(
        413, "body_too_large", f"the body is larger than {size}; send less", headers={"Connection": "close"}
    )
