"""Batches that are made again and again, of the sessions that have come since: none is missed, and none is looked into twice.

Each time, a source is asked for sessions that began up to `late_ms` before the watermark, which is when it was last asked: what comes late,
or still went on then, is among them. What a schedule has had before is known by name and left out.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id, new_id
from renderer.database.tables import Batch, Schedule, ScheduleSession
from renderer.errors import RequestError
from renderer.jobs.batches import add_batch
from renderer.jobs.survey.model import Spec

MOST: Final = 100
"""Of one tenant."""
_DAY_MS: Final = 24 * 3600 * 1000
_AT_ONCE: Final = 20

InTransaction = Callable[[Session, Schedule], None]


class Schedules:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(self, database: Database, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._now_ms = clock

    def create(
        self,
        tenant: str,
        key_id: str,
        *,
        name: str,
        labels: Mapping[str, Any],
        spec: Spec,
        every_ms: int,
        late_ms: int,
        last: InTransaction,
    ) -> Schedule:
        """Its first batch is due at once, of the sessions of the last `late_ms`. RequestError `too_many_schedules`."""
        now = self._now_ms()
        with self._database.write() as session:
            if len(session.scalars(select(Schedule.id).where(Schedule.tenant == tenant)).all()) >= MOST:
                raise RequestError("too_many_schedules", f"there are {MOST} schedules already: delete one")
            schedule = Schedule(
                id=new_id("sch"),
                tenant=tenant,
                key_id=key_id,
                name=name,
                labels=dict(labels),
                spec=spec.row(),
                every_ms=every_ms,
                late_ms=late_ms,
                next_ms=now,
                watermark_ms=now,
                created_ms=now,
            )
            session.add(schedule)
            session.flush()
            last(session, schedule)
            return schedule

    def list(self, tenant: str) -> list[Schedule]:
        """Oldest first."""
        with self._database.read() as session:
            return list(session.scalars(select(Schedule).where(Schedule.tenant == tenant).order_by(Schedule.id)))

    def get(self, tenant: str, schedule_id: str) -> Schedule:
        """Raises RequestError `schedule_not_found`."""
        with self._database.read() as session:
            return _find(session, tenant, schedule_id)

    def change(
        self, tenant: str, schedule_id: str, *, every_ms: int | None, enabled: bool | None, last: InTransaction
    ) -> Schedule:
        """A schedule that was paused goes on from its watermark, so that nothing of the pause is missed. Raises as `get` does."""
        now = self._now_ms()
        with self._database.write() as session:
            schedule = _find(session, tenant, schedule_id)
            if every_ms is not None:
                schedule.next_ms += every_ms - schedule.every_ms
                schedule.every_ms = every_ms
            if enabled is not None:
                schedule.paused_ms = None if enabled else schedule.paused_ms or now
            last(session, schedule)
            return schedule

    def delete(self, tenant: str, schedule_id: str, last: InTransaction) -> None:
        """Its batches and clips stay. Raises as `get` does."""
        with self._database.write() as session:
            schedule = _find(session, tenant, schedule_id)
            session.execute(delete(ScheduleSession).where(ScheduleSession.schedule_id == schedule.id))
            last(session, schedule)
            session.delete(schedule)

    def run_due(self) -> int:
        """Makes the batches that are due; says how many. One whose last batch still asks its source waits for that."""
        now = self._now_ms()
        made = 0
        with self._database.write() as session:
            due = (
                select(Schedule)
                .where(Schedule.paused_ms.is_(None), Schedule.next_ms <= now)
                .order_by(Schedule.next_ms)
                .limit(_AT_ONCE)
                .with_for_update(skip_locked=True)
            )
            for schedule in session.scalars(due).all():
                before = session.get(Batch, schedule.batch_id) if schedule.batch_id is not None else None
                if before is not None and before.listing in {"waiting", "working"}:
                    continue
                schedule.batch_id = _batch(session, schedule, now)
                # Runs that nobody was there for are made up by one: it looks back to the watermark.
                missed = (now - schedule.next_ms) // schedule.every_ms
                schedule.next_ms += (missed + 1) * schedule.every_ms
                made += 1
        return made

    def tidy(self) -> int:
        """Forgets sessions that no batch can find any more: they began before what a source is asked for."""
        count = 0
        with self._database.write() as session:
            for schedule in session.scalars(select(Schedule)).all():
                # A session is seen after it began, and began before it was seen.
                old_ms = schedule.watermark_ms - schedule.late_ms - _DAY_MS
                gone = delete(ScheduleSession).where(
                    ScheduleSession.schedule_id == schedule.id, ScheduleSession.seen_ms < old_ms
                )
                count += len(session.scalars(gone.returning(ScheduleSession.recording)).all())
        return count


def _batch(session: Session, schedule: Schedule, now: int) -> str:
    row = dict(schedule.spec)
    row["source"] = {**row["source"], "from_ms": max(0, schedule.watermark_ms - schedule.late_ms)}
    batch = add_batch(
        session,
        batch_id=new_id("bat"),
        tenant=schedule.tenant,
        key_id=schedule.key_id,
        labels=schedule.labels,
        size=0,
        at_ms=now,
        spec=row,
        listing="waiting",
    )
    batch.schedule_id = schedule.id
    return batch.id


def _find(session: Session, tenant: str, schedule_id: str) -> Schedule:
    schedule = session.get(Schedule, schedule_id) if is_id(schedule_id, "sch") else None
    if schedule is None or schedule.tenant != tenant:
        raise RequestError("schedule_not_found", "there is no such schedule; check its id")
    return schedule
