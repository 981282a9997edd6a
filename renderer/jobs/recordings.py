"""Uploaded recordings as tenants know them: a row for each that has one, one copy in the store for all."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database, now_ms
from renderer.database.tables import UploadedRecording
from renderer.errors import RecordingError, RequestError
from renderer.settings import Settings
from renderer.store.recordings.model import StoredRecording
from renderer.store.recordings.shared import SharedRecordings

MAX_PAGE: Final = 200
_AT_ONCE: Final = 100
_DAY_MS: Final = 24 * 3600 * 1000
_UNCLAIMED_MS: Final = 3600 * 1000
"""Between a recording's being put and its row lie the rest of a form and one transaction."""
_ID: Final = re.compile(r"[0-9a-f]{64}")
_CURSOR: Final = re.compile(r"(\d{1,15})-([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """Newest first. `next_cursor`: for the page after this one, None at the end."""

    recordings: tuple[UploadedRecording, ...]
    next_cursor: str | None


class Recordings:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(
        self, database: Database, shared: SharedRecordings, settings: Settings, clock: Callable[[], int] = now_ms
    ) -> None:
        self.shared = shared
        self._database = database
        self._kept_ms = round(settings.recording_days * _DAY_MS)
        self._now_ms = clock

    def add(
        self,
        tenant: str,
        stored: StoredRecording,
        events: str | None,
        last: Callable[[Session], None] = lambda _: None,
    ) -> tuple[UploadedRecording, bool]:
        """A recording that was put, and whether it is new to the tenant; one that is not is kept longer, with the events that came last.

        `last` is called in the same transaction.
        """
        now = self._now_ms()
        with self._database.write() as session:
            row, is_new = keep(session, tenant, stored, events, now, now + self._kept_ms)
            last(session)
        return row, is_new

    def get(self, tenant: str, recording_id: str) -> UploadedRecording:
        """Raises RecordingError `recording_not_found`."""
        with self._database.read() as session:
            return _find(session, tenant, recording_id)

    def page(self, tenant: str, cursor: str | None = None, limit: int = 50) -> RecordingPage:
        """Raises RequestError: bad_cursor, bad_limit."""
        if not 1 <= limit <= MAX_PAGE:
            raise RequestError("bad_limit", f"a page has 1 to {MAX_PAGE} recordings, not {limit}")
        created, row_id = UploadedRecording.created_ms, UploadedRecording.recording_id
        query = select(UploadedRecording).where(UploadedRecording.tenant == tenant)
        if cursor is not None:
            match = _CURSOR.fullmatch(cursor)
            if match is None:
                raise RequestError(
                    "bad_cursor", "this cursor is not one that a page of recordings gave; begin without one"
                )
            at_ms, after = int(match[1]), match[2]
            query = query.where((created < at_ms) | ((created == at_ms) & (row_id < after)))
        with self._database.read() as session:
            found = list(session.scalars(query.order_by(created.desc(), row_id.desc()).limit(limit + 1)))
        shown = found[:limit]
        more = len(found) > limit
        return RecordingPage(tuple(shown), f"{shown[-1].created_ms}-{shown[-1].recording_id}" if more else None)

    def delete(self, tenant: str, recording_id: str, last: Callable[[Session], None] = lambda _: None) -> None:
        """Gone for good when this returns, unless another tenant has it too. Raises RecordingError `recording_not_found`, StoreError."""
        with self._database.read() as session:
            events = _find(session, tenant, recording_id).events
        self._take_away(tenant, recording_id, events)
        with self._database.write() as session:
            row = session.get(UploadedRecording, (tenant, recording_id))
            if row is not None:
                session.delete(row)
            last(session)

    def expire(self) -> int:
        """Takes away what is older than it may be; says how many. Raises StoreError."""
        now = self._now_ms()
        too_old = UploadedRecording.expires_ms < now
        with self._database.read() as session:
            rows = list(session.scalars(select(UploadedRecording).where(too_old).limit(_AT_ONCE)))
        for row in rows:
            self._take_away(row.tenant, row.recording_id, row.events)
            mine = (UploadedRecording.tenant == row.tenant, UploadedRecording.recording_id == row.recording_id)
            with self._database.write() as session:  # not when it was uploaded again meanwhile
                session.execute(delete(UploadedRecording).where(*mine, too_old))
        return len(rows)

    def _take_away(self, tenant: str, recording_id: str, events: str | None) -> None:
        """The files before their row: a row without them can be deleted again, files without a row are found by nobody."""
        if events is not None:
            same = select(UploadedRecording.tenant).where(
                UploadedRecording.recording_id == recording_id,
                UploadedRecording.events == events,
                UploadedRecording.tenant != tenant,
            )
            with self._database.read() as session:
                shared = session.scalar(same.limit(1)) is not None
            if not shared:
                self.shared.delete_events(events)
        self.forget_unless_owned(recording_id, but_for=tenant)

    def forget_unless_owned(self, recording_id: str, but_for: str = "") -> None:
        """Takes the files away when nobody but this tenant has the recording. Raises StoreError."""
        query = select(UploadedRecording.tenant).where(
            UploadedRecording.recording_id == recording_id, UploadedRecording.tenant != but_for
        )
        with self._database.read() as session:
            owned = session.scalar(query.limit(1)) is not None
        if not owned:
            self.shared.delete(recording_id)

    def sweep(self) -> int:
        """Takes away what uploads left behind that were cut off by a kill: abandoned parts, and recordings that are nobody's; says how many."""
        count = self.shared.sweep()
        for recording_id, put_ms in list(self.shared.ages()):
            if self._now_ms() - put_ms > _UNCLAIMED_MS:
                with self._database.read() as session:
                    query = select(UploadedRecording.tenant).where(UploadedRecording.recording_id == recording_id)
                    owned = session.scalar(query.limit(1)) is not None
                if not owned:
                    self.shared.delete(recording_id)
                    count += 1
        return count


def _find(session: Session, tenant: str, recording_id: str) -> UploadedRecording:
    row = session.get(UploadedRecording, (tenant, recording_id)) if _ID.fullmatch(recording_id) else None
    if row is None:
        raise RecordingError("recording_not_found", "there is no such recording here; it was deleted, or never stored")
    return row


def keep(
    session: Session, tenant: str, stored: StoredRecording, events: str | None, now: int, expires_ms: int | None
) -> tuple[UploadedRecording, bool]:
    """The tenant's row of a recording that was put, and whether it is new. `expires_ms`: None is never."""
    row = session.get(UploadedRecording, (tenant, stored.id), with_for_update=True)
    is_new = row is None
    if row is None:
        row = UploadedRecording(
            tenant=tenant,
            recording_id=stored.id,
            bytes=stored.stored_bytes,
            text_bytes=stored.text_bytes,
            event_count=stored.events,
            first_ms=stored.first_ms,
            last_ms=stored.last_ms,
            created_ms=now,
        )
        session.add(row)
    elif row.expires_ms is None:  # what was to be kept for good is not uploaded away
        expires_ms = None
    if events is not None:
        row.events = events
    row.expires_ms = expires_ms
    return row, is_new
