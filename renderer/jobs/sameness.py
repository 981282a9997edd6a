"""What was rendered before is not rendered again: by the plan always, and by the request alone where it cannot mean anything else."""

from typing import Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from renderer import __version__
from renderer.database.tables import Clip, Render
from renderer.jobs.uploaded import PREFIX

# Made once: to put it together takes longer than the database takes to answer it.
_READY: Final = (
    select(Render)
    .join(Clip, Clip.render_id == Render.id)
    .where(
        Clip.tenant == bindparam("tenant"),
        Clip.request_key == bindparam("request_key"),
        Clip.status == "succeeded",
        Clip.deleted_ms.is_(None),
        Render.status == "ready",
    )
    .order_by(Clip.id.desc())
    .limit(1)
    # It must not be let go of between being found here and being taken up.
    .with_for_update(read=True, of=Render)
)


def ready_render(session: Session, clip: Clip) -> Render | None:
    """The render of an earlier clip of the same tenant that asked for the same, of a recording that cannot have changed since."""
    if not clip.recording.startswith(PREFIX):
        return None
    render = session.scalar(_READY, {"tenant": clip.tenant, "request_key": clip.request_key})
    # Another version may draw it in another way.
    made_by = render.facts.get("versions", {}).get("renderer") if render is not None else None
    return render if made_by == __version__ else None


def waits_for(clip: Clip, render_id: str) -> ColumnElement[bool]:
    """Which clips get what `clip` has just made: those that were parked for it, and those that asked for the same."""
    same = and_(Clip.tenant == clip.tenant, Clip.request_key == clip.request_key, Clip.recording.startswith(PREFIX))
    return and_(Clip.status == "queued", or_(Clip.waits_for == render_id, same))
