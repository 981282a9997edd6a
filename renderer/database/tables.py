"""The tables. Times are Unix time in milliseconds (`_ms`); a status word is one of `renderer.database.states`.

clips        what was asked for, how far it is, who works on it
clip_events  what happened to a clip, numbered from 1, for whoever watches
renders      files in the clip store; clips with the same plan share one
segments     of a long clip that is filmed by several workers
deliveries   where a clip or the news of it is to go
webhooks     endpoints that hear of clips
batches      clips that were asked for together, or sessions to be looked through for them
batch_sessions   of a batch that looks through sessions, each of them
schedules    batches that are made again and again
schedule_sessions   what a schedule has had looked into, so that it is not once more
recordings   which tenant uploaded which recording
suspects     recordings that cost workers their lives
api_keys, share_links, idempotency, audit   who may do what, and who did
workers, duties   who is there to work, and who looks after what
turns        which tenant's clips were worked on last
facts        about the service itself, such as which secret its keys were made under
"""

from typing import Any, ClassVar, cast

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Table, UniqueConstraint, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {int: BigInteger, dict[str, Any]: JSON, list[Any]: JSON, list[str]: JSON}


def table_of(rows: type[Base]) -> Table:
    """For plain SQL: what is asked of it goes past the unit of work, which costs more than the database does, and flushes nothing."""
    return cast(Table, rows.__table__)


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


class Delivery(Base):
    """`destination`: `webhook:ID`, later `zendesk:48213` and its kin. `event`: clip.succeeded, clip.failed, … `receipt`: what came back."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index("deliveries_queue", "status", "available_ms"),
        UniqueConstraint("clip_id", "destination", "event", name="deliveries_once"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), index=True)
    destination: Mapped[str]
    event: Mapped[str]
    status: Mapped[str]
    attempt: Mapped[int] = mapped_column(default=0)
    available_ms: Mapped[int]
    lease_owner: Mapped[str | None]
    lease_until_ms: Mapped[int | None]
    receipt: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    error: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_ms: Mapped[int]
    finished_ms: Mapped[int | None]


class Webhook(Base):
    """The signing secret is derived from the service's own secret, the id and `secret_version`: none is stored.

    `rotated_ms`: when the version before this one was replaced; for a day it is signed with too.
    """

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str] = mapped_column(index=True)
    url: Mapped[str]
    events: Mapped[list[str]]
    secret_version: Mapped[int] = mapped_column(default=1)
    rotated_ms: Mapped[int | None]
    created_ms: Mapped[int]
    disabled_ms: Mapped[int | None]
    disabled_why: Mapped[str | None]


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


class UploadedRecording(Base):
    """`recording_id`: of the recording store, which keeps equal ones once; each tenant has a row of its own.

    `events`: the name of the events file that came with it, in the store, or None. `bytes`: on disk. `first_ms`, `last_ms`: Unix time
    of its earliest and latest event.
    """

    __tablename__ = "recordings"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str] = mapped_column(primary_key=True, index=True)
    events: Mapped[str | None]
    bytes: Mapped[int]
    text_bytes: Mapped[int]
    event_count: Mapped[int]
    first_ms: Mapped[int | None]
    last_ms: Mapped[int | None]
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None] = mapped_column(BigInteger, index=True)


class Suspect(Base):
    """A recording whose renders ended workers; from two `strikes` on it is quarantined until `until_ms`."""

    __tablename__ = "suspects"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    recording: Mapped[str] = mapped_column(primary_key=True)
    strikes: Mapped[int]
    why: Mapped[str]
    until_ms: Mapped[int]


class ApiKey(Base):
    """`id`: the part of a key that may be shown. `digest`: HMAC-SHA256 (hex) of the whole key under the service's secret.

    `replaced_by`: the key that took its place; until `expires_ms` both are good. Limits that are None are the service's.
    """

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    name: Mapped[str]
    digest: Mapped[str]
    scopes: Mapped[list[str]]
    created_ms: Mapped[int]
    expires_ms: Mapped[int | None]
    revoked_ms: Mapped[int | None]
    last_used_ms: Mapped[int | None]
    replaced_by: Mapped[str | None]
    requests_per_minute: Mapped[int | None]
    concurrent_clips: Mapped[int | None]
    clips_per_day: Mapped[int | None]


class ShareLink(Base):
    """`name`: the one file that it opens, None for all files of the clip."""

    __tablename__ = "share_links"

    id: Mapped[str] = mapped_column(primary_key=True)
    tenant: Mapped[str]
    clip_id: Mapped[str] = mapped_column(ForeignKey("clips.id"), index=True)
    name: Mapped[str | None]
    created_ms: Mapped[int]
    expires_ms: Mapped[int]
    revoked_ms: Mapped[int | None]
    views: Mapped[int] = mapped_column(default=0)


class Idempotency(Base):
    """An `Idempotency-Key` of a tenant. `status` is None while the first request is under way; `answer`: its body."""

    __tablename__ = "idempotency"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[str]
    status: Mapped[int | None]
    headers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_ms: Mapped[int] = mapped_column(BigInteger, index=True)


class AuditEntry(Base):
    """Append-only; `digest` covers the entry and the digest before it, so that a change or a gap shows."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_ms: Mapped[int]
    tenant: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    object: Mapped[str]
    outcome: Mapped[str]
    request_id: Mapped[str | None]
    address: Mapped[str | None]
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str]


class Worker(Base):
    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(primary_key=True)
    host: Mapped[str]
    slots: Mapped[int]
    busy: Mapped[int]
    started_ms: Mapped[int]
    seen_ms: Mapped[int]
    version: Mapped[str]


class Turn(Base):
    """When a clip of the tenant was last claimed: whoever waits longest is next."""

    __tablename__ = "turns"

    tenant: Mapped[str] = mapped_column(primary_key=True)
    claimed_ms: Mapped[int]


class Duty(Base):
    """What one process at a time may do, such as sweeping."""

    __tablename__ = "duties"

    name: Mapped[str] = mapped_column(primary_key=True)
    owner: Mapped[str | None]
    until_ms: Mapped[int] = mapped_column(server_default=text("0"))


class ServiceFact(Base):
    """`secret`: a fingerprint of the service's secret, so that a process with another one is told and not left to wonder."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
