"""What was rendered before is not rendered again: by the plan always, and by the request alone where it cannot mean anything else."""

from typing import Final

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from renderer import __version__
from renderer.database.tables import Clip, Render, table_of
from renderer.jobs.uploaded import PREFIX

# Made once: to put it together takes longer than the database takes to answer it.
_CLIPS, _RENDERS = table_of(Clip), table_of(Render)
_READY: Final = (
    select(_RENDERS.c.id, _RENDERS.c.facts)
    .join(_CLIPS, _CLIPS.c.render_id == _RENDERS.c.id)
    .where(
        _CLIPS.c.tenant == bindparam("tenant"),
        _CLIPS.c.request_key == bindparam("request_key"),
        _CLIPS.c.status == "succeeded",
        _CLIPS.c.deleted_ms.is_(None),
        _RENDERS.c.status == "ready",
    )
    .order_by(_CLIPS.c.id.desc())
    .limit(1)
    # It must not be let go of between being found here and being taken up.
    .with_for_update(read=True, of=_RENDERS)
)


def ready_render(session: Session, tenant: str, recording: str, request_key: str) -> str | None:
    """Which render an earlier clip of the tenant has that asked for the same, of a recording that cannot have changed since."""
    if not recording.startswith(PREFIX):
        return None
    render = session.execute(_READY, {"tenant": tenant, "request_key": request_key}).first()
    # Another version may draw it in another way.
    made_by = render.facts.get("versions", {}).get("renderer") if render is not None else None
    return str(render.id) if render is not None and made_by == __version__ else None


def waits_for(clip: Clip, render_id: str) -> ColumnElement[bool]:
    """Which clips get what `clip` has just made: those that were parked for it, and those that asked for the same."""
    same = and_(Clip.tenant == clip.tenant, Clip.request_key == clip.request_key, Clip.recording.startswith(PREFIX))
    return and_(Clip.status == "queued", or_(Clip.waits_for == render_id, same))
