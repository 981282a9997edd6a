"""Every change of a clip: a new revision, and an event under its number for whoever watches."""

from typing import Any, Final

from sqlalchemy import bindparam, delete, insert
from sqlalchemy.orm import Session

from renderer.database.states import may_follow
from renderer.database.tables import Clip, ClipEvent, table_of

# Made once, and plain: to put them together takes longer than the database takes to do it.
_EVENTS: Final = table_of(ClipEvent)
_ADD: Final = insert(_EVENTS)
_FORGET_PROGRESS: Final = delete(_EVENTS).where(_EVENTS.c.clip_id == bindparam("of_clip"), _EVENTS.c.kind == "progress")


def turn(session: Session, clip: Clip, status: str, at_ms: int, **data: Any) -> None:
    """Turns the clip's status, which must be one that may follow."""
    if not may_follow(clip.status, status):
        raise AssertionError(f"a clip cannot turn from {clip.status} into {status}")
    clip.status = status
    note(session, clip, "status", at_ms, {"status": status, **data})


def note(session: Session, clip: Clip, kind: str, at_ms: int, data: dict[str, Any]) -> None:
    clip.revision += 1
    if kind == "progress":
        # How far it was is of no interest once it is further.
        session.execute(_FORGET_PROGRESS, {"of_clip": clip.id})
    event = {"clip_id": clip.id, "number": clip.revision, "kind": kind, "data": data, "at_ms": at_ms}
    session.execute(_ADD, event)
