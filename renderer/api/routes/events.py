"""What happens to a clip, as server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import structlog
from fastapi import APIRouter, Depends, Header
from fastapi.sse import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from renderer.api.deps import Here, Reader
from renderer.api.middleware import facts
from renderer.api.models.base import instant
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import ClipId
from renderer.api.watch import LOOK_S
from renderer.database.states import ENDED
from renderer.database.tables import ClipEvent
from renderer.errors import RendererError, RequestError

router = APIRouter(tags=["clips"])
_log = structlog.get_logger("renderer.api")

_AT_ONCE: Final = 100
_RECONNECT_MS: Final = 2000
_ONE_EVENT: Final = """event: progress
data: {"clip_id": "clip_01kb1w3r9v5x2e8y7n6m4t0qhs", "at": "2026-11-27T06:29:29.123Z", "stage": "rendering", "percent": 41}
id: 7

"""


def _watched(
    clip_id: ClipId,
    service: Here,
    caller: Reader,
    last_event_id: Annotated[
        str | None,
        Header(
            pattern=r"^[0-9]{1,15}$",
            description="The id of the last event that you have; those after it are sent again.",
            examples=["6"],
        ),
    ] = None,
) -> int:
    """The number of the last event that the caller has. Whatever is wrong has to be said before the stream begins."""
    facts.tell(clip_id=clip_id)
    seen = int(last_event_id or 0)
    _, status = service.queue.revision(caller.tenant, clip_id)
    if status in ENDED and seen and not service.queue.events_after(caller.tenant, clip_id, seen, 1):
        # The one answer that tells an EventSource to leave off.
        raise HTTPException(204)
    return seen


@router.get(
    "/v1/clips/{clip_id}/events",
    response_class=EventSourceResponse,
    responses={
        **problems(404, 410),
        200: {
            "description": "A stream of the events `status`, `progress`, `warning` and, at the end, `done`; kept alive by comments.",
            "content": {"text/event-stream": {"schema": {"type": "string"}, "example": _ONE_EVENT}},
        },
        204: {"description": "You have all events, and there will be no more."},
    },
)
async def clip_events(
    clip_id: ClipId, service: Here, caller: Reader, after: Annotated[int, Depends(_watched)]
) -> AsyncIterator[ServerSentEvent]:
    """What happens to a clip while it happens, from its beginning or from `Last-Event-ID` on; it ends after `done`.

    The id of an event is its number; it only grows, with gaps where progress was overtaken.
    """
    yield ServerSentEvent(retry=_RECONNECT_MS)
    while not service.stopping.is_set():
        try:
            events, ended = await run_in_threadpool(_news, service, caller.tenant, clip_id, after)
        except RequestError as error:  # deleted meanwhile
            yield ServerSentEvent(event="done", data={"clip_id": clip_id, "status": "deleted", "detail": error.message})
            return
        except RendererError as error:  # the database is away: it comes back, or the caller leaves
            _log.warning("events wait", code=error.code)
            await asyncio.sleep(LOOK_S * 5)
            continue
        for event in events:
            after = event.number
            yield _sent(event)
        if len(events) == _AT_ONCE:
            continue
        if ended is not None:
            yield ServerSentEvent(event="done", id=str(after), data={"clip_id": clip_id, "status": ended})
            return
        await asyncio.sleep(LOOK_S)


def _news(service: Here, tenant: str, clip_id: str, after: int) -> tuple[list[ClipEvent], str | None]:
    """The status first: what was written before a clip ended is then among the events."""
    revision, status = service.queue.revision(tenant, clip_id)
    events = service.queue.events_after(tenant, clip_id, after, _AT_ONCE) if revision > after else []
    return events, status if status in ENDED else None


def _sent(event: ClipEvent) -> ServerSentEvent:
    data: dict[str, Any] = {"clip_id": event.clip_id, "at": instant(event.at_ms), **event.data}
    return ServerSentEvent(event=event.kind, id=str(event.number), data=data)
