"""Deliveries to ticket systems in the database: taken by one worker at a time, held while it works, settled once."""

from collections.abc import Callable
from contextlib import suppress
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
    """A delivery that this worker makes. `attempt` is the fence, as of claims. `files`: of the clip's render, as its row has them, which are
    there until `expires_ms`. `receipt`: of one that is to be taken away again.
    """

    id: str
    attempt: int
    failures: int
    tenant: str
    clip_id: str
    destination: str
    options: dict[str, Any]
    render_id: str
    files: tuple[dict[str, Any], ...]
    expires_ms: int | None
    receipt: dict[str, Any] | None

    @property
    def key(self) -> str:
        """Of the parcel: another one each time that it was taken away, as the old note may still be seen."""
        again = self.options.get("again")
        return f"{self.id}.{again}" if again else self.id

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
                session.execute(delete(DeliveryStep).where(DeliveryStep.delivery == row.id))
                return True
            row.attempt += 1
            row.status, row.lease_owner, row.lease_until_ms = "sending", self._owner, now + self.lease_ms
            return InHand(
                id=row.id,
                attempt=row.attempt,
                failures=row.failures,
                tenant=row.tenant,
                clip_id=clip.id,
                destination=row.destination,
                options=dict(row.options),
                render_id=render.id if render is not None else "",
                files=tuple(render.files or ()) if render is not None else (),
                expires_ms=clip.expires_ms,
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

    def is_wanted(self, hand: InHand) -> bool:
        """Whether its clip is still there."""
        with self.database.read() as session:
            clip = session.get(Clip, hand.clip_id)
            return clip is not None and clip.deleted_ms is None

    def settle(self, hand: InHand, *, forget: bool = False, **values: Any) -> None:
        """`forget`: its steps. Of a delivery that is somebody else's by now nothing is said."""
        with suppress(LostDeliveryError), self.database.write() as session:
            self._settle(session, hand, forget=forget, **values)

    def settle_delivered(self, hand: InHand, receipt: dict[str, Any]) -> None:
        """With what follows from it, in one: the delivery that it replaces goes, and so does it itself when its clip was deleted meanwhile.

        Raises LostDeliveryError.
        """
        now = self._now_ms()
        with self.database.write() as session:
            row = self._settle(
                session, hand, forget=True, status="succeeded", finished_ms=now, receipt=receipt, error=None
            )
            if (replaced := hand.options.get("replaces")) is not None:
                self._withdraw(session, session.get(Delivery, str(replaced), with_for_update=True), hand)
            clip = session.get(Clip, hand.clip_id)
            if clip is None or clip.deleted_ms is not None:
                self._withdraw(session, row, hand)

    def _withdraw(self, session: Session, row: Delivery | None, hand: InHand) -> None:
        """What stands on the same ticket, if it is there still."""
        if row is None or (row.tenant, row.destination, row.status) != (hand.tenant, hand.destination, "succeeded"):
            return
        row.status, row.failures, row.available_ms = "queued", 0, self._now_ms()
        row.error = row.finished_ms = None
        row.options = {**row.options, "withdraw": True}

    def _settle(self, session: Session, hand: InHand, *, forget: bool = False, **values: Any) -> Delivery:
        row = self._mine(session, hand)
        row.lease_owner = row.lease_until_ms = None
        for name, value in values.items():
            setattr(row, name, value)
        if forget:
            session.execute(delete(DeliveryStep).where(DeliveryStep.delivery == hand.id))
        return row

    def _mine(self, session: Session, hand: InHand) -> Delivery:
        row = session.get(Delivery, hand.id, with_for_update=True, populate_existing=True)
        is_ours = row is not None and (row.attempt, row.status, row.lease_owner) == (
            hand.attempt,
            "sending",
            self._owner,
        )
        if row is None or not is_ours:
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
