"""Whose turn it is: interactive before batches, then tenants in turn, and of each tenant the oldest."""

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from renderer.database.locks import alone
from renderer.database.states import WORKING
from renderer.database.tables import Clip, Render


def next_clip(session: Session, now: int) -> Clip | None:
    """The clip to work on now, locked. Of those that ask for the same, one at a time: the others will find its render done."""
    alone(session, "claiming")  # who is next depends on all that are at work
    for priority, tenant in session.execute(_turns(now)).all():
        clip = _oldest(session, priority, tenant, now)
        if clip is not None:
            return clip
    return None


def _turns(now: int) -> Select[int, str]:
    """Tenants that have clips waiting, by priority: first who has the least at work, then whose last turn is longest ago."""
    waiting = (
        select(Clip.priority, Clip.tenant)
        .where(Clip.status == "queued", Clip.available_ms <= now)
        .group_by(Clip.priority, Clip.tenant)
        .subquery()
    )
    of_tenant = aliased(Clip)
    mine = of_tenant.tenant == waiting.c.tenant
    at_work = select(func.count()).select_from(of_tenant).where(mine, of_tenant.status.in_(WORKING)).scalar_subquery()
    last_ms = func.coalesce(select(func.max(of_tenant.claimed_ms)).where(mine).scalar_subquery(), 0)
    return select(waiting.c.priority, waiting.c.tenant).order_by(waiting.c.priority, at_work, last_ms, waiting.c.tenant)


def _oldest(session: Session, priority: int, tenant: str, now: int) -> Clip | None:
    same_at_work = select(Clip.request_key).where(Clip.tenant == tenant, Clip.status.in_(WORKING))
    being_made = select(Render.id).where(Render.status == "making", Render.tenant == tenant)
    return session.scalar(
        select(Clip)
        .where(
            Clip.tenant == tenant,
            Clip.status == "queued",
            Clip.priority == priority,
            Clip.available_ms <= now,
            Clip.request_key.not_in(same_at_work),
            or_(Clip.waits_for.is_(None), Clip.waits_for.not_in(being_made)),
        )
        .order_by(Clip.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
