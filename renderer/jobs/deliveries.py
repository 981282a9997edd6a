"""The caller's side of deliveries: asking for them, looking at them, trying again, calling off."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id, new_id
from renderer.database.states import ENDED
from renderer.database.tables import Clip, Delivery, DeliveryStep
from renderer.deliver.deliver import NOTE
from renderer.deliver.journal import BEGUN
from renderer.deliver.sending import LIMIT
from renderer.errors import RequestError
from renderer.jobs.going import Going
from renderer.jobs.queue import InTransaction
from renderer.jobs.seen import find_clip

WAITING_EVENT: Final = "clip"
"""Of a delivery whose clip has not ended: nobody knows yet what there will be to tell."""
_OPEN: Final = ("waiting", "queued")
_OVER: Final = ("failed", "canceled", "withdrawn")
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
            event = _event(clip)
            _demand_alone(session, clip_id, going.to, event)
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
        """Of a clip that was deleted, too. Raises RequestError: delivery_not_found, clip_not_found, clip_gone."""
        with self._database.read() as session:
            return _find(session, tenant, clip_id, delivery_id)

    def retry(self, tenant: str, clip_id: str, delivery_id: str, last: InTransaction = lambda _: None) -> Delivery:
        """It waits again while the clip does. Raises RequestError: delivery_not_found, delivery_not_failed, delivery_exists."""
        with self._database.write() as session:
            clip = find_clip(session, tenant, clip_id, locked=True)
            row = _find(session, tenant, clip_id, delivery_id, locked=True)
            if row.status not in _OVER:
                raise RequestError(
                    "delivery_not_failed", f"the delivery is {row.status}: there is nothing to try again"
                )
            event = _event(clip) if row.event == WAITING_EVENT else row.event
            _demand_alone(session, clip_id, row.destination, event, but=row.id)
            options = {name: value for name, value in row.options.items() if name != "withdraw"}
            if not _may_stand(session, row):
                # What was posted before, and was not whole or was taken away, may still be seen: the next note gets a marker of its own.
                options["again"] = int(options.get("again", 0)) + 1
            steps = delete(DeliveryStep).where(DeliveryStep.delivery == row.id)
            if row.status != "withdrawn":
                steps = steps.where(DeliveryStep.step.startswith(LIMIT, autoescape=True))
            session.execute(steps)
            row.event, row.status = event, "queued" if clip.status in ENDED else "waiting"
            row.failures, row.available_ms = 0, self._now_ms()
            row.error = row.finished_ms = row.receipt = None
            row.options = options
            last(session)
            return row

    def withdraw(self, tenant: str, clip_id: str, delivery_id: str, last: InTransaction = lambda _: None) -> Delivery:
        """Has the clip taken away again from where it was delivered to, though it may have been deleted here. Raises RequestError: those of
        `get`, not_delivered.
        """
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
            find_clip(session, tenant, clip_id)
            row = _find(session, tenant, clip_id, delivery_id, locked=True)
            if row.status not in _OPEN or row.options.get("withdraw"):
                raise RequestError("delivery_ended", f"the delivery is {row.status}: it cannot be called off")
            row.status, row.finished_ms = "canceled", self._now_ms()
            last(session)
            return row


def _may_stand(session: Session, row: Delivery) -> bool:
    """Whether a note may be on the ticket that nobody knows of yet."""
    if row.status == "withdrawn":
        return False
    begun = select(DeliveryStep.step).where(DeliveryStep.delivery == row.id, DeliveryStep.step == f"{NOTE}{BEGUN}")
    return session.scalar(begun) is not None


def _event(clip: Clip) -> str:
    return f"clip.{clip.status}" if clip.status in ENDED else WAITING_EVENT


def _demand_alone(session: Session, clip_id: str, destination: str, event: str, *, but: str = "") -> None:
    """A clip is told of once, and put on a ticket once: one that was canceled, failed or withdrawn is in nobody's way there, unless it is of
    the same event. In a transaction that holds the clip's row.
    """
    is_same = Delivery.event == event
    if not destination.startswith(_NEWS):
        is_same = or_(is_same, Delivery.status.not_in(_OVER))
    same = select(Delivery.id).where(
        Delivery.clip_id == clip_id, Delivery.destination == destination, Delivery.id != but, is_same
    )
    if session.scalar(same.limit(1)) is not None:
        raise RequestError("delivery_exists", "the clip goes there already, or went; try that delivery again instead")


def _find(session: Session, tenant: str, clip_id: str, delivery_id: str, *, locked: bool = False) -> Delivery:
    row: Delivery | None = None
    if is_id(delivery_id, "dlv"):
        query = select(Delivery).where(
            Delivery.id == delivery_id, Delivery.clip_id == clip_id, Delivery.tenant == tenant
        )
        row = session.scalar(query.with_for_update() if locked else query)
    if row is None:
        find_clip(session, tenant, clip_id)
        raise RequestError("delivery_not_found", "the clip has no such delivery; check its id")
    return row
