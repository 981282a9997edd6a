"""Webhooks: endpoints that hear how clips end."""

from typing import Annotated, Any

from fastapi import APIRouter, Path
from starlette.responses import Response

from renderer.api import trial
from renderer.api.deps import Audited, Deliverer, Here
from renderer.api.models.base import instant
from renderer.api.models.webhook import (
    Webhook,
    WebhookChange,
    WebhookCreate,
    Webhooks,
    WebhookTest,
    WebhookWithSecret,
)
from renderer.api.problems import ProblemError
from renderer.api.problems.responses import problems
from renderer.api.service import Service
from renderer.database import tables
from renderer.deliver.webhooks.judge import judge_url
from renderer.errors import RequestError

router = APIRouter(tags=["webhooks"])

WebhookId = Annotated[str, Path(max_length=100, examples=["whk_01kb1w3r9v5x2e8y7n6m4t0qhs"])]


@router.post("/v1/webhooks", status_code=201, response_model=WebhookWithSecret, responses=problems())
def create_webhook(body: WebhookCreate, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """Register an endpoint. Its signing secret is in this answer and in no other."""
    _judge(service, body.url)
    row, secret = service.webhooks.create(
        caller.tenant,
        body.url,
        tuple(dict.fromkeys(body.events)),
        lambda session, row: trail.note_in(session, caller, "webhook.create", row.id),
    )
    return told(row).model_dump() | {"secret": secret}


@router.get("/v1/webhooks", response_model=Webhooks, responses=problems())
def list_webhooks(service: Here, caller: Deliverer) -> Any:
    """Your endpoints, oldest first."""
    return Webhooks(data=tuple(told(row) for row in service.webhooks.list(caller.tenant)))


@router.get("/v1/webhooks/{webhook_id}", response_model=Webhook, responses=problems(404))
def get_webhook(webhook_id: WebhookId, service: Here, caller: Deliverer) -> Any:
    """An endpoint of yours."""
    return told(service.webhooks.get(caller.tenant, webhook_id))


@router.patch("/v1/webhooks/{webhook_id}", response_model=Webhook, responses=problems(404))
def change_webhook(webhook_id: WebhookId, body: WebhookChange, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """Change where it is, what it hears of, or whether it hears at all."""
    service.webhooks.get(caller.tenant, webhook_id)
    if body.url is not None:
        _judge(service, body.url)
    row = service.webhooks.change(
        caller.tenant,
        webhook_id,
        url=body.url,
        events=None if body.events is None else tuple(dict.fromkeys(body.events)),
        enabled=body.enabled,
        last=lambda session, row: trail.note_in(session, caller, "webhook.change", row.id),
    )
    return told(row)


@router.delete(
    "/v1/webhooks/{webhook_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404), 204: {"description": "It hears of nothing any more."}},
)
def delete_webhook(webhook_id: WebhookId, service: Here, caller: Deliverer, trail: Audited) -> Response:
    """Take an endpoint away."""
    service.webhooks.delete(
        caller.tenant, webhook_id, lambda session, row: trail.note_in(session, caller, "webhook.delete", row.id)
    )
    return Response(status_code=204)


@router.post("/v1/webhooks/{webhook_id}/rotate", response_model=WebhookWithSecret, responses=problems(404))
def rotate_secret(webhook_id: WebhookId, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """A new signing secret. For a day messages carry the signatures of both, so that you can change over without a gap."""
    row, secret = service.webhooks.rotate(
        caller.tenant, webhook_id, lambda session, row: trail.note_in(session, caller, "webhook.rotate", row.id)
    )
    return told(row).model_dump() | {"secret": secret}


@router.post("/v1/webhooks/{webhook_id}/test", response_model=WebhookTest, responses=problems(404))
def send_test(webhook_id: WebhookId, service: Here, caller: Deliverer, trail: Audited) -> Any:
    """Send a signed message of the type `webhook.test` now, once, and tell what came of it."""
    row = service.webhooks.get(caller.tenant, webhook_id)
    trail.note(caller, "webhook.test", row.id)
    return trial.send_test(service.sender, service.webhooks, row)


def told(row: tables.Webhook) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(row.events),
        enabled=row.disabled_ms is None,
        disabled_reason=row.disabled_why,
        created_at=instant(row.created_ms),
    )


def _judge(service: Service, url: str) -> None:
    try:
        judge_url(url, service.settings)
    except RequestError as error:
        raise ProblemError.of(error, ("url",)) from None
