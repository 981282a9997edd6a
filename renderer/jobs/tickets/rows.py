"""Deliveries to ticket systems in the database: taken by one worker at a time, held while it works, settled once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.tables import Clip, Delivery, DeliveryStep, Render
from renderer.deliver.journal import LostDeliveryError
from renderer.jobs.model import Failure

WEBHOOKS: Final = "webhook:%"


@dataclass(frozen=True, slots=True)
class InHand:
    """A delivery that this worker makes. `attempt` is the fence, as of claims. `files`: of the clip's render, as its row has them.

    `receipt`: of one that is to be taken away again.
    """

    id: str
    attempt: int
    tenant: str
    clip_id: str
    destination: str
    options: dict[str, Any]
    render_id: str
    files: tuple[dict[str, Any], ...]
    receipt: dict[str, Any] | None

    @property
    def is_withdrawal(self) -> bool:
        return bool(self.options.get("withdraw"))


class TicketRows:
    def __init__(self, database: Database, owner: str, lease_ms: int, clock: Callable[[], int] = now_ms) -> None:
        self.database = database
        self.lease_ms = lease_ms
        self._owner = owner
        self._now_ms = clock

    def take(self) -> InHand | bool:
        """The next one that is due; True when there was one that cannot be made, False when there was none."""
        now = self._now_ms()
        with self.database.write() as session:
            row = session.scalar(
                select(Delivery)
                .where(
                    Delivery.status == "queued", Delivery.available_ms <= now, Delivery.destination.not_like(WEBHOOKS)
                )
                .order_by(Delivery.available_ms, Delivery.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return False
            clip = session.get_one(Clip, row.clip_id)
            render = session.get(Render, clip.render_id) if clip.render_id else None
            refusal = None if row.options.get("withdraw") else _refusal(clip, render)
            if refusal is not None:
                row.status, row.finished_ms, row.error = "failed", now, refusal.told()
                return True
            row.attempt += 1
            row.status, row.lease_owner, row.lease_until_ms = "sending", self._owner, now + self.lease_ms
            return InHand(
                id=row.id,
                attempt=row.attempt,
                tenant=row.tenant,
                clip_id=clip.id,
                destination=row.destination,
                options=dict(row.options),
                render_id=render.id if render is not None else "",
                files=tuple(render.files or ()) if render is not None else (),
                receipt=row.receipt,
            )

    def hold(self, hand: InHand) -> None:
        """Says that we are still at it. Raises LostDeliveryError."""
        with self.database.write() as session:
            row = self._mine(session, hand)
            row.lease_until_ms = self._now_ms() + self.lease_ms

    def check(self, hand: InHand) -> Callable[[Session], None]:
        """For the outbox: nothing is written for who lost the delivery."""

        def hold(session: Session) -> None:
            self._mine(session, hand)

        return hold

    def settle(self, hand: InHand, *, forget: bool = False, **values: Any) -> None:
        """`forget`: its steps. Of a delivery that is somebody else's by now nothing is said."""
        with self.database.write() as session:
            try:
                row = self._mine(session, hand)
            except LostDeliveryError:
                return
            row.lease_owner = row.lease_until_ms = None
            for name, value in values.items():
                setattr(row, name, value)
            if forget:
                session.execute(delete(DeliveryStep).where(DeliveryStep.delivery == hand.id))

    def withdraw(self, delivery_id: str, hand: InHand) -> None:
        """Has what another delivery put on the same ticket taken away, if it is there still."""
        with self.database.write() as session:
            row = session.get(Delivery, delivery_id, with_for_update=True)
            if row is None or (row.tenant, row.destination, row.status) != (hand.tenant, hand.destination, "succeeded"):
                return
            row.status, row.attempt, row.available_ms = "queued", 0, self._now_ms()
            row.options = {**row.options, "withdraw": True}

    def _mine(self, session: Session, hand: InHand) -> Delivery:
        row = session.get(Delivery, hand.id, with_for_update=True, populate_existing=True)
        if row is None or row.attempt != hand.attempt or row.status != "sending":
            raise LostDeliveryError
        return row


def _refusal(clip: Clip, render: Render | None) -> Failure | None:
    if clip.deleted_ms is not None:
        return _final("clip_gone", "the clip was deleted before it could be delivered")
    if clip.status == "succeeded" and render is not None:
        return None
    why = {
        "expired": "the clip's files were deleted, as its time was over; make the clip again",
        "canceled": "the clip was called off",
        "failed": f"the clip could not be made: {(clip.error or {}).get('detail', 'see the clip')}",
    }
    return _final(f"clip_{clip.status}", why.get(clip.status, "the clip is not finished"))


def _final(code: str, detail: str) -> Failure:
    return Failure(code, "deliver", "input", retryable=False, detail=detail)
