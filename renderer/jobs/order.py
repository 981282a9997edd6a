"""Whose turn it is: interactive before batches, then tenants in turn, and of each tenant the oldest.

Every statement is a handful of index look-ups for each tenant that waits, however many clips do.
"""

from typing import Final

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select, update
from sqlalchemy.orm import Session

from renderer.database.locks import alone
from renderer.database.states import WORKING
from renderer.database.tables import Clip, Render, Turn

# Tenants that are looked at first: seldom more than one, because seldom all that a tenant waits for is being made.
_FIRST: Final = 8

_NOW: Final[BindParameter[int]] = bindparam("now")
_PRIORITY: Final[BindParameter[int]] = bindparam("priority")
_TENANT: Final[BindParameter[str]] = bindparam("tenant")


def next_clip(session: Session, now: int) -> Clip | None:
    """The clip to work on now, locked. Of those that ask for the same, one at a time: the others will find its render done."""
    alone(session, "claiming")  # who is next depends on all that are at work
    priority = session.scalar(_NEXT_PRIORITY, {"priority": -1, "now": now})
    while priority is not None:
        asked = {"priority": priority, "now": now}
        for turns in (_TURNS.limit(_FIRST), _TURNS.offset(_FIRST)):
            for tenant in session.scalars(turns, asked).all():
                clip = session.scalar(_OLDEST, {**asked, "tenant": tenant})
                if clip is not None:
                    _had_its_turn(session, tenant, now)
                    return clip
        priority = session.scalar(_NEXT_PRIORITY, asked)
    return None


def _had_its_turn(session: Session, tenant: str, now: int) -> None:
    had = session.scalar(update(Turn).where(Turn.tenant == tenant).values(claimed_ms=now).returning(Turn.tenant))
    if had is None:
        session.add(Turn(tenant=tenant, claimed_ms=now))


def _turns() -> Select[str]:
    """Tenants with clips of that priority waiting: who has the least at work, then whose last turn is longest ago, then who came first."""
    waiting = (Clip.status == "queued", Clip.priority == _PRIORITY, Clip.available_ms <= _NOW)
    tenants = select(func.min(Clip.tenant).label("tenant")).where(*waiting).cte("tenants", recursive=True)
    after = select(func.min(Clip.tenant)).where(*waiting, Clip.tenant > tenants.c.tenant).scalar_subquery()
    tenants = tenants.union_all(select(after).where(tenants.c.tenant.is_not(None)))
    busy = (
        select(Clip.tenant, func.count().label("clips"))
        .where(Clip.status.in_(WORKING))
        .group_by(Clip.tenant)
        .subquery()
    )
    first = select(func.min(Clip.id)).where(
        Clip.tenant == tenants.c.tenant, Clip.status == "queued", Clip.priority == _PRIORITY
    )
    return (
        select(tenants.c.tenant)
        .join(busy, busy.c.tenant == tenants.c.tenant, isouter=True)
        .join(Turn, Turn.tenant == tenants.c.tenant, isouter=True)
        .where(tenants.c.tenant.is_not(None))
        .order_by(func.coalesce(busy.c.clips, 0), func.coalesce(Turn.claimed_ms, 0), first.scalar_subquery())
    )


def _oldest() -> Select[Clip]:
    same_at_work = select(Clip.request_key).where(Clip.tenant == _TENANT, Clip.status.in_(WORKING))
    being_made = select(Render.id).where(Render.status == "making", Render.tenant == _TENANT)
    return (
        select(Clip)
        .where(
            Clip.tenant == _TENANT,
            Clip.status == "queued",
            Clip.priority == _PRIORITY,
            # As a sum, lest SQLite takes the index that has it and sorts all that wait.
            Clip.available_ms + 0 <= _NOW,
            Clip.request_key.not_in(same_at_work),
            or_(Clip.waits_for.is_(None), Clip.waits_for.not_in(being_made)),
        )
        .order_by(Clip.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


# Made once: to put them together takes longer than SQLite takes to answer them.
_NEXT_PRIORITY: Final = select(func.min(Clip.priority)).where(
    Clip.status == "queued", Clip.priority > _PRIORITY, Clip.available_ms <= _NOW
)
_TURNS: Final = _turns()
_OLDEST: Final = _oldest()
