"""The caller's side of the queue: asking for clips, looking at them, calling them off."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id
from renderer.database.states import ENDED, WORKING
from renderer.database.tables import Clip, ClipEvent, table_of
from renderer.errors import RequestError, TryLaterError
from renderer.jobs.admit import Asked, admit
from renderer.jobs.ending import end, entomb
from renderer.jobs.history import note
from renderer.jobs.model import Submission
from renderer.jobs.renders import let_go
from renderer.jobs.seen import Seen, find_clip, seen_all, seen_of
from renderer.settings import Settings

MAX_PAGE: Final = 200
# SQLite takes so many parameters in any build.
_AT_ONCE: Final = 500
_DELETED: Final = -2
# What a full queue is told to wait for: about a clip's time.
_FULL_S: Final = 15

# Made once: to put it together takes longer than the database takes to answer it.
_COUNT_QUEUED: Final = select(func.count()).where(table_of(Clip).c.status == "queued")

InTransaction = Callable[[Session], None]
"""Called in the transaction of what it goes with: what it raises undoes that."""


@dataclass(frozen=True, slots=True)
class ClipPage:
    """Newest first. `next_cursor`: for the page after this one, None at the end."""

    clips: tuple[Seen, ...]
    next_cursor: str | None


class Queue:
    """Tenants see their own clips and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(self, database: Database, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._settings = settings
        self._now_ms = clock

    def submit(self, submission: Submission) -> Seen:
        """Raises TryLaterError `queue_full`, RequestError `recording_quarantined`."""
        return self.submit_many([submission])[0]

    def submit_many(
        self,
        submissions: Sequence[Submission],
        *,
        first: InTransaction = lambda _: None,
        last: Callable[[Session, list[Seen]], None] = lambda *_: None,
    ) -> list[Seen]:
        """All of them or none. `first` and `last` are called in the same transaction: what they raise undoes it."""
        asked = [Asked.of(submission) for submission in submissions]
        with self._database.write() as session:
            first(session)
            now = self._now_ms()
            waiting = session.execute(_COUNT_QUEUED).scalar_one()
            if waiting + len(submissions) > self._settings.max_queue:
                raise TryLaterError(
                    "queue_full",
                    f"{waiting} clips are waiting and {self._settings.max_queue} may: try again later",
                    retry_after_s=_FULL_S,
                )
            added = admit(session, asked, now, self._settings.clip_days)
            last(session, added)
            return added

    def get(self, tenant: str, clip_id: str) -> Seen:
        """Raises RequestError: clip_not_found, clip_gone."""
        with self._database.read() as session:
            return seen_of(session, find_clip(session, tenant, clip_id))

    def revision(self, tenant: str, clip_id: str) -> tuple[int, str]:
        """The number of the clip's last change, and its status: what watchers ask for often. Raises as `get` does."""
        with self._database.read() as session:
            clip = find_clip(session, tenant, clip_id)
            return clip.revision, clip.status

    def standings(self, clip_ids: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Of clips of any tenant, the number of the last change and the status, which is "deleted" for those that were."""
        columns = (Clip.id, Clip.revision, Clip.status, Clip.deleted_ms)
        found: dict[str, tuple[int, str]] = {}
        with self._database.read() as session:
            for start in range(0, len(clip_ids), _AT_ONCE):
                query = select(*columns).where(Clip.id.in_(clip_ids[start : start + _AT_ONCE]))
                for clip_id, revision, status, deleted_ms in session.execute(query):
                    found[clip_id] = (revision, status) if deleted_ms is None else (_DELETED, "deleted")
        return found

    def page(
        self,
        tenant: str,
        *,
        cursor: str | None = None,
        limit: int = 50,
        status: str | None = None,
        session: str | None = None,
        recording: str | None = None,
        batch_id: str | None = None,
    ) -> ClipPage:
        """Raises RequestError: bad_cursor, bad_limit."""
        if not 1 <= limit <= MAX_PAGE:
            raise RequestError("bad_limit", f"a page has 1 to {MAX_PAGE} clips, not {limit}")
        if cursor is not None and not is_id(cursor, "clip"):
            raise RequestError("bad_cursor", "this cursor is not one that a page of clips gave; begin without one")
        query = select(Clip).where(Clip.tenant == tenant, Clip.deleted_ms.is_(None))
        for column, value in (
            (Clip.status, status),
            (Clip.session, session),
            (Clip.recording, recording),
            (Clip.batch_id, batch_id),
        ):
            if value is not None:
                query = query.where(column == value)
        if cursor is not None:
            query = query.where(Clip.id < cursor)
        with self._database.read() as connection:
            found = list(connection.scalars(query.order_by(Clip.id.desc()).limit(limit + 1)))
            shown = seen_all(connection, found[:limit])
        return ClipPage(shown, shown[-1].clip.id if len(found) > limit else None)

    def cancel(self, tenant: str, clip_id: str, last: InTransaction = lambda _: None) -> Seen:
        """At once when nobody works on it, within 2 s otherwise. Raises RequestError `clip_ended`, and as `get` does."""
        with self._database.write() as session:
            clip = find_clip(session, tenant, clip_id, locked=True)
            if clip.status in ENDED:
                raise RequestError(
                    "clip_ended", f"the clip has ended already ({clip.status}): there is nothing to cancel"
                )
            self._call_off(session, clip)
            seen = seen_of(session, clip)
            last(session)
            return seen

    def delete(self, tenant: str, clip_id: str, last: InTransaction = lambda _: None) -> str | None:
        """Takes the clip away, called off if need be. The render whose files are nobody's any more, None if they are.

        What is left is a tombstone without anything of what was asked. Raises as `get` does.
        """
        with self._database.write() as session:
            clip = find_clip(session, tenant, clip_id, locked=True)
            clip.deleted_ms = self._now_ms()
            if clip.status in ENDED:
                entomb(session, clip)
            else:
                clip.labels = {}
                self._call_off(session, clip)
            render_id = let_go(session, clip, clip.deleted_ms)
            last(session)
            return render_id

    def events_after(self, tenant: str, clip_id: str, number: int, limit: int = 100) -> list[ClipEvent]:
        """What happened to the clip after its event `number`. Raises as `get` does."""
        with self._database.read() as session:
            find_clip(session, tenant, clip_id)
            query = select(ClipEvent).where(ClipEvent.clip_id == clip_id, ClipEvent.number > number)
            return list(session.scalars(query.order_by(ClipEvent.number).limit(limit)))

    def _call_off(self, session: Session, clip: Clip) -> None:
        now = self._now_ms()
        if clip.status in WORKING:
            if clip.cancel_ms is None:
                clip.cancel_ms = now
                note(session, clip, "status", now, {"status": clip.status, "canceling": True})
        else:
            end(session, clip, "canceled", now)
