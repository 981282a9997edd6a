"""Answers that many endpoints give: with an ETag, by pages, with the address from outside."""

import hashlib
from collections.abc import Mapping

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from renderer.settings import Settings


def base_url(request: Request, settings: Settings) -> str:
    """As which the API is reached from outside, without a slash at its end."""
    return (settings.public_url or str(request.base_url)).rstrip("/")


def tagged(
    request: Request, body: BaseModel, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """JSON with an ETag, or a 304 when that is what the caller has."""
    content = body.model_dump_json().encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    told = {**(headers or {}), "ETag": etag, "Cache-Control": "private, no-cache"}
    if request.method in {"GET", "HEAD"} and matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=told)
    return Response(content, status, told, "application/json")


def matches(condition: str | None, etag: str) -> bool:
    """Whether an `If-None-Match` names the ETag; compared weakly, as RFC 9110 asks."""
    if condition is None:
        return False
    named = {part.strip().removeprefix("W/") for part in condition.split(",")}
    return "*" in named or etag.removeprefix("W/") in named


def next_link(request: Request, cursor: str | None, root: str) -> dict[str, str]:
    """The header `Link` for the page after this one."""
    if cursor is None:
        return {}
    query = str(request.url.include_query_params(cursor=cursor).query)
    return {"Link": f'<{root}{request.url.path}?{query}>; rel="next"'}
