"""Renders that are nobody's any more: marked here, taken out of the store by the sweeper."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from renderer.database.tables import Clip, Render


def let_go(session: Session, clip: Clip, now: int) -> str | None:
    """Takes the clip's render from it; its id when no other clip has it, so that it is gone."""
    render_id, clip.render_id = clip.render_id, None
    if render_id is None:
        return None
    session.flush()
    # Locked before it is looked who else has it: whoever takes it up locks it too.
    render = session.get_one(Render, render_id, with_for_update=True)
    if session.scalar(select(Clip.id).where(Clip.render_id == render_id).limit(1)) is not None:
        return None
    discard(render, now)
    return render_id


def abandon(session: Session, clip: Clip, now: int) -> None:
    """What the clip's workers began and did not finish."""
    begun = select(Render).where(Render.clip_id == clip.id, Render.status == "making")
    for render in session.scalars(begun):
        discard(render, now)


def discard(render: Render, now: int) -> None:
    render.status, render.key, render.gone_ms = "gone", None, now
    render.files, render.facts = [], {}
