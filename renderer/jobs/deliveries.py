"""The caller's side of deliveries: asking for them, looking at them, trying again, calling off."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id, new_id
from renderer.database.states import ENDED
from renderer.database.tables import Delivery
from renderer.errors import RequestError
from renderer.jobs.going import Going
from renderer.jobs.queue import InTransaction
from renderer.jobs.seen import find_clip

WAITING_EVENT: Final = "clip"
"""Of a delivery whose clip has not ended: nobody knows yet what there will be to tell."""
_OPEN: Final = ("waiting", "queued")
_NEWS: Final = "webhook:"


class Deliveries:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`, and what `Queue.get` raises."""

    def __init__(self, database: Database, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._now_ms = clock

    def add(
        self,
        tenant: str,
        clip_id: str,
        going: Going,
        last: Callable[[Session, Delivery], None] = lambda *_: None,
    ) -> Delivery:
        """It goes at once when the clip has ended, else when it does. Raises RequestError: delivery_exists, clip_not_deliverable."""
        now = self._now_ms()
        with self._database.write() as session:
            clip = find_clip(session, tenant, clip_id, locked=True)
            ended = clip.status in ENDED
            if ended and clip.status != "succeeded" and not going.to.startswith(_NEWS):
                raise RequestError("clip_not_deliverable", f"the clip is {clip.status}: there is nothing to attach")
            event = f"clip.{clip.status}" if ended else WAITING_EVENT
            same = select(Delivery.id).where(
                Delivery.clip_id == clip_id, Delivery.destination == going.to, Delivery.event == event
            )
            if session.scalar(same) is not None:
                raise RequestError(
                    "delivery_exists", "the clip goes there already, or went; try that delivery again instead"
                )
            row = Delivery(
                id=new_id("dlv"),
                tenant=tenant,
                clip_id=clip_id,
                destination=going.to,
                event=event,
                options=going.options(),
                status="queued" if ended else "waiting",
                attempt=0,
                available_ms=now,
                created_ms=now,
            )
            session.add(row)
            session.flush()
            last(session, row)
        return row

    def demand_on(self, tenant: str, delivery_id: str, destination: str) -> None:
        """That the delivery put a clip on that ticket. Raises RequestError: delivery_not_found, not_delivered."""
        with self._database.read() as session:
            row = session.get(Delivery, delivery_id)
            if row is None or row.tenant != tenant:
                raise RequestError("delivery_not_found", "there is no such delivery; check its id")
            if row.destination != destination or row.status != "succeeded":
                raise RequestError(
                    "not_delivered", "that delivery put nothing on this ticket: there is nothing to replace"
                )

    def get(self, tenant: str, clip_id: str, delivery_id: str) -> Delivery:
        """Raises RequestError `delivery_not_found`."""
        with self._database.read() as session:
            return _find(session, tenant, clip_id, delivery_id)

    def retry(self, tenant: str, clip_id: str, delivery_id: str, last: InTransaction = lambda _: None) -> Delivery:
        """Raises RequestError: delivery_not_found, delivery_not_failed."""
        with self._database.write() as session:
            row = _find(session, tenant, clip_id, delivery_id, locked=True)
            if row.status not in ("failed", "canceled", "withdrawn"):
                raise RequestError(
                    "delivery_not_failed", f"the delivery is {row.status}: there is nothing to try again"
                )
            row.status, row.failures, row.available_ms = "queued", 0, self._now_ms()
            row.error = row.finished_ms = row.receipt = None
            row.options = {name: value for name, value in row.options.items() if name != "withdraw"}
            last(session)
            return row

    def withdraw(self, tenant: str, clip_id: str, delivery_id: str, last: InTransaction = lambda _: None) -> Delivery:
        """Has the clip taken away again from where it was delivered to. Raises RequestError: delivery_not_found, not_delivered."""
        with self._database.write() as session:
            row = _find(session, tenant, clip_id, delivery_id, locked=True)
            if row.status != "succeeded" or row.destination.startswith(_NEWS):
                raise RequestError(
                    "not_delivered", "the delivery put nothing on a ticket: there is nothing to take away"
                )
            row.status, row.failures, row.available_ms = "queued", 0, self._now_ms()
            row.options = {**row.options, "withdraw": True}
            row.error = row.finished_ms = None
            last(session)
            return row

    def cancel(self, tenant: str, clip_id: str, delivery_id: str, last: InTransaction = lambda _: None) -> Delivery:
        """Raises RequestError: delivery_not_found, delivery_ended."""
        with self._database.write() as session:
            row = _find(session, tenant, clip_id, delivery_id, locked=True)
            if row.status not in _OPEN or row.options.get("withdraw"):
                raise RequestError("delivery_ended", f"the delivery is {row.status}: it cannot be called off")
            row.status, row.finished_ms = "canceled", self._now_ms()
            last(session)
            return row


def _find(session: Session, tenant: str, clip_id: str, delivery_id: str, *, locked: bool = False) -> Delivery:
    find_clip(session, tenant, clip_id)
    row: Delivery | None = None
    if is_id(delivery_id, "dlv"):
        query = select(Delivery).where(Delivery.id == delivery_id, Delivery.clip_id == clip_id)
        row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        raise RequestError("delivery_not_found", "the clip has no such delivery; check its id")
    return row
