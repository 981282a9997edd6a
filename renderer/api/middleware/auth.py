"""Who asks: looked at before anything of the body is read."""

from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from renderer.access.caller import Caller
from renderer.api.middleware import facts
from renderer.api.problems import ProblemError
from renderer.api.problems.handlers import refuse
from renderer.errors import RendererError

_SCHEME: Final = "bearer "
_LONGEST_KEY: Final = 300
_SIGNED: Final = "/v1/inbound/"
CHALLENGE: Final = 'Bearer realm="renderer"'

Verify = Callable[[str], Caller]
"""The caller that a key stands for. Raises RendererError: of keys (401), `rate_limited` (429)."""
Recall = Callable[[str], Caller | None]
"""The same from memory, on the event loop: a turn on a thread takes longer. None when it is not in there."""


class AuthMiddleware:
    """Everything below /v1/ needs a key, paths that are not there included: who has none learns nothing. What ticket systems send is signed
    instead, which their route looks at.
    """

    def __init__(self, app: ASGIApp, *, verify: Verify, recall: Recall) -> None:
        self._app = app
        self._verify = verify
        self._recall = recall

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and _needs_key(scope["path"]):
            try:
                key = key_of(Headers(scope=scope))
                caller = self._recall(key)
                if caller is None:
                    caller = await run_in_threadpool(self._verify, key)
            except (ProblemError, RendererError) as error:
                answer = await refuse(Request(scope), error)
                await answer(scope, receive, send)
                return
            scope["state"]["caller"] = caller
            facts.tell(key_id=caller.key_id, tenant=caller.tenant)
        await self._app(scope, receive, send)


def _needs_key(path: str) -> bool:
    return (path == "/v1" or path.startswith("/v1/")) and not path.startswith(_SIGNED)


def key_of(headers: Headers) -> str:
    """Raises ProblemError `key_missing`."""
    given = headers.getlist("authorization")
    if len(given) != 1 or not given[0].lower().startswith(_SCHEME):
        raise ProblemError(
            401,
            "key_missing",
            "this needs an API key: send it as `Authorization: Bearer KEY`; `renderer keys create` makes one",
            headers={"WWW-Authenticate": CHALLENGE},
        )
    return given[0][len(_SCHEME) :].strip()[: _LONGEST_KEY + 1]
