"""The worker's side of batches that look through sessions: taking some, holding them, and saying what came of each.

Every call names what is in hand, and what somebody else has by now is not changed (ClaimLostError), as with `renderer.jobs.claims`.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from renderer.access.quotas import Quotas
from renderer.database.engine import Database, now_ms
from renderer.database.tables import Batch, BatchSession, Clip, Schedule, ScheduleSession
from renderer.errors import RequestError
from renderer.jobs.claims import LEASE_MS
from renderer.jobs.model import INTERACTIVE, ClaimLostError, Failure
from renderer.jobs.recordings import keep
from renderer.jobs.retry import Again, verdict
from renderer.jobs.survey.clips import NO_ROOM_MS, add_clips, tickets_of
from renderer.jobs.survey.model import Archived, FoundSession, Spec, Survey, ToLook
from renderer.settings import Settings

AT_ONCE: Final = 8
"""Sessions that one process looks into: to start it takes as long as a look or two."""
_MOST_TRIES: Final = 3

LOST: Final = Failure(
    "worker_lost", "look", "ours", retryable=True, detail="the worker was lost while it looked into the session"
)
CUT: Final = Failure(
    "listing_cut",
    "list",
    "input",
    retryable=False,
    detail="the source has more sessions than limit: raise it, narrow them down with a filter, or look back less far",
)


class Surveys:
    """`owner`: the worker whose work it is."""

    def __init__(
        self,
        database: Database,
        owner: str,
        settings: Settings,
        clock: Callable[[], int] = now_ms,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self.owner = owner
        self._database = database
        self._settings = settings
        self._quotas = Quotas(settings, clock)
        self._now_ms = clock
        self._lease_ms = lease_ms

    def take(self) -> Survey | None:
        """What to do next; None when there is nothing, or when somebody waits for a clip."""
        now = self._now_ms()
        with self._database.write() as session:
            hurried = select(Clip.id).where(
                Clip.status == "queued", Clip.priority == INTERACTIVE, Clip.available_ms <= now
            )
            if session.scalar(hurried.limit(1)) is not None:
                return None
            return self._take_listing(session, now) or self._take_sessions(session, now)

    def _take_listing(self, session: Session, now: int) -> Survey | None:
        is_free = or_(
            (Batch.listing == "waiting") & (Batch.available_ms <= now),
            (Batch.listing == "working") & (Batch.lease_until_ms < now),
        )
        query = select(Batch).where(is_free).order_by(Batch.id).limit(1).with_for_update(skip_locked=True)
        batch = session.scalar(query)
        if batch is None:
            return None
        batch.attempt += 1
        batch.listing, batch.lease_owner, batch.lease_until_ms = "working", self.owner, now + self._lease_ms
        return self._survey(batch)

    def _take_sessions(self, session: Session, now: int) -> Survey | None:
        is_free = or_(
            (BatchSession.status == "waiting") & (BatchSession.available_ms <= now),
            (BatchSession.status == "looking") & (BatchSession.lease_until_ms < now),
        )
        # The batch of which least is looked into: a small one does not wait for a large one's end.
        first = (
            select(BatchSession.batch_id)
            .where(is_free)
            .group_by(BatchSession.batch_id)
            .order_by(func.min(BatchSession.number), BatchSession.batch_id)
            .limit(1)
        )
        batch_id = session.scalar(first)
        if batch_id is None:
            return None
        rows = session.scalars(
            select(BatchSession)
            .where(BatchSession.batch_id == batch_id, is_free)
            .order_by(BatchSession.number)
            .limit(AT_ONCE)
            .with_for_update(skip_locked=True)
        ).all()
        taken = []
        for row in rows:
            if row.status == "looking" and row.attempt >= _MOST_TRIES:  # it cost as many workers
                self._unreadable(row, LOST)
                continue
            row.attempt += 1
            row.status, row.lease_owner, row.lease_until_ms = "looking", self.owner, now + self._lease_ms
            taken.append(row)
        return self._survey(session.get_one(Batch, batch_id), taken) if taken else None

    def _survey(self, batch: Batch, rows: Sequence[BatchSession] = ()) -> Survey:
        return Survey(
            batch_id=batch.id,
            tenant=batch.tenant,
            key_id=batch.key_id,
            owner=self.owner,
            spec=Spec.of(batch.spec or {}),
            attempt=batch.attempt,
            sessions=tuple(
                ToLook(
                    number=row.number,
                    recording=row.recording,
                    events=row.events,
                    replay_url=row.replay_url,
                    attempt=row.attempt,
                )
                for row in rows
            ),
        )

    def hold(self, survey: Survey) -> None:
        """The heartbeat. Raises ClaimLostError when nothing of it is this worker's any more."""
        until_ms = self._now_ms() + self._lease_ms
        with self._database.write() as session:
            if survey.is_listing:
                self._listing(session, survey).lease_until_ms = until_ms
                return
            held = update(BatchSession).where(*_held(survey)).values(lease_until_ms=until_ms)
            if session.execute(held.returning(BatchSession.number)).first() is None:
                raise ClaimLostError

    def found(self, survey: Survey, sessions: Sequence[FoundSession]) -> None:
        """Some more sessions that the source has; those that are known, to the batch or to its schedule, are no news."""
        now = self._now_ms()
        with self._database.write() as session:
            batch = self._listing(session, survey)
            batch.lease_until_ms = now + self._lease_ms
            known = _known(session, batch, [each.recording for each in sessions])
            for each in sessions:
                if each.recording not in known:
                    known.add(each.recording)
                    batch.size += 1
                    session.add(session_row(batch.id, batch.size, each.recording, now, replay_url=each.replay_url))
                    if batch.schedule_id is not None:
                        session.add(
                            ScheduleSession(schedule_id=batch.schedule_id, recording=each.recording, seen_ms=now)
                        )

    def listed(self, survey: Survey, *, was_cut: bool = False) -> None:
        """The source has said all that it has. `was_cut`: it has more than was asked for, which the batch says, and its schedule asks for
        the same time again.
        """
        with self._database.write() as session:
            batch = self._listing(session, survey)
            batch.listing, batch.lease_owner, batch.lease_until_ms, batch.error = "done", None, None, None
            schedule = session.get(Schedule, batch.schedule_id) if batch.schedule_id is not None else None
            if was_cut:
                batch.error = CUT.told()
            elif schedule is not None:
                schedule.watermark_ms = max(schedule.watermark_ms, batch.created_ms)

    def list_failed(self, survey: Survey, failure: Failure) -> None:
        """Again later, or never, as the table of `renderer.jobs.retry` has it. What was found until then is looked into."""
        now = self._now_ms()
        with self._database.write() as session:
            batch = self._listing(session, survey)
            decided = verdict(failure, batch.attempt - 1, 0)
            batch.lease_owner = batch.lease_until_ms = None
            batch.error = failure.told()
            if isinstance(decided, Again):
                batch.listing, batch.available_ms = "waiting", now + decided.after_s * 1000
            else:
                batch.listing = "failed"

    def looked(
        self,
        survey: Survey,
        number: int,
        recording_id: str,
        found: Sequence[dict[str, Any]],
        archived: Archived | None = None,
    ) -> None:
        """What is to be seen of a session: its clips go into the queue, unless another of the batch's is the same recording."""
        now = self._now_ms()
        tickets = {} if survey.spec.dry_run else tickets_of(found, self._settings)
        with self._database.write() as session:
            row = self._session(session, survey, number)
            same = select(BatchSession.number).where(
                BatchSession.batch_id == survey.batch_id,
                BatchSession.recording_id == recording_id,
                BatchSession.number != number,
                BatchSession.status.in_(("matched", "no_match")),
            )
            row.recording_id = recording_id
            if session.scalar(same.limit(1)) is not None:
                _end(row, "duplicate")
                return
            if archived is not None:
                keep(session, survey.tenant, archived.stored, archived.events, now, None)
                row.archived = archived.stored.id
            row.found = list(found)
            row.moments = sum(len(each["moments"]) for each in found)
            if found and not survey.spec.dry_run:
                try:
                    row.found = add_clips(session, survey, row, now, self._settings, self._quotas, tickets)
                except RequestError as error:
                    if not error.retryable:
                        self._unreadable(row, Failure.of(error))
                        return
                    # Looked into again when there is room, which costs a second.
                    row.found, row.moments = [], 0
                    row.attempt -= 1
                    _end(row, "waiting")
                    row.available_ms = now + NO_ROOM_MS
                    return
            _end(row, "matched" if found else "no_match")

    def not_looked(self, survey: Survey, number: int, failure: Failure) -> None:
        """Again later, or never."""
        now = self._now_ms()
        with self._database.write() as session:
            row = self._session(session, survey, number)
            decided = verdict(failure, row.attempt - 1, 0)
            if isinstance(decided, Again) and row.attempt < _MOST_TRIES:
                _end(row, "waiting")
                row.error = failure.told()
                row.available_ms = now + decided.after_s * 1000
            else:
                self._unreadable(row, failure)

    def give_back(self, survey: Survey) -> None:
        """What is still in hand is for others, and nobody is to blame."""
        with self._database.write() as session:
            if survey.is_listing:
                batch = self._listing(session, survey)
                batch.listing, batch.lease_owner, batch.lease_until_ms = "waiting", None, None
                batch.attempt -= 1
                return
            free = {"status": "waiting", "lease_owner": None, "lease_until_ms": None}
            session.execute(update(BatchSession).where(*_held(survey)).values(**free, attempt=BatchSession.attempt - 1))

    def _unreadable(self, row: BatchSession, failure: Failure) -> None:
        _end(row, "unreadable")
        row.error = failure.told()

    def _listing(self, session: Session, survey: Survey) -> Batch:
        batch = session.scalar(select(Batch).where(Batch.id == survey.batch_id).with_for_update())
        if batch is None or batch.attempt != survey.attempt or batch.lease_owner != self.owner:
            raise ClaimLostError
        return batch

    def _session(self, session: Session, survey: Survey, number: int) -> BatchSession:
        attempt = next(each.attempt for each in survey.sessions if each.number == number)
        row = session.scalar(
            select(BatchSession)
            .where(BatchSession.batch_id == survey.batch_id, BatchSession.number == number)
            .with_for_update()
        )
        if row is None or row.attempt != attempt or row.lease_owner != self.owner:
            raise ClaimLostError
        return row


