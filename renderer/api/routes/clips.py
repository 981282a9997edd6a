"""Clips: asked for, looked at, listed, called off, deleted."""

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from renderer.access.caller import Caller
from renderer.api import present
from renderer.api.answers import base_url, next_link, tagged
from renderer.api.deps import Audited, Here, Reader, Trail, Writer
from renderer.api.idempotency import Answer
from renderer.api.middleware import facts
from renderer.api.models.asked import ClipCreate
from renderer.api.models.clip import Clip
from renderer.api.models.pages import ClipPage
from renderer.api.once import Finish, Once
from renderer.api.prefer import wait_s
from renderer.api.problems.responses import problems
from renderer.api.service import Service
from renderer.api.submit import Asked, submission
from renderer.api.watch import LOOK_S
from renderer.database.states import ENDED, ClipStatus
from renderer.jobs.queue import MAX_PAGE
from renderer.jobs.seen import Seen

router = APIRouter(tags=["clips"])

ClipId = Annotated[str, Path(max_length=100, examples=["clip_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="The same request with the same key, within 24 hours, does nothing again and is answered as it was the first time.",
        examples=["9f1c3a4e-5a0b-4d53-9f0e-5c5a0ad3c1f7"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        max_length=200,
        description="`wait=N` keeps the answer back until the clip has ended, N seconds at the most (30); `respond-async` is the default.",
        examples=["wait=5"],
    ),
]
NO_NUL = r"^[^\x00]*$"
"""Of texts that PostgreSQL is asked for, which has none with it."""
_LOOK_AGAIN_S = "2"
_LOCATION = {"Location": {"description": "The clip's own address.", "schema": {"type": "string"}}}
_LATER = {"Retry-After": {"description": "Seconds after which to look.", "schema": {"type": "integer"}}}
_ETAG = {"ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}}}


@router.post(
    "/v1/clips",
    status_code=202,
    response_model=Clip,
    responses={
        **problems(409),
        200: {"model": Clip, "description": "It has ended while you waited for it.", "headers": _LOCATION},
        202: {"description": "It is in the queue.", "headers": _LOCATION | _LATER},
    },
)
async def create_clip(
    body: ClipCreate,
    request: Request,
    service: Here,
    caller: Writer,
    trail: Audited,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
) -> Response:
    """Ask for a clip. It is answered before it is made: look at `Location`, or at its events."""
    root = base_url(request, service.settings)
    told = body.model_dump(mode="json", exclude_unset=True)
    once = Once(keys=service.idempotency, caller=caller, key=idempotency_key, path="/v1/clips", body=told)
    answer = await service.lane.run(_create, service, caller, body, once, root, trail)
    clip_id = str(answer.body["id"])
    facts.tell(clip_id=clip_id, session=answer.body["session"])
    patience_s = wait_s(prefer)
    if patience_s and await _ended(service, clip_id, patience_s):
        seen = await run_in_threadpool(service.queue.get, caller.tenant, clip_id)
        answer = Answer(200, answer.headers, present.clip(seen, root).model_dump(mode="json"))
    applied = {"Preference-Applied": f"wait={patience_s}"} if patience_s else {}
    later = {"Retry-After": _LOOK_AGAIN_S} if answer.status == 202 else {}
    return JSONResponse(answer.body, answer.status, answer.headers | applied | later)


async def _ended(service: Service, clip_id: str, seconds: float) -> bool:
    """Cut short when the server is about to end."""
    waiting = asyncio.create_task(service.watch.until_ended(clip_id, seconds))
    while not waiting.done() and not service.stopping.is_set():
        await asyncio.wait([waiting], timeout=LOOK_S)
    waiting.cancel()
    return waiting.done() and not waiting.cancelled() and waiting.result()


def _create(service: Service, caller: Caller, body: ClipCreate, once: Once, root: str, trail: Trail) -> Answer:
    def act(finish: Finish) -> Answer:
        wanted = submission(service, caller, Asked(spec=body, metadata=body.metadata, deliver=body.deliver))
        request = wanted.request

        def last(session: Session, seen: Sequence[Seen]) -> None:
            clip_id = seen[0].clip.id
            finish(session, lambda: _accepted(seen[0], root))
            trail.note_in(
                session, caller, "clip.create", clip_id, recording=request.recording, redaction=request.redaction
            )

        (seen,) = service.queue.submit_many(
            [wanted], first=partial(service.quotas.check, key_id=caller.key_id), last=last
        )
        service.waker.wake()
        return _accepted(seen, root)

    return once.run(act)


def _accepted(seen: Seen, root: str) -> Answer:
    clip = present.clip(seen, root)
    return Answer(202, {"Location": f"{root}/v1/clips/{clip.id}"}, clip.model_dump(mode="json"))


@router.get("/v1/clips", response_model=ClipPage, responses=problems())
def list_clips(
    request: Request,
    service: Here,
    caller: Reader,
    cursor: Annotated[
        str | None, Query(max_length=100, pattern=NO_NUL, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    status: Annotated[ClipStatus | None, Query()] = None,
    session_id: Annotated[
        str | None, Query(max_length=200, pattern=NO_NUL, description="The recorder's id of the session.")
    ] = None,
    recording: Annotated[str | None, Query(max_length=2000, pattern=NO_NUL)] = None,
    batch_id: Annotated[str | None, Query(max_length=100, pattern=NO_NUL)] = None,
) -> Response:
    """Your clips, newest first."""
    root = base_url(request, service.settings)
    page = service.queue.page(
        caller.tenant,
        cursor=cursor,
        limit=limit,
        status=status,
        session=session_id,
        recording=recording,
        batch_id=batch_id,
    )
    told = ClipPage(
        data=tuple(present.clip(seen, root) for seen in page.clips),
        has_more=page.next_cursor is not None,
        next_cursor=page.next_cursor,
    )
    return tagged(request, told, headers=next_link(request, page.next_cursor, root))


@router.get(
    "/v1/clips/{clip_id}",
    response_model=Clip,
    responses={
        **problems(404, 410),
        200: {"headers": _ETAG | _LATER},
        304: {"description": "It is as you have it.", "headers": _ETAG},
    },
)
def get_clip(
    clip_id: ClipId,
    request: Request,
    service: Here,
    caller: Reader,
    if_none_match: Annotated[str | None, Header(max_length=500)] = None,
) -> Response:
    """A clip, and how far it is."""
    facts.tell(clip_id=clip_id)
    seen = service.queue.get(caller.tenant, clip_id)
    facts.tell(session=seen.clip.session)
    later = {} if seen.clip.status in ENDED else {"Retry-After": _LOOK_AGAIN_S}
    return tagged(request, present.clip(seen, base_url(request, service.settings)), headers=later)


@router.post(
    "/v1/clips/{clip_id}/cancel",
    status_code=202,
    response_model=Clip,
    responses={**problems(404, 409, 410), 202: {"description": "It ends within two seconds."}},
)
async def cancel_clip(clip_id: ClipId, request: Request, service: Here, caller: Writer, trail: Audited) -> Any:
    """Call a clip off. What works on it is stopped; 409 when it has ended already."""
    facts.tell(clip_id=clip_id)
    note = trail.noting(caller, "clip.cancel", clip_id)
    seen = await service.lane.run(service.queue.cancel, caller.tenant, clip_id, note)
    return present.clip(seen, base_url(request, service.settings))


@router.delete(
    "/v1/clips/{clip_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404, 410), 204: {"description": "It is gone, with its files."}},
)
def delete_clip(clip_id: ClipId, service: Here, caller: Writer, trail: Audited) -> Response:
    """Delete a clip and its files, for good: after this it answers 410. One that is being made is called off."""
    facts.tell(clip_id=clip_id)
    render_id = service.queue.delete(caller.tenant, clip_id, trail.noting(caller, "clip.delete", clip_id))
    if render_id is not None:
        service.sweeper.purge_render(render_id)
    return Response(status_code=204)
