"""Sessions that are looked through together, once or again and again."""

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from renderer.database.tables.base import Base


class Batch(Base):
    """`spec`: what sessions are looked through for and how their clips are to be, None for a batch whose clips were asked for themselves.
    `size`: how many recordings were named, or sessions found.

    `listing`: one of `renderer.database.states.ListingStatus`; of sessions that a source is asked for. `attempt`: the fence of who lists.
    `schedule_id`: whose it is.
    """

    __tablename__ = "batches"
    __table_args__ = (Index("batches_to_list", "listing", "available_ms"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    key_id: Mapped[str]
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    size: Mapped[int]
    created_ms: Mapped[int]
    spec: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    listing: Mapped[str] = mapped_column(server_default=text("'done'"), default="done")
    available_ms: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    attempt: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    schedule_id: Mapped[str | None] = mapped_column(index=True)


class Schedule(Base):
    """A batch of `spec` (`renderer.jobs.survey.model.Spec`) each `every_ms`, of sessions that began at most `late_ms` before `watermark_ms`.

    `watermark_ms`: sessions that began before it have been listed, but for those that came late. `batch_id`: of the last one.
    """

    __tablename__ = "schedules"
    __table_args__ = (Index("schedules_due", "paused_ms", "next_ms"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(index=True)
    key_id: Mapped[str]
    name: Mapped[str]
    labels: Mapped[dict[str, Any]] = mapped_column(default=dict)
    spec: Mapped[dict[str, Any]]
    every_ms: Mapped[int]
    late_ms: Mapped[int]
    next_ms: Mapped[int]
    watermark_ms: Mapped[int]
    batch_id: Mapped[str | None]
    created_ms: Mapped[int]
    paused_ms: Mapped[int | None]


class ScheduleSession(Base):
    __tablename__ = "schedule_sessions"

    schedule_id: Mapped[str] = mapped_column(ForeignKey("schedules.id"), primary_key=True)
    recording: Mapped[str] = mapped_column(primary_key=True)
    seen_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class BatchSession(Base):
    """`found`: what there is to see of it, a list of `renderer.batch.index_model.ClipEntry` as JSON, each with its `clip_id` once it was asked
    for. `moments`: how many of them. `archived`: the id of the uploaded recording that it is kept as. `attempt`: the fence of who looks.
    `events`: as of a clip's claim.
    """

    __tablename__ = "batch_sessions"
    __table_args__ = (
        UniqueConstraint("batch_id", "recording", name="batch_sessions_once"),
        Index("batch_sessions_queue", "status", "available_ms", "batch_id", "number"),
        Index("batch_sessions_same", "batch_id", "recording_id"),
    )

    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    recording: Mapped[str]
    events: Mapped[str | None]
    replay_url: Mapped[str | None]
    recording_id: Mapped[str | None]
    status: Mapped[str]
    moments: Mapped[int] = mapped_column(default=0)
    found: Mapped[list[Any]] = mapped_column(default=list)
    archived: Mapped[str | None]
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    attempt: Mapped[int] = mapped_column(default=0)
    available_ms: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
