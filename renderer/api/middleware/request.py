"""The outermost layer: a request's id, safe headers, its time, its line in the log, and an answer whatever happens inside."""

import re
import time
from collections.abc import Callable
from typing import Any, Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from renderer.api.middleware import facts
from renderer.api.problems.handlers import respond
from renderer.database.ids import new_id
from renderer.logs import where

_log = structlog.get_logger("renderer.api")

_SANE_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,127}")
# What an answer says unless its route knows better. Nothing here is a page, and nothing is for other sites.
_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
# Asked for every few seconds by machines: their lines would be most of the log.
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})

Observe = Callable[[str, str, int, float], None]


class RequestMiddleware:
    """`observe(method, route, status, seconds)` is called once for each request that was answered."""

    def __init__(self, app: ASGIApp, *, observe: Observe, https: bool) -> None:
        self._app = app
        self._observe = observe
        self._headers = _HEADERS | ({"Strict-Transport-Security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        told = facts.begin(request_id=request_id)
        began = time.monotonic()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:
            # The message of a foreign exception may quote what was sent or recorded: only where and what kind.
            _log.error("unexpected error", error=type(error).__name__, where=where(error), exc_info=error)
            if status:
                raise
            detail = "this is a fault of the service; name the request_id when you report it"
            answer = respond(Request(scope), 500, "internal_error", detail)
            await answer(scope, receive, send_with_headers)
        finally:
            self._finish(scope, told, status, time.monotonic() - began)

    def _finish(self, scope: Scope, told: dict[str, Any], status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", None)
        self._observe(_method(scope), route or "none", status, seconds)
        if route in _QUIET and status < 400:
            return
        # The path itself is not logged: it may hold a share link's token, and whatever somebody mistyped.
        client = scope.get("client")
        _log.info(
            "request",
            **told,
            method=_method(scope),
            route=route,
            status=status,
            duration_ms=round(seconds * 1000, 1),
            address=client[0] if client else None,
        )


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if _SANE_ID.fullmatch(given) else new_id("req")


def _method(scope: Scope) -> str:
    """Methods are free words: what is made up must not become a label of its own in the metrics."""
    method = str(scope["method"])
    return method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} else "other"
