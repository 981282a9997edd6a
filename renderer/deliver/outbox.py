"""The journal of deliveries in the service's database: every step is committed before the next begins."""

from collections.abc import Callable, Mapping
from typing import Any, Self

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id
from renderer.database.tables import DeliveryStep
from renderer.deliver.journal import RECEIPT


class Outbox:
    """Of one delivery. `hold`: called in each transaction that writes; it raises LostDeliveryError when somebody else goes on with the delivery,
    and then nothing is written. `run`: how often a database that is away is tried.
    """

    def __init__(
        self,
        database: Database,
        delivery: str,
        hold: Callable[[Session], None] = lambda _: None,
        clock: Callable[[], int] = now_ms,
        run: Callable[[Callable[[], None]], None] = lambda act: act(),
    ) -> None:
        self._database = database
        self._delivery = delivery
        self._hold = hold
        self._now_ms = clock
        self._run = run

    def read(self) -> dict[str, dict[str, Any]]:
        with self._database.read() as session:
            rows = session.scalars(select(DeliveryStep).where(DeliveryStep.delivery == self._delivery))
            return {row.step: row.result for row in rows}

    def others(self, destination: str, ticket: str) -> list[Self]:
        """Of deliveries that the command line made, those that stand on this ticket beside this one."""
        with self._database.read() as session:
            done = select(DeliveryStep).where(DeliveryStep.step == RECEIPT, DeliveryStep.delivery != self._delivery)
            found = [
                row.delivery
                for row in session.scalars(done)
                if (row.result["destination"], row.result["ticket"]) == (destination, ticket)
                and not is_id(row.delivery, "dlv")
            ]
        return [type(self)(self._database, delivery, self._hold, self._now_ms) for delivery in found]

    def write(self, step: str, result: Mapping[str, Any]) -> None:
        def act() -> None:
            with self._database.write() as session:
                self._hold(session)
                row = DeliveryStep(delivery=self._delivery, step=step, result=dict(result), at_ms=self._now_ms())
                session.merge(row)

        self._run(act)

    def forget(self, beginning: str) -> None:
        def act() -> None:
            with self._database.write() as session:
                self._hold(session)
                mine = (DeliveryStep.delivery == self._delivery) & DeliveryStep.step.startswith(
                    beginning, autoescape=True
                )
                session.execute(delete(DeliveryStep).where(mine))

        self._run(act)
