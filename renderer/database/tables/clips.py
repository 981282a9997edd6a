"""Clips, what happened to them, and what they are made of."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class Clip(Base):
    """`request`: a ClipRequest as JSON. `request_key`: a digest of it and of its tenant; clips with equal ones are not worked on at once.

    `session`: the recorder's session id or the recording's id, for logs and lists. `attempt` counts claims and is the fence: who
    holds a lower one has lost the clip. `strikes`: claims that ended without an honest error. `waits_for`: a render that another
    clip makes. `revision` counts changes. `available_ms`: not to be claimed before. `started_ms`: of the first
    claim.
    """

    __tablename__ = "clips"
    __table_args__ = (
        Index("clips_queue", "status", "priority", "tenant", "available_ms", "id"),
        Index("clips_turn", "tenant", "status", "priority", "id"),
        Index("clips_listed", "tenant", "id"),
        Index("clips_leases", "lease_until_ms"),
        Index("clips_same_request", "tenant", "status", "request_key"),
        Index("clips_of_key", "key_id", "created_ms"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    key_id: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int] = mapped_column(default=0)
    recording: Mapped[str]
    session: Mapped[str | None] = mapped_column(index=True)
    request: Mapped[dict[str, Any]]
    request_key: Mapped[str]
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    batch_id: Mapped[str | None] = mapped_column(ForeignKey("batches.id"), index=True)
    render_id: Mapped[str | None] = mapped_column(ForeignKey("renders.id"), index=True)
    waits_for: Mapped[str | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    revision: Mapped[int] = mapped_column(default=1)
    attempt: Mapped[int] = mapped_column(default=0)
    strikes: Mapped[int] = mapped_column(default=0)
    retries: Mapped[int] = mapped_column(default=0)
    available_ms: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
    cancel_ms: Mapped[int | None]
    created_ms: Mapped[int]
    started_ms: Mapped[int | None]
    finished_ms: Mapped[int | None]
    expires_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)
    deleted_ms: Mapped[int | None]


class ClipEvent(Base):
    """`kind`: status, progress, warning, done."""

    __tablename__ = "clip_events"

    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    at_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class Render(Base):
    """`key`: a digest of plan and outputs, None once it is nobody's any more (`gone_ms`). `clip_id`: who makes or made it.

    `files`: {name, kind, content_type, bytes, sha256, duration_ms, width_px, height_px} each; below renders/ID/ in the clip store.
    """

    __tablename__ = "renders"
    __table_args__ = (
        UniqueConstraint("tenant", "key", name="renders_once"),
        Index("renders_by_status", "status", "tenant"),
        Index("renders_of_clip", "clip_id"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    key: Mapped[str | None]
    clip_id: Mapped[str]
    attempt: Mapped[int]
    status: Mapped[str]
    files: Mapped[list[Any]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_ms: Mapped[int]
    ready_ms: Mapped[int | None]
    gone_ms: Mapped[int | None]


class Segment(Base):
    """Of the plan of one claim of a clip. `plan_digest`: what must come out of a helper's own planning. `pack`: its name in the store."""

    __tablename__ = "segments"

    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    attempt: Mapped[int]
    plan_digest: Mapped[str]
    status: Mapped[str]
    strikes: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
    pack: Mapped[str | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))


class Suspect(Base):
    """A recording whose renders ended workers; from two `strikes` on it is quarantined until `until_ms`."""

    __tablename__ = "suspects"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    recording: Mapped[str] = mapped_column(primary_key=True)
    strikes: Mapped[int]
    why: Mapped[str]
    until_ms: Mapped[int]
