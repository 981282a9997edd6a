"""Finished files."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Header, Path, Request
from starlette.responses import Response

from renderer.api.deps import Here, Reader
from renderer.api.files import find_file, send_file
from renderer.api.middleware import facts
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import ClipId

router = APIRouter(tags=["clips"])

FileName = Annotated[str, Path(max_length=100, examples=["clip.mp4"])]
_BYTES: Final[dict[str, Any]] = {"schema": {"type": "string", "format": "binary"}}
FILE_CONTENT: Final[dict[str, Any]] = {
    "video/mp4": _BYTES,
    "video/webm": _BYTES,
    "image/gif": _BYTES,
    "image/png": _BYTES,
    "text/vtt": {"schema": {"type": "string"}},
    "text/markdown": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "object"}},
}
_HEADERS: Final[dict[str, Any]] = {
    "ETag": {"description": "The file's SHA-256.", "schema": {"type": "string"}},
    "Accept-Ranges": {"schema": {"type": "string"}},
    "Content-Disposition": {"schema": {"type": "string"}},
}
_RANGE = {"Content-Range": {"schema": {"type": "string"}}}
FILE_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The file.", "content": FILE_CONTENT, "headers": _HEADERS},
    206: {"description": "A part of it.", "content": FILE_CONTENT, "headers": _HEADERS | _RANGE},
    304: {"description": "It is as you have it."},
}


@router.api_route(
    "/v1/clips/{clip_id}/files/{name}",
    methods=["GET"],
    response_class=Response,
    responses={**problems(404, 409, 410, 416), **FILE_RESPONSES},
)
def get_file(
    clip_id: ClipId,
    name: FileName,
    request: Request,
    service: Here,
    caller: Reader,
    range_: Annotated[
        str | None,
        Header(alias="Range", max_length=200, description="`bytes=0-99`, `bytes=-100`.", examples=["bytes=0-99"]),
    ] = None,
    if_range: Annotated[str | None, Header(max_length=200)] = None,
    if_none_match: Annotated[str | None, Header(max_length=500)] = None,
) -> Response:
    """A file of a finished clip, or a part of it. Of several ranges none is taken: the file comes whole."""
    facts.tell(clip_id=clip_id)
    seen = service.queue.get(caller.tenant, clip_id)
    facts.tell(session=seen.clip.session)
    return send_file(request, service.store, seen, find_file(seen, name))


router.add_api_route(
    "/v1/clips/{clip_id}/files/{name}", get_file, methods=["HEAD"], response_class=Response, include_in_schema=False
)
