"""Clips as their callers see them: with the files of their render and their deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from renderer.database.ids import is_id
from renderer.database.tables import Clip, Delivery, Render
from renderer.errors import RequestError

# Made once: to put them together takes longer than the database takes to answer them.
_FIND: Final = select(Clip).where(Clip.id == bindparam("clip_id"), Clip.tenant == bindparam("tenant"))
_FIND_LOCKED: Final = _FIND.with_for_update()
_DELIVERIES: Final = (
    select(Delivery).where(Delivery.clip_id.in_(bindparam("clip_ids", expanding=True))).order_by(Delivery.id)
)


@dataclass(frozen=True, slots=True)
class Seen:
    clip: Clip
    render: Render | None
    deliveries: tuple[Delivery, ...] = ()


def find_clip(session: Session, tenant: str, clip_id: str, *, locked: bool = False) -> Clip:
    """Raises RequestError: clip_not_found, clip_gone."""
    clip: Clip | None = None
    if is_id(clip_id, "clip"):
        clip = session.scalar(_FIND_LOCKED if locked else _FIND, {"clip_id": clip_id, "tenant": tenant})
    if clip is None:
        raise RequestError("clip_not_found", "there is no such clip; check its id")
    if clip.deleted_ms is not None:
        raise RequestError("clip_gone", "the clip was deleted")
    return clip


def seen_of(session: Session, clip: Clip) -> Seen:
    return seen_all(session, [clip])[0]


def seen_all(session: Session, clips: Sequence[Clip]) -> tuple[Seen, ...]:
    """Three questions to the database at the most, however many clips there are."""
    render_ids = {clip.render_id for clip in clips if clip.render_id}
    renders: dict[str, Render] = {}
    if render_ids:
        found = session.scalars(select(Render).where(Render.id.in_(render_ids)))
        renders = {render.id: render for render in found}
    deliveries: dict[str, list[Delivery]] = {clip.id: [] for clip in clips}
    for delivery in session.scalars(_DELIVERIES, {"clip_ids": list(deliveries)}):
        deliveries[delivery.clip_id].append(delivery)
    return tuple(
        Seen(clip, renders.get(clip.render_id) if clip.render_id else None, tuple(deliveries[clip.id]))
        for clip in clips
    )
