"""Batches: many clips asked for together."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from renderer.access.caller import Caller
from renderer.api.answers import base_url, tagged
from renderer.api.deps import Audited, Here, Reader, Trail, Writer
from renderer.api.idempotency import Answer
from renderer.api.models.asked import ClipSpec
from renderer.api.models.base import instant
from renderer.api.models.batch import Batch, BatchCreate
from renderer.api.once import Finish, Once
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import IdempotencyKey
from renderer.api.service import Service
from renderer.api.submit import Asked, submission
from renderer.database.engine import now_ms
from renderer.database.ids import new_id
from renderer.database.states import UNFINISHED
from renderer.jobs.batches import SeenBatch, add_batch
from renderer.jobs.model import BATCH, Submission
from renderer.jobs.seen import Seen

router = APIRouter(tags=["batches"])


@router.post(
    "/v1/batches",
    status_code=202,
    response_model=Batch,
    responses={
        **problems(409),
        202: {
            "description": "All of its clips are in the queue.",
            "headers": {"Location": {"description": "The batch's own address.", "schema": {"type": "string"}}},
        },
    },
)
def create_batch(
    body: BatchCreate,
    request: Request,
    service: Here,
    caller: Writer,
    trail: Audited,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Ask for a clip of each of many recordings: all of them, or none when one of them will not do."""
    root = base_url(request, service.settings)
    told = body.model_dump(mode="json", exclude_unset=True)
    once = Once(keys=service.idempotency, caller=caller, key=idempotency_key, path="/v1/batches", body=told)
    answer = once.run(lambda finish: _create(service, caller, body, finish, root, trail))
    return JSONResponse(answer.body, answer.status, answer.headers)


def _create(service: Service, caller: Caller, body: BatchCreate, finish: Finish, root: str, trail: Trail) -> Answer:
    batch_id = new_id("bat")
    wanted = _submissions(service, caller, body, batch_id)
    answers: list[Answer] = []

    def first(session: Session) -> None:
        service.quotas.check(session, caller.key_id, len(wanted))
        batch = add_batch(
            session,
            batch_id=batch_id,
            tenant=caller.tenant,
            key_id=caller.key_id,
            labels=body.metadata,
            size=len(wanted),
            at_ms=now_ms(),
        )
        told = _told(SeenBatch(batch, {"queued": len(wanted)}), root)
        answers.append(Answer(202, {"Location": f"{root}/v1/batches/{batch_id}"}, told.model_dump(mode="json")))

    def last(session: Session, clips: Sequence[Seen]) -> None:
        finish(session, lambda: answers[0])
        trail.note_in(session, caller, "batch.create", batch_id, clips=len(clips))

    service.queue.submit_many(wanted, first=first, last=last)
    service.waker.wake()
    return answers[0]


def _submissions(service: Service, caller: Caller, body: BatchCreate, batch_id: str) -> list[Submission]:
    options = body.clip.model_dump(exclude_unset=True, exclude={"metadata", "deliver"})
    return [
        submission(
            service,
            caller,
            Asked(
                spec=ClipSpec.model_validate({**options, "recording": recording}),
                metadata={**body.metadata, **body.clip.metadata},
                deliver=body.clip.deliver,
                priority=BATCH,
                batch_id=batch_id,
                at=("clip",),
                recording_at=("recordings", number),
            ),
        )
        for number, recording in enumerate(body.recordings)
    ]


@router.get(
    "/v1/batches/{batch_id}",
    response_model=Batch,
    responses={**problems(404), 304: {"description": "It is as you have it."}},
)
def get_batch(
    batch_id: Annotated[str, Path(max_length=100, examples=["bat_01kb1w3r9v5x2e8y7n6m4t0qhs"])],
    request: Request,
    service: Here,
    caller: Reader,
) -> Any:
    """A batch, and how far its clips are."""
    return tagged(request, _told(service.batches.get(caller.tenant, batch_id), base_url(request, service.settings)))


def _told(seen: SeenBatch, root: str) -> Batch:
    batch = seen.batch
    return Batch(
        id=batch.id,
        status="running" if any(seen.counts.get(status) for status in UNFINISHED) else "finished",
        size=batch.size,
        counts=dict(seen.counts),
        clips_url=f"{root}/v1/clips?batch_id={batch.id}",
        metadata=batch.labels,
        created_at=instant(batch.created_ms),
    )
