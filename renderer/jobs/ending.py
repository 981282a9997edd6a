"""How clips end, whoever ends them: the status, the news of it, and what was waiting for it."""

from typing import Any, Final

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from renderer.database.ids import new_id
from renderer.database.tables import Clip, ClipEvent, Delivery, DeliveryStep, Webhook, table_of
from renderer.jobs.history import turn

# Made once: to put them together takes longer than the database takes to answer them.
_DELIVERIES: Final = table_of(Delivery)
_RELEASE: Final = (
    update(_DELIVERIES)
    .where(_DELIVERIES.c.clip_id == bindparam("of_clip"), _DELIVERIES.c.status == "waiting")
    .values(event=bindparam("told"), status="queued", available_ms=bindparam("from_ms"))
)
_HOOKS: Final = table_of(Webhook).c
_ENDPOINTS: Final = select(_HOOKS.id, _HOOKS.events).where(
    _HOOKS.tenant == bindparam("tenant"), _HOOKS.disabled_ms.is_(None)
)


def end(session: Session, clip: Clip, status: str, at_ms: int, error: dict[str, Any] | None = None) -> None:
    """Turns the clip into an ended one, and lets everybody know who wants to."""
    clip.error = error
    clip.finished_ms = at_ms
    clip.lease_owner = clip.lease_until_ms = clip.waits_for = None
    if status == "succeeded":
        clip.progress = {**clip.progress, "stage": "succeeded", "percent": 100, "eta_s": 0}
    elif status in ("failed", "canceled"):
        clip.progress = {**clip.progress, "eta_s": None}
    turn(session, clip, status, at_ms, **({"error": error} if error else {}))
    if clip.deleted_ms is not None:
        entomb(session, clip)
        return
    _release_deliveries(session, clip, at_ms)
    _tell_webhooks(session, clip, at_ms)


def entomb(session: Session, clip: Clip) -> None:
    """Leaves of a deleted clip that it was there, how it ended and when, and nothing of what was asked or shown. What stands on tickets stays
    there, unless it is being taken away: that goes on.
    """
    clip.recording = clip.request_key = ""
    clip.session = clip.expires_ms = None
    clip.request, clip.labels, clip.progress, clip.error = {}, {}, {}, None
    session.execute(delete(ClipEvent).where(ClipEvent.clip_id == clip.id))
    over = []
    deliveries = select(Delivery).where(Delivery.clip_id == clip.id).order_by(Delivery.id).with_for_update()
    for delivery in session.scalars(deliveries):
        if delivery.status in ("waiting", "queued") and not delivery.options.get("withdraw"):
            delivery.status, delivery.finished_ms = "canceled", clip.deleted_ms
        if delivery.status not in ("queued", "sending"):
            over.append(delivery.id)
    session.execute(delete(DeliveryStep).where(DeliveryStep.delivery.in_(over)))


def _release_deliveries(session: Session, clip: Clip, at_ms: int) -> None:
    """What was to go somewhere goes there now; of a clip that failed there is nothing to attach, but news."""
    session.execute(_RELEASE, {"of_clip": clip.id, "told": f"clip.{clip.status}", "from_ms": at_ms})


def _tell_webhooks(session: Session, clip: Clip, at_ms: int) -> None:
    event = f"clip.{clip.status}"
    endpoints = session.execute(_ENDPOINTS, {"tenant": clip.tenant}).all()
    if not endpoints:
        return
    already = set(session.scalars(select(Delivery.destination).where(Delivery.clip_id == clip.id)))
    for endpoint in endpoints:
        destination = f"webhook:{endpoint.id}"
        if event not in endpoint.events or destination in already:
            continue
        session.add(
            Delivery(
                id=new_id("dlv"),
                tenant=clip.tenant,
                clip_id=clip.id,
                destination=destination,
                event=event,
                status="queued",
                available_ms=at_ms,
                created_ms=at_ms,
            )
        )
