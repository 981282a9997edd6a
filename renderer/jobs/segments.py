"""The segments of a clip that several workers film: rows that anybody may take, of the plan that one of them made.

Who makes the clip offers them, films like everybody else, and joins what comes in. Nobody is waited for: what a lost helper had
is taken by the next, and a clip whose maker is alone is simply filmed by its maker.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, delete, func, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from renderer.database.engine import Database, now_ms
from renderer.database.tables import Clip, Segment, Worker
from renderer.jobs.claims import LEASE_MS, claim_of
from renderer.jobs.model import Claim, Failure

STRIKES: Final = 2
"""Helpers that one segment may cost: then its maker films it, whose failure is the clip's."""

# For fewer it does not pay to read the recording once more.
_WORTH_HELPING: Final = 2
_WORKER_SEEN_MS: Final = 15_000


def hand_of(owner: str, pid: int) -> str:
    """Under which name a render process of a worker films: its worker knows it too, when the process is gone."""
    return f"{owner}/{pid}"


@dataclass(frozen=True, slots=True)
class Help:
    """A clip whose maker wants hands."""

    claim: Claim
    plan_digest: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`pack`: where a helper put it in the store."""

    number: int
    status: str
    owner: str | None
    pack: str | None
    is_free: bool


class Segments:
    """Of one claim of a clip, seen by `owner`: its maker, or one of the helpers."""

    def __init__(
        self,
        database: Database,
        clip_id: str,
        attempt: int,
        owner: str,
        clock: Callable[[], int] = now_ms,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._database = database
        self._clip_id = clip_id
        self._attempt = attempt
        self._owner = owner
        self._now_ms = clock
        self.lease_ms = lease_ms

    def offer(self, plan_digest: str, numbers: Sequence[int]) -> None:
        """What an earlier claim offered is void."""
        with self._database.write() as session:
            session.execute(delete(Segment).where(Segment.clip_id == self._clip_id))
            session.add_all(
                Segment(
                    clip_id=self._clip_id,
                    number=number,
                    attempt=self._attempt,
                    plan_digest=plan_digest,
                    status="waiting",
                    strikes=0,
                )
                for number in numbers
            )

    def take(self, *, as_maker: bool) -> int | None:
        """The number of the next segment to film; None when there is none, or when nobody wants the clip any more."""
        now = self._now_ms()
        with self._database.write() as session:
            if not self._is_wanted(session):
                return None
            query = self._mine().where(_is_free(now))
            if not as_maker:
                query = query.where(Segment.strikes < STRIKES)
            row = session.scalar(query.order_by(Segment.number).limit(1).with_for_update(skip_locked=True))
            if row is None:
                return None
            if row.status == "filming":  # somebody was lost with it
                row.strikes += 1
            row.status, row.lease_owner, row.lease_until_ms = "filming", self._owner, now + self.lease_ms
            return row.number

    def hold(self) -> bool:
        """The heartbeat for all that this owner films. Whether the clip is still wanted."""
        with self._database.write() as session:
            session.execute(
                update(Segment).where(*self._filmed_here()).values(lease_until_ms=self._now_ms() + self.lease_ms)
            )
            return self._is_wanted(session)

    def done(self, number: int, pack: str | None = None) -> None:
        """Of a segment that somebody else has by now, this changes nothing: either picture is the right one."""
        with self._database.write() as session:
            session.execute(
                update(Segment)
                .where(*self._filmed_here(), Segment.number == number)
                .values(status="done", pack=pack, lease_until_ms=None)
            )

    def reopen(self, number: int) -> None:
        """What a helper put into the store is not what it filmed."""
        with self._database.write() as session:
            session.execute(
                update(Segment)
                .where(Segment.clip_id == self._clip_id, Segment.attempt == self._attempt, Segment.number == number)
                .values(status="waiting", pack=None, lease_owner=None, lease_until_ms=None, strikes=Segment.strikes + 1)
            )

    def drop(self, failure: Failure) -> None:
        """Gives back what this owner films: it failed at it."""
        self._give_back(strikes=Segment.strikes + 1, error=failure.told())

    def give_back(self) -> None:
        """What this owner films is for others, and nobody is to blame."""
        self._give_back()

    def standings(self) -> list[Standing]:
        now = self._now_ms()
        with self._database.read() as session:
            return [
                Standing(
                    number=row.number,
                    status=row.status,
                    owner=row.lease_owner,
                    pack=row.pack,
                    is_free=row.status == "waiting" or (row.status == "filming" and (row.lease_until_ms or 0) < now),
                )
                for row in session.scalars(self._mine().order_by(Segment.number))
            ]

    def clear(self) -> None:
        with self._database.write() as session:
            session.execute(delete(Segment).where(Segment.clip_id == self._clip_id, Segment.attempt == self._attempt))

    def _give_back(self, **values: Any) -> None:
        free = {"status": "waiting", "lease_owner": None, "lease_until_ms": None}
        with self._database.write() as session:
            session.execute(update(Segment).where(*self._filmed_here()).values(**free, **values))

    def _mine(self) -> Select[Segment]:
        return select(Segment).where(Segment.clip_id == self._clip_id, Segment.attempt == self._attempt)

    def _filmed_here(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Segment.clip_id == self._clip_id,
            Segment.attempt == self._attempt,
            Segment.lease_owner == self._owner,
            Segment.status == "filming",
        )

    def _is_wanted(self, session: Session) -> bool:
        clip = session.get(Clip, self._clip_id)
        return clip is not None and _wants_hands(clip, self._attempt)


def find_help_wanted(
    database: Database, owner: str, clock: Callable[[], int] = now_ms, without: Collection[str] = ()
) -> Help | None:
    """A clip with segments that nobody films, for `owner` to help with; none of those `without`."""
    now = clock()
    with database.read() as session:
        query = (
            select(Clip, func.min(Segment.plan_digest))
            .join(Segment, and_(Clip.id == Segment.clip_id, Clip.attempt == Segment.attempt))
            .where(
                _is_free(now),
                Segment.strikes < STRIKES,
                Clip.status == "rendering",
                Clip.lease_until_ms > now,
                Clip.cancel_ms.is_(None),
                Clip.id.not_in(without),
            )
            .group_by(Clip.id)
            .having(func.count() >= _WORTH_HELPING)
            .order_by(Clip.priority, Clip.id)
            .limit(1)
        )
        row = session.execute(query).first()
        return None if row is None else Help(claim_of(row[0], owner), row[1])


def count_slots(database: Database, clock: Callable[[], int] = now_ms) -> int:
    """Clips that all workers together can make at once: with one there is nobody to help."""
    with database.read() as session:
        seen = select(Worker.slots).where(Worker.seen_ms > clock() - _WORKER_SEEN_MS)
        return sum(session.scalars(seen))


def is_wanted(database: Database, claim: Claim) -> bool:
    with database.read() as session:
        clip = session.get(Clip, claim.clip_id)
        return clip is not None and _wants_hands(clip, claim.attempt)


def _wants_hands(clip: Clip, attempt: int) -> bool:
    return clip.attempt == attempt and clip.status in ("fetching", "rendering") and clip.cancel_ms is None


def _is_free(now: int) -> ColumnElement[bool]:
    return or_(Segment.status == "waiting", and_(Segment.status == "filming", Segment.lease_until_ms < now))
