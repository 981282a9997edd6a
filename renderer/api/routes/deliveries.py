"""Deliveries: a clip, or the news of it, on its way to a destination."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from renderer.access.caller import Caller
from renderer.api import present
from renderer.api.answers import base_url
from renderer.api.deps import Audited, Deliverer, Here, Reader, Trail
from renderer.api.idempotency import Answer
from renderer.api.middleware import facts
from renderer.api.models.clip import Delivery
from renderer.api.models.webhook import Deliveries, DeliveryCreate
from renderer.api.once import Finish, Once
from renderer.api.problems.responses import problems
from renderer.api.routes.clips import ClipId, IdempotencyKey
from renderer.api.service import Service
from renderer.api.submit import check_destination
from renderer.database import tables

router = APIRouter(tags=["deliveries"])

DeliveryId = Annotated[str, Path(max_length=100, examples=["dlv_01kb1w3r9v5x2e8y7n6m4t0qhs"])]


@router.post(
    "/v1/clips/{clip_id}/deliveries",
    status_code=202,
    response_model=Delivery,
    responses={**problems(404, 409, 410), 202: {"description": "It goes once the clip has ended."}},
)
def create_delivery(
    clip_id: ClipId,
    body: DeliveryCreate,
    request: Request,
    service: Here,
    caller: Deliverer,
    trail: Audited,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Deliver a clip, now or once it has ended."""
    facts.tell(clip_id=clip_id)
    path = f"/v1/clips/{clip_id}/deliveries"
    once = Once(
        keys=service.idempotency, caller=caller, key=idempotency_key, path=path, body=body.model_dump(mode="json")
    )
    root = base_url(request, service.settings)
    answer = once.run(lambda finish: _create(service, caller, clip_id, body, finish, f"{root}{path}", trail))
    return JSONResponse(answer.body, answer.status, answer.headers)


def _create(
    service: Service, caller: Caller, clip_id: str, body: DeliveryCreate, finish: Finish, url: str, trail: Trail
) -> Answer:
    service.queue.revision(caller.tenant, clip_id)
    going = check_destination(service, caller, body, ("to",))
    answers: list[Answer] = []

    def last(session: Session, row: tables.Delivery) -> None:
        told = present.delivery(row)
        answers.append(Answer(202, {"Location": f"{url}/{row.id}"}, told.model_dump(mode="json")))
        finish(session, lambda: answers[0])
        trail.note_in(session, caller, "delivery.create", row.id, clip=clip_id, to=going.to)

    service.deliveries.add(caller.tenant, clip_id, going, last=last)
    service.waker.wake()
    return answers[0]


@router.get("/v1/clips/{clip_id}/deliveries", response_model=Deliveries, responses=problems(404, 410))
def list_deliveries(clip_id: ClipId, service: Here, caller: Reader) -> Any:
    """The deliveries of a clip, oldest first."""
    facts.tell(clip_id=clip_id)
    seen = service.queue.get(caller.tenant, clip_id)
    return Deliveries(data=tuple(present.delivery(row) for row in seen.deliveries))


@router.get("/v1/clips/{clip_id}/deliveries/{delivery_id}", response_model=Delivery, responses=problems(404, 410))
def get_delivery(clip_id: ClipId, delivery_id: DeliveryId, service: Here, caller: Reader) -> Any:
    """A delivery, and how far it is."""
    facts.tell(clip_id=clip_id)
    return present.delivery(service.deliveries.get(caller.tenant, clip_id, delivery_id))


@router.post(
    "/v1/clips/{clip_id}/deliveries/{delivery_id}/retry",
    status_code=202,
    response_model=Delivery,
    responses={**problems(404, 409, 410), 202: {"description": "It is tried again now."}},
)
def retry_delivery(clip_id: ClipId, delivery_id: DeliveryId, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """Try a delivery again that failed."""
    facts.tell(clip_id=clip_id)
    noted = trail.noting(caller, "delivery.retry", delivery_id, clip=clip_id)
    row = service.deliveries.retry(caller.tenant, clip_id, delivery_id, noted)
    service.waker.wake()
    return present.delivery(row)


@router.post(
    "/v1/clips/{clip_id}/deliveries/{delivery_id}/cancel",
    status_code=202,
    response_model=Delivery,
    responses={**problems(404, 409, 410), 202: {"description": "It is not tried any more."}},
)
def cancel_delivery(clip_id: ClipId, delivery_id: DeliveryId, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """Call a delivery off that has not been made."""
    facts.tell(clip_id=clip_id)
    noted = trail.noting(caller, "delivery.cancel", delivery_id, clip=clip_id)
    row = service.deliveries.cancel(caller.tenant, clip_id, delivery_id, noted)
    return present.delivery(row)


@router.delete(
    "/v1/clips/{clip_id}/deliveries/{delivery_id}",
    status_code=202,
    response_model=Delivery,
    responses={**problems(404, 409, 410), 202: {"description": "It is taken away; `status` is `withdrawn` then."}},
)
def withdraw_delivery(
    clip_id: ClipId, delivery_id: DeliveryId, service: Here, caller: Deliverer, trail: Audited
) -> Any:
    """Take a clip away again from the ticket that it was delivered to, where the ticket system can; a clip that was deleted here, too."""
    facts.tell(clip_id=clip_id)
    row = service.deliveries.get(caller.tenant, clip_id, delivery_id)
    if row.status == "succeeded":
        service.destinations.demand_withdrawals(row.destination)
    noted = trail.noting(caller, "delivery.withdraw", delivery_id, clip=clip_id)
    row = service.deliveries.withdraw(caller.tenant, clip_id, delivery_id, noted)
    service.waker.wake()
    return present.delivery(row)
