"""Schedules: batches that are made again and again."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import JSONResponse, Response

from renderer.api.answers import base_url
from renderer.api.deps import Audited, Here, Reader, Writer, need
from renderer.api.models.base import instant
from renderer.api.models.schedule import Schedule, ScheduleChange, ScheduleCreate, Schedules
from renderer.api.problems.responses import problems
from renderer.api.survey import survey_of
from renderer.database import tables
from renderer.database.engine import now_ms

router = APIRouter(tags=["schedules"])

ScheduleId = Annotated[str, Path(max_length=100, examples=["sch_01kb1w3r9v5x2e8y7n6m4t0qhs"])]


@router.post(
    "/v1/schedules",
    status_code=201,
    response_model=Schedule,
    responses={
        **problems(409),
        201: {
            "description": "Its first batch is made at once.",
            "headers": {"Location": {"description": "The schedule's own address.", "schema": {"type": "string"}}},
        },
    },
)
def create_schedule(body: ScheduleCreate, request: Request, service: Here, caller: Writer, trail: Audited) -> Response:
    """Have a batch made again and again, of the sessions that have come since.

    Sessions that come late, or that still went on, are looked into the next time; none is looked into twice.
    """
    if body.archive:
        need(caller, "recordings:write", "archive")
    root = base_url(request, service.settings)
    asked = survey_of(service, caller, body.batch, now_ms(), ("batch",), archive=body.archive)
    row = service.schedules.create(
        caller.tenant,
        caller.key_id,
        name=body.name,
        labels=body.batch.metadata,
        spec=asked.spec,
        every_ms=body.every_s * 1000,
        late_ms=body.late_s * 1000,
        last=lambda session, row: trail.note_in(session, caller, "schedule.create", row.id),
    )
    service.waker.wake()
    location = f"{root}/v1/schedules/{row.id}"
    return JSONResponse(told(row, root).model_dump(mode="json"), 201, {"Location": location})


@router.get("/v1/schedules", response_model=Schedules, responses=problems())
def list_schedules(request: Request, service: Here, caller: Reader) -> Any:
    """Your schedules, oldest first."""
    root = base_url(request, service.settings)
    return Schedules(data=tuple(told(row, root) for row in service.schedules.list(caller.tenant)))


@router.get("/v1/schedules/{schedule_id}", response_model=Schedule, responses=problems(404))
def get_schedule(schedule_id: ScheduleId, request: Request, service: Here, caller: Reader) -> Any:
    """A schedule of yours, and when it is due."""
    return told(service.schedules.get(caller.tenant, schedule_id), base_url(request, service.settings))


@router.patch("/v1/schedules/{schedule_id}", response_model=Schedule, responses=problems(404))
def change_schedule(
    schedule_id: ScheduleId, body: ScheduleChange, request: Request, service: Here, caller: Writer, trail: Audited
) -> Any:
    """Change how often, or pause it. When it goes on, nothing of the pause is missed."""
    row = service.schedules.change(
        caller.tenant,
        schedule_id,
        every_ms=None if body.every_s is None else body.every_s * 1000,
        enabled=body.enabled,
        last=lambda session, row: trail.note_in(session, caller, "schedule.change", row.id),
    )
    return told(row, base_url(request, service.settings))


@router.delete(
    "/v1/schedules/{schedule_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404), 204: {"description": "No more batches are made. Those that were made stay."}},
)
def delete_schedule(schedule_id: ScheduleId, service: Here, caller: Writer, trail: Audited) -> Response:
    """Take a schedule away."""
    service.schedules.delete(
        caller.tenant, schedule_id, lambda session, row: trail.note_in(session, caller, "schedule.delete", row.id)
    )
    return Response(status_code=204)


def told(row: tables.Schedule, root: str) -> Schedule:
    return Schedule(
        id=row.id,
        name=row.name,
        every_s=row.every_ms // 1000,
        late_s=row.late_ms // 1000,
        archive=bool(row.spec.get("archive")),
        rules=row.spec.get("rules"),
        enabled=row.paused_ms is None,
        watermark_at=instant(row.watermark_ms),
        next_at=instant(row.next_ms),
        last_batch_id=row.batch_id,
        last_batch_url=None if row.batch_id is None else f"{root}/v1/batches/{row.batch_id}",
        metadata=row.labels,
        created_at=instant(row.created_ms),
    )
