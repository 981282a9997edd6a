"""Recordings: uploaded, looked at, listed, deleted, and what happened in them."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from renderer.access.caller import Caller
from renderer.api.answers import base_url, next_link, tagged
from renderer.api.deps import Audited, Here, Reader, Trail, Uploader
from renderer.api.intake.receive import Received, receive
from renderer.api.intake.stream import in_upload_thread
from renderer.api.models.base import instant, instant_or_none
from renderer.api.models.pages import RecordingPage
from renderer.api.models.recording import RECORDING_ID, Recording, Timeline
from renderer.api.problems.responses import problems
from renderer.api.reading.messages import Question
from renderer.api.service import Service
from renderer.database.tables import UploadedRecording
from renderer.jobs.recordings import MAX_PAGE

router = APIRouter(tags=["recordings"])

RecordingId = Annotated[str, Path(max_length=100, examples=[RECORDING_ID])]
_BINARY: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_FORM: dict[str, Any] = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "The recording."},
            "events": {
                "type": "string",
                "format": "binary",
                "description": "Analytics events of the same session: PostHog's, your own, or OpenTelemetry spans.",
            },
        },
    }
}
BODY: dict[str, Any] = {
    "required": True,
    "description": "An rrweb event array, JSON lines, or what PostHog exports; plain, gzip or zstd.",
    "content": {
        "multipart/form-data": _FORM,
        "application/octet-stream": _BINARY,
        "application/json": {"schema": {"type": "array", "items": {"type": "object"}}},
        "application/x-ndjson": _BINARY,
    },
}
ENCODING = Annotated[
    str | None,
    Header(
        alias="Content-Encoding",
        description="Of a body that is the recording itself.",
        json_schema_extra={"enum": ["identity", "gzip", "zstd"]},
    ),
]
LOCATION = {"Location": {"description": "The recording's own address.", "schema": {"type": "string"}}}


@router.post(
    "/v1/recordings",
    status_code=201,
    response_model=Recording,
    responses={
        **problems(413, 415),
        201: {"description": "It is stored.", "headers": LOCATION},
        200: {"model": Recording, "description": "You had it already; it is kept longer.", "headers": LOCATION},
    },
    openapi_extra={"requestBody": BODY},
)
async def upload_recording(
    request: Request, service: Here, caller: Uploader, trail: Audited, content_encoding: ENCODING = None
) -> Response:
    """Upload a recording, as the body itself or as the field `file` of a form, beside which `events` may be.

    It is looked through while it comes: what is no recording, or too large once decompressed, is refused and leaves nothing behind.
    """
    received = await in_upload_thread(request, lambda: receive(request, service.recordings))
    return await run_in_threadpool(add, service, caller, received, trail, base_url(request, service.settings))


def add(service: Service, caller: Caller, received: Received, trail: Trail, root: str) -> Response:
    row, is_new = service.recordings.add(
        caller.tenant,
        received.stored,
        received.events,
        lambda session: trail.note_in(session, caller, "recording.upload", received.stored.id),
    )
    headers = {"Location": f"{root}/v1/recordings/{row.recording_id}"}
    return JSONResponse(told(row).model_dump(mode="json"), 201 if is_new else 200, headers)


@router.get("/v1/recordings", response_model=RecordingPage, responses=problems())
def list_recordings(
    request: Request,
    service: Here,
    caller: Reader,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
) -> Response:
    """Your recordings, newest first."""
    page = service.recordings.page(caller.tenant, cursor, limit)
    body = RecordingPage(
        data=tuple(told(row) for row in page.recordings),
        has_more=page.next_cursor is not None,
        next_cursor=page.next_cursor,
    )
    return tagged(request, body, headers=next_link(request, page.next_cursor, base_url(request, service.settings)))


@router.get(
    "/v1/recordings/{recording_id}",
    response_model=Recording,
    responses={**problems(404), 304: {"description": "It is as you have it."}},
)
def get_recording(recording_id: RecordingId, request: Request, service: Here, caller: Reader) -> Response:
    """An uploaded recording."""
    return tagged(request, told(service.recordings.get(caller.tenant, recording_id)))


@router.delete(
    "/v1/recordings/{recording_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404), 204: {"description": "It is gone."}},
)
def delete_recording(recording_id: RecordingId, service: Here, caller: Uploader, trail: Audited) -> Response:
    """Delete a recording and the events that came with it, for good. Clips that were made of it stay."""
    service.recordings.delete(
        caller.tenant,
        recording_id,
        lambda session: trail.note_in(session, caller, "recording.delete", recording_id),
    )
    return Response(status_code=204)


@router.get("/v1/recordings/{recording_id}/timeline", response_model=Timeline, responses=problems(404, 502))
def get_timeline(
    recording_id: RecordingId,
    service: Here,
    caller: Reader,
    from_ms: Annotated[int, Query(ge=0, le=10**10, description="Session time to begin at.")] = 0,
    limit: Annotated[int, Query(ge=1, le=10_000, description="Entries at the most.")] = 2000,
) -> Any:
    """What happened in a recording: clicks, inputs, pages, errors, requests, model calls; redacted by the default policy."""
    row = service.recordings.get(caller.tenant, recording_id)
    reference = f"recording:{row.recording_id}"
    answer = service.reader.ask(Question(reference, row.events, from_ms, limit))
    return {
        "recording": reference,
        "duration_ms": answer.duration_ms,
        "entries": answer.entries,
        "total": answer.total,
        "calls": answer.calls,
        "environment": answer.environment,
        "hidden": answer.hidden,
        "warnings": answer.warnings,
    }


def told(row: UploadedRecording) -> Recording:
    known = row.first_ms is not None and row.last_ms is not None
    return Recording(
        id=row.recording_id,
        reference=f"recording:{row.recording_id}",
        bytes=row.bytes,
        text_bytes=row.text_bytes,
        events=row.event_count,
        has_events_file=row.events is not None,
        started_at=_instant(row.first_ms),
        duration_ms=(row.last_ms or 0) - (row.first_ms or 0) if known else None,
        created_at=instant(row.created_ms),
        expires_at=instant_or_none(row.expires_ms),
    )


def _instant(unix_ms: int | None) -> str | None:
    """None for what a recorder's clock said and no calendar holds."""
    try:
        return instant_or_none(unix_ms)
    except (OverflowError, OSError, ValueError):
        return None
