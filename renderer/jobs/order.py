"""Whose turn it is: interactive before batches, then tenants in turn, and of each tenant the oldest."""

from typing import Final

from sqlalchemy import BindParameter, Select, bindparam, func, or_, select
from sqlalchemy.orm import Session

from renderer.database.locks import alone
from renderer.database.states import WORKING
from renderer.database.tables import Clip, Render, Turn

# Tenants that are looked at first: seldom more than one, because seldom all that a tenant waits for is being made.
_FIRST: Final = 8


def next_clip(session: Session, now: int) -> Clip | None:
    """The clip to work on now, locked. Of those that ask for the same, one at a time: the others will find its render done."""
    alone(session, "claiming")  # who is next depends on all that are at work
    for turns in (_TURNS.limit(_FIRST), _TURNS.offset(_FIRST)):
        for priority, tenant in session.execute(turns, {"now": now}).all():
            clip = session.scalar(_OLDEST, {"priority": priority, "tenant": tenant, "now": now})
            if clip is not None:
                session.merge(Turn(tenant=tenant, claimed_ms=now))
                return clip
    return None


def _turns() -> Select[int, str]:
    """Tenants with clips waiting, by priority: who has the least at work, then whose last turn is longest ago, then who came first."""
    waiting = (
        select(Clip.priority, Clip.tenant, func.min(Clip.id).label("first"))
        .where(Clip.status == "queued", Clip.available_ms <= bindparam("now"))
        .group_by(Clip.priority, Clip.tenant)
        .subquery()
    )
    busy = (
        select(Clip.tenant, func.count().label("clips"))
        .where(Clip.status.in_(WORKING))
        .group_by(Clip.tenant)
        .subquery()
    )
    return (
        select(waiting.c.priority, waiting.c.tenant)
        .join_from(waiting, busy, busy.c.tenant == waiting.c.tenant, isouter=True)
        .join(Turn, Turn.tenant == waiting.c.tenant, isouter=True)
        .order_by(
            waiting.c.priority, func.coalesce(busy.c.clips, 0), func.coalesce(Turn.claimed_ms, 0), waiting.c.first
        )
    )


def _oldest() -> Select[Clip]:
    tenant: BindParameter[str] = bindparam("tenant")
    same_at_work = select(Clip.request_key).where(Clip.tenant == tenant, Clip.status.in_(WORKING))
    being_made = select(Render.id).where(Render.status == "making", Render.tenant == tenant)
    return (
        select(Clip)
        .where(
            Clip.tenant == tenant,
            Clip.status == "queued",
            Clip.priority == bindparam("priority"),
            # As a sum, lest SQLite takes the index that has it and sorts all that wait.
            Clip.available_ms + 0 <= bindparam("now"),
            Clip.request_key.not_in(same_at_work),
            or_(Clip.waits_for.is_(None), Clip.waits_for.not_in(being_made)),
        )
        .order_by(Clip.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


# Made once: to put them together takes longer than SQLite takes to answer them.
_TURNS: Final = _turns()
_OLDEST: Final = _oldest()
