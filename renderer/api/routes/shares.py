"""Share links: made, listed, revoked."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from renderer.access.shares import ShareLink
from renderer.api.answers import base_url
from renderer.api.deps import Audited, Here, Writer
from renderer.api.middleware import facts
from renderer.api.models.base import instant, instant_or_none
from renderer.api.models.share import Share, ShareCreate, Shares
from renderer.api.problems import ProblemError
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import ClipId
from renderer.api.service import Service

router = APIRouter(tags=["share links"])

_DAY_MS = 24 * 3600 * 1000


@router.post("/v1/clips/{clip_id}/shares", status_code=201, response_model=Share, responses=problems(404, 410))
def create_share(
    clip_id: ClipId, body: ShareCreate, request: Request, service: Here, caller: Writer, trail: Audited
) -> Any:
    """Make a link that shows a clip to whoever has it, until it expires or is revoked."""
    facts.tell(clip_id=clip_id)
    service.queue.revision(caller.tenant, clip_id)
    link, _ = service.shares.create(
        caller.tenant, clip_id, body.name, by=trail.by(caller), ttl_ms=max(1, round(body.days * _DAY_MS))
    )
    return _told(service, link, base_url(request, service.settings))


@router.get("/v1/clips/{clip_id}/shares", response_model=Shares, responses=problems(404, 410))
def list_shares(clip_id: ClipId, request: Request, service: Here, caller: Writer) -> Any:
    """The links of a clip, oldest first."""
    facts.tell(clip_id=clip_id)
    service.queue.revision(caller.tenant, clip_id)
    root = base_url(request, service.settings)
    return Shares(data=tuple(_told(service, link, root) for link in service.shares.list(caller.tenant, clip_id)))


@router.delete(
    "/v1/clips/{clip_id}/shares/{share_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404, 410), 204: {"description": "It opens nothing any more."}},
)
def revoke_share(
    clip_id: ClipId,
    share_id: Annotated[str, Path(max_length=100, examples=["shr_01kb1w3r9v5x2e8y7n6m4t0qhs"])],
    service: Here,
    caller: Writer,
    trail: Audited,
) -> Response:
    """Revoke a link, for good."""
    facts.tell(clip_id=clip_id)
    service.queue.revision(caller.tenant, clip_id)
    if all(link.id != share_id for link in service.shares.list(caller.tenant, clip_id)):
        raise ProblemError(404, "link_not_found", "the clip has no share link of this id")
    service.shares.revoke(caller.tenant, share_id, by=trail.by(caller))
    return Response(status_code=204)


def _told(service: Service, link: ShareLink, root: str) -> Share:
    return Share(
        id=link.id,
        clip_id=link.clip_id,
        name=link.name,
        url=f"{root}/s/{service.shares.token(link.id)}",
        views=link.views,
        created_at=instant(link.created_ms),
        expires_at=instant(link.expires_ms),
        revoked_at=instant_or_none(link.revoked_ms),
    )