def _known(session: Session, batch: Batch, names: Sequence[str]) -> set[str]:
    own = (BatchSession.batch_id == batch.id, BatchSession.recording.in_(names))
    known = set(session.scalars(select(BatchSession.recording).where(*own)))
    if batch.schedule_id is not None:
        earlier = (ScheduleSession.schedule_id == batch.schedule_id, ScheduleSession.recording.in_(names))
        known |= set(session.scalars(select(ScheduleSession.recording).where(*earlier)))
    return known


def is_survey_due(session: Session, now: int) -> bool:
    """Whether some worker should be woken for one."""
    sessions = select(BatchSession.number).where(BatchSession.status == "waiting", BatchSession.available_ms <= now)
    batches = select(Batch.id).where(Batch.listing == "waiting", Batch.available_ms <= now)
    return session.scalar(sessions.limit(1)) is not None or session.scalar(batches.limit(1)) is not None


def session_row(
    batch_id: str, number: int, recording: str, now: int, *, events: str | None = None, replay_url: str | None = None
) -> BatchSession:
    """A session that waits to be looked into."""
    return BatchSession(
        batch_id=batch_id,
        number=number,
        recording=recording,
        events=events,
        replay_url=replay_url,
        status="waiting",
        moments=0,
        found=[],
        attempt=0,
        available_ms=now,
    )


def _end(row: BatchSession, status: str) -> None:
    row.status, row.lease_owner, row.lease_until_ms, row.error = status, None, None, None


def _held(survey: Survey) -> tuple[Any, ...]:
    """Sessions in hand that were not ended yet. All of a survey were taken at once, but not for the same time."""
    return (
        BatchSession.batch_id == survey.batch_id,
        BatchSession.number.in_([each.number for each in survey.sessions]),
        BatchSession.status == "looking",
        BatchSession.lease_owner == survey.owner,
    )
