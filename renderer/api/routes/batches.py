"""Batches: many clips asked for together, or many sessions looked through for clips."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from renderer.access.caller import Caller
from renderer.api import batches as present
from renderer.api.answers import base_url, next_link, tagged
from renderer.api.deps import Audited, Here, Reader, Trail, Writer
from renderer.api.idempotency import Answer
from renderer.api.models.asked import ClipSpec
from renderer.api.models.batch import Batch, BatchCreate, BatchSessionPage
from renderer.api.once import Finish, Once
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import IdempotencyKey
from renderer.api.service import Service
from renderer.api.submit import Asked, submission
from renderer.api.survey import survey_of
from renderer.database.engine import now_ms
from renderer.database.ids import new_id
from renderer.database.states import SessionStatus
from renderer.jobs.batches import MAX_PAGE, SeenBatch, add_batch
from renderer.jobs.model import BATCH, Submission
from renderer.jobs.seen import Seen
from renderer.jobs.survey.claims import session_row

router = APIRouter(tags=["batches"])

BatchId = Annotated[str, Path(max_length=100, examples=["bat_01kb1w3r9v5x2e8y7n6m4t0qhs"])]


@router.post(
    "/v1/batches",
    status_code=202,
    response_model=Batch,
    responses={
        **problems(409),
        202: {
            "description": "All of its clips, or of the sessions to be looked into, are in the queue.",
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
    """Ask for a clip of each of many recordings: all of them, or none when one of them will not do.

    With `rules` or a `source`, sessions are looked into first, and what the rules find in them becomes clips.
    """
    root = base_url(request, service.settings)
    told = body.model_dump(mode="json", exclude_unset=True)
    once = Once(keys=service.idempotency, caller=caller, key=idempotency_key, path="/v1/batches", body=told)
    create = _survey if body.looks_through else _create
    answer = once.run(lambda finish: create(service, caller, body, finish, root, trail))
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
        answers.append(_answer(SeenBatch(batch, {"queued": len(wanted)}), root))

    def last(session: Session, clips: Sequence[Seen]) -> None:
        finish(session, lambda: answers[0])
        trail.note_in(session, caller, "batch.create", batch_id, clips=len(clips))

    service.queue.submit_many(wanted, first=first, last=last)
    service.waker.wake()
    return answers[0]


def _survey(service: Service, caller: Caller, body: BatchCreate, finish: Finish, root: str, trail: Trail) -> Answer:
    batch_id, now = new_id("bat"), now_ms()
    survey = survey_of(service, caller, body, now)
    with service.database.write() as session:
        batch = add_batch(
            session,
            batch_id=batch_id,
            tenant=caller.tenant,
            key_id=caller.key_id,
            labels=body.metadata,
            size=len(survey.sessions),
            at_ms=now,
            spec=survey.spec.row(),
            listing="waiting" if survey.spec.source is not None else "done",
        )
        for number, (recording, events) in enumerate(survey.sessions, 1):
            session.add(session_row(batch_id, number, recording, now, events=events))
        waiting = {"waiting": len(survey.sessions)} if survey.sessions else {}
        answer = _answer(SeenBatch(batch, {}, waiting), root)
        finish(session, lambda: answer)
        trail.note_in(session, caller, "batch.create", batch_id, sessions=len(survey.sessions))
    service.waker.wake()
    return answer


def _answer(seen: SeenBatch, root: str) -> Answer:
    told = present.batch(seen, root).model_dump(mode="json")
    return Answer(202, {"Location": f"{root}/v1/batches/{seen.batch.id}"}, told)


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
def get_batch(batch_id: BatchId, request: Request, service: Here, caller: Reader) -> Any:
    """A batch, and how far its sessions and clips are."""
    seen = service.batches.get(caller.tenant, batch_id)
    return tagged(request, present.batch(seen, base_url(request, service.settings)))


@router.get(
    "/v1/batches/{batch_id}/sessions",
    response_model=BatchSessionPage,
    responses={**problems(404), 304: {"description": "It is as you have it."}},
)
def list_batch_sessions(
    batch_id: BatchId,
    request: Request,
    service: Here,
    caller: Reader,
    cursor: Annotated[str | None, Query(max_length=100, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    status: SessionStatus | None = None,
) -> Response:
    """The sessions that a batch looks into, what was found in each, and which clips came of it."""
    page = service.batches.sessions(caller.tenant, batch_id, cursor=cursor, limit=limit, status=status)
    body = BatchSessionPage(
        data=tuple(present.session(row) for row in page.sessions),
        has_more=page.next_cursor is not None,
        next_cursor=page.next_cursor,
    )
    return tagged(request, body, headers=next_link(request, page.next_cursor, base_url(request, service.settings)))
