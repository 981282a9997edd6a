"""Clips that were asked for together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer.database.engine import Database
from renderer.database.ids import is_id
from renderer.database.tables import Batch, Clip
from renderer.errors import RequestError


@dataclass(frozen=True, slots=True)
class SeenBatch:
    """`counts`: clips by status, those that were deleted left out."""

    batch: Batch
    counts: Mapping[str, int]


class Batches:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, tenant: str, batch_id: str) -> SeenBatch:
        """Raises RequestError `batch_not_found`."""
        with self._database.read() as session:
            batch = session.get(Batch, batch_id) if is_id(batch_id, "bat") else None
            if batch is None or batch.tenant != tenant:
                raise RequestError("batch_not_found", "there is no such batch; check its id")
            query = select(Clip.status, func.count()).where(Clip.batch_id == batch_id, Clip.deleted_ms.is_(None))
            counts = {row[0]: row[1] for row in session.execute(query.group_by(Clip.status))}
        return SeenBatch(batch, counts)


def add_batch(
    session: Session, *, batch_id: str, tenant: str, key_id: str, labels: Mapping[str, Any], size: int, at_ms: int
) -> Batch:
    """In the transaction that adds its clips, before them."""
    batch = Batch(id=batch_id, tenant=tenant, key_id=key_id, labels=dict(labels), size=size, created_ms=at_ms)
    session.add(batch)
    session.flush()
    return batch
