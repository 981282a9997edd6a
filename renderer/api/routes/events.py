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
from renderer.api.watch import Standing
from renderer.database.states import ENDED
from renderer.database.tables import ClipEvent
from renderer.errors import RendererError, RequestError

router = APIRouter(tags=["clips"])
_log = structlog.get_logger("renderer.api")

_AT_ONCE: Final = 100
_LOOK_UP_S: Final = 1.0
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
    standing = Standing(-1, "")
    while not service.stopping.is_set():
        try:
            standing = await asyncio.wait_for(service.watch.next(clip_id, standing.revision), _LOOK_UP_S)
            events = await _news(service, caller.tenant, clip_id, after)
        except TimeoutError:  # nothing new: time to see whether the server ends
            continue
        except RequestError:
            standing, events = Standing(-1, "deleted"), []
        except RendererError as error:  # the database is away: it comes back, or the caller leaves
            _log.warning("events wait", code=error.code)
            standing = Standing(-1, "")
            continue
        for event in events:
            after = event.number
            yield _sent(event)
        if standing.ended:
            number = None if standing.status == "deleted" else str(after)
            yield ServerSentEvent(event="done", id=number, data={"clip_id": clip_id, "status": standing.status})
            return


async def _news(service: Here, tenant: str, clip_id: str, after: int) -> list[ClipEvent]:
    """All events after that number. They are read after the status: what was written before a clip ended is then among them."""
    events: list[ClipEvent] = []
    while True:
        number = events[-1].number if events else after
        more = await run_in_threadpool(service.queue.events_after, tenant, clip_id, number, _AT_ONCE)
        events += more
        if len(more) < _AT_ONCE:
            return events


def _sent(event: ClipEvent) -> ServerSentEvent:
    data: dict[str, Any] = {"clip_id": event.clip_id, "at": instant(event.at_ms), **event.data}
    return ServerSentEvent(event=event.kind, id=str(event.number), data=data)
