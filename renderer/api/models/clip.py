"""A clip, as it is told."""

from typing import Annotated, Any, Literal

from pydantic import Field

from renderer.api.models.asked import ClipSpec
from renderer.api.models.base import Instant, Told
from renderer.database.states import ClipStatus, DeliveryStatus

Fault = Literal["input", "destination", "source", "ours"]


class Progress(Told):
    """`percent` never falls while one worker is at it."""

    stage: Annotated[str, Field(examples=["rendering"])]
    percent: Annotated[float, Field(ge=0, le=100)] = 0
    frames_done: Annotated[int | None, Field(ge=0)] = None
    frames_total: Annotated[int | None, Field(ge=0)] = None
    eta_s: Annotated[float | None, Field(ge=0, description="Seconds until it is done, as far as it can be told.")] = (
        None
    )


class File(Told):
    """A finished file. `kind`: mp4, webm, gif, poster, captions, summary, manifest."""

    kind: Annotated[str, Field(examples=["mp4"])]
    name: Annotated[str, Field(examples=["clip.mp4"])]
    url: Annotated[str, Field(description="Needs your key, as everything does.", json_schema_extra={"format": "uri"})]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Annotated[str, Field(description="Hexadecimal; also the file's ETag.")]
    content_type: Annotated[str, Field(examples=["video/mp4"])]
    duration_ms: Annotated[int | None, Field(ge=0)] = None
    width_px: Annotated[int | None, Field(ge=1)] = None
    height_px: Annotated[int | None, Field(ge=1)] = None


class ClipError(Told):
    """Why something failed."""

    code: Annotated[str, Field(examples=["range_outside"])]
    stage: str
    fault: Annotated[
        Fault,
        Field(description="Whose it is: what was asked for, where it was to go, where the recording is, or ours."),
    ]
    retryable: Annotated[bool, Field(description="Whether the same request may succeed later.")]
    detail: str


class Delivery(Told):
    """Something on its way to a destination. `receipt`: what the destination answered."""

    id: Annotated[str, Field(examples=["dlv_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["delivery"] = "delivery"
    to: str
    public: Annotated[bool, Field(description="Of a ticket: whether the customer may read the note.")]
    event: Annotated[str, Field(description="What it tells of.", examples=["clip.succeeded"])]
    status: DeliveryStatus
    attempts: Annotated[int, Field(ge=0)]
    receipt: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: Instant
    next_attempt_at: Instant | None
    finished_at: Instant | None


class Clip(Told):
    """A clip that was asked for: the same object wherever it is told."""

    id: Annotated[str, Field(examples=["clip_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["clip"] = "clip"
    status: ClipStatus
    progress: Progress
    request: ClipSpec
    outputs: Annotated[tuple[File, ...], Field(description="Files, once it has succeeded.")]
    error: Annotated[ClipError | None, Field(description="Why it failed, when it has.")]
    metadata: dict[str, Any]
    recording: str
    session: Annotated[str | None, Field(description="The recorder's id of the session, where it is known.")]
    batch_id: str | None
    deliveries: tuple[Delivery, ...]
    deduplicated: Annotated[
        bool, Field(description="Whether its files were made for an earlier clip that was the same.")
    ]
    created_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    expires_at: Annotated[Instant | None, Field(description="When its files are deleted.")]
