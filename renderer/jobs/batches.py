"""Clips that were asked for together, and sessions that are looked through for clips."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database
from renderer.database.ids import is_id
from renderer.database.tables import Batch, BatchSession, Clip
from renderer.errors import RequestError

MAX_PAGE: Final = 200


@dataclass(frozen=True, slots=True)
class SeenBatch:
    """`counts`: clips by status, those that were deleted left out. `sessions`: by status, of a batch that looks through some.

    `found`: of one that makes no clips, `renderer.batch.index_model.ClipEntry` as JSON.
    """

    batch: Batch
    counts: Mapping[str, int]
    sessions: Mapping[str, int] = field(default_factory=dict)
    moments: int = 0
    found: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class SessionPage:
    """In the order in which they were found. `next_cursor`: for the page after this one, None at the end."""

    sessions: tuple[BatchSession, ...]
    next_cursor: str | None


class Batches:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, tenant: str, batch_id: str) -> SeenBatch:
        """Raises RequestError `batch_not_found`."""
        with self._database.read() as session:
            batch = _find(session, tenant, batch_id)
            query = select(Clip.status, func.count()).where(Clip.batch_id == batch_id, Clip.deleted_ms.is_(None))
            counts = {row[0]: row[1] for row in session.execute(query.group_by(Clip.status))}
            if batch.spec is None:
                return SeenBatch(batch, counts)
            mine = BatchSession.batch_id == batch_id
            by_status = (
                select(BatchSession.status, func.count(), func.sum(BatchSession.moments))
                .where(mine)
                .group_by(BatchSession.status)
            )
            rows = session.execute(by_status).all()
            found: list[Mapping[str, Any]] = []
            if batch.spec.get("dry_run"):
                for each in session.scalars(select(BatchSession.found).where(mine, BatchSession.status == "matched")):
                    found.extend(each)
            return SeenBatch(
                batch,
                counts,
                {row[0]: row[1] for row in rows},
                sum(int(row[2] or 0) for row in rows),
                tuple(found),
            )

    def sessions(
        self, tenant: str, batch_id: str, *, cursor: str | None = None, limit: int = 50, status: str | None = None
    ) -> SessionPage:
        """Raises RequestError: batch_not_found, bad_cursor, bad_limit."""
        if not 1 <= limit <= MAX_PAGE:
            raise RequestError("bad_limit", f"a page has 1 to {MAX_PAGE} sessions, not {limit}")
        if cursor is not None and not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
            raise RequestError("bad_cursor", "this cursor is not one that a page of sessions gave; begin without one")
        with self._database.read() as session:
            _find(session, tenant, batch_id)
            query = select(BatchSession).where(BatchSession.batch_id == batch_id)
            if cursor is not None:
                query = query.where(BatchSession.number > int(cursor))
            if status is not None:
                query = query.where(BatchSession.status == status)
            rows: Sequence[BatchSession] = session.scalars(query.order_by(BatchSession.number).limit(limit + 1)).all()
        shown = tuple(rows[:limit])
        return SessionPage(shown, str(shown[-1].number) if len(rows) > limit else None)


def _find(session: Session, tenant: str, batch_id: str) -> Batch:
    batch = session.get(Batch, batch_id) if is_id(batch_id, "bat") else None
    if batch is None or batch.tenant != tenant:
        raise RequestError("batch_not_found", "there is no such batch; check its id")
    return batch


def add_batch(
    session: Session,
    *,
    batch_id: str,
    tenant: str,
    key_id: str,
    labels: Mapping[str, Any],
    size: int,
    at_ms: int,
    spec: Mapping[str, Any] | None = None,
    listing: str = "done",
) -> Batch:
    """In the transaction that adds its clips or sessions, before them."""
    batch = Batch(
        id=batch_id,
        tenant=tenant,
        key_id=key_id,
        labels=dict(labels),
        size=size,
        created_ms=at_ms,
        spec=None if spec is None else dict(spec),
        listing=listing,
        available_ms=at_ms,
        attempt=0,
    )
    session.add(batch)
    session.flush()
    return batch
