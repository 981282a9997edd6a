"""What a share link opens. It needs no key: whoever has the link may look."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Path, Request
from starlette.responses import HTMLResponse, Response

from renderer.access.shares import ShareLink
from renderer.api import sharing
from renderer.api.deps import Audited, Here, Trail
from renderer.api.files import find_file, send_file
from renderer.api.middleware import facts
from renderer.api.models.base import instant
from renderer.api.problems import ProblemError
from renderer.api.problems.responses import problems
from renderer.api.routes.files import FILE_RESPONSES, FileName
from renderer.api.service import Service
from renderer.errors import RendererError
from renderer.jobs.seen import Seen

router = APIRouter(tags=["share links"])
_log = structlog.get_logger("renderer.api")

Token = Annotated[
    str, Path(max_length=200, examples=["shr_01kb1w3r9v5x2e8y7n6m4t0qhs_0f1e2d3c4b5a69788796a5b4c3d2e1f0"])
]
_LONGEST_SUMMARY: Final = 200_000
_PROBLEMS: Final = problems(404, 409, 410, always=(500, 503))
# A page that was counted fetches these by itself.
_OF_A_PAGE: Final = frozenset({"video", "audio", "image", "track"})


@router.get(
    "/s/{token}",
    response_class=HTMLResponse,
    responses={**_PROBLEMS, 200: {"description": "A page with the video and what it shows."}},
)
def shared_page(token: Token, service: Here, trail: Audited) -> Response:
    """A page that shows the clip: no scripts, nothing from elsewhere."""
    link, seen = _open(service, token)
    if seen.clip.status not in ("succeeded", "expired"):
        raise ProblemError(409, "clip_not_finished", "the clip is not finished yet; look again later")
    files = [file for file in (seen.render.files if seen.render else []) if link.opens(file["name"])]
    summary = next((file for file in files if file["kind"] == "summary"), None)
    text = _text(service, seen, summary) if summary is not None else None
    _count(service, trail, link, "page")
    body = sharing.page(files, f"/s/{token}", text, instant(link.expires_ms)[:10])
    return HTMLResponse(body, headers=sharing.HEADERS)


@router.api_route(
    "/s/{token}/{name}",
    methods=["GET"],
    response_class=Response,
    responses={**problems(404, 409, 410, 416, always=(500, 503)), **FILE_RESPONSES},
)
def shared_file(token: Token, name: FileName, request: Request, service: Here, trail: Audited) -> Response:
    """A file of the clip that the link opens, or a part of it."""
    link, seen = _open(service, token)
    if not link.opens(name):
        raise ProblemError(404, "file_not_found", "the link opens no file of that name")
    answer = send_file(request, service.store, seen, find_file(seen, name))
    first = request.headers.get("range", "bytes=0-").replace(" ", "").startswith("bytes=0-")
    if request.method == "GET" and first and request.headers.get("sec-fetch-dest") not in _OF_A_PAGE:
        _count(service, trail, link, name)
    return answer


router.add_api_route(
    "/s/{token}/{name}", shared_file, methods=["HEAD"], response_class=Response, include_in_schema=False
)


def _open(service: Service, token: str) -> tuple[ShareLink, Seen]:
    link = service.shares.open(token)
    facts.tell(share_id=link.id, clip_id=link.clip_id, tenant=link.tenant)
    return link, service.queue.get(link.tenant, link.clip_id)


def _count(service: Service, trail: Trail, link: ShareLink, name: str) -> None:
    try:
        service.shares.count_view(link, trail.by(link), name)
    except RendererError as error:  # who looks need not wait for a database that takes no writes
        _log.warning("view not counted", code=error.code)


def _text(service: Service, seen: Seen, file: Mapping[str, Any]) -> str:
    assert seen.render is not None
    name = f"renders/{seen.render.id}/{file['name']}"
    blocks = service.store.open(name, 0, min(int(file["bytes"]), _LONGEST_SUMMARY)).blocks
    return b"".join(blocks).decode("utf-8", "replace")
