"""Uploaded recordings, and what happened in them, as they are told."""

from typing import Annotated, Any, Literal

from pydantic import Field

from renderer.api.models.base import Given, Instant, Told
from renderer.timeline.model import CallStatus, Kind, Level

RECORDING_ID = "5b0c1ae9d0a4f1e0a3a3c63aab1f9b4d8a4c8a6b4d6b6d9d52d0e0a0b1f4c2de"


class Recording(Told):
    """An uploaded recording. Equal ones have the same id."""

    id: Annotated[str, Field(description="SHA-256 of its decompressed text.", examples=[RECORDING_ID])]
    object: Literal["recording"] = "recording"
    reference: Annotated[str, Field(description="As which clips name it.", examples=[f"recording:{RECORDING_ID}"])]
    bytes: Annotated[int, Field(ge=0, description="As it is stored.")]
    text_bytes: Annotated[int, Field(ge=0, description="Decompressed.")]
    events: Annotated[int, Field(ge=0, description="How many rrweb events it has.")]
    has_events_file: Annotated[bool, Field(description="Whether analytics events came with it.")]
    started_at: Annotated[Instant | None, Field(description="When its first event was.")]
    duration_ms: Annotated[int | None, Field(ge=0)]
    created_at: Instant
    expires_at: Annotated[Instant | None, Field(description="When it is deleted.")]


class Upload(Told):
    """An upload in parts, under way."""

    id: Annotated[str, Field(examples=["up_0b8f6a1c2d3e4f5061728394a5b6c7d8_5f1c0e9a7b3d2c41"])]
    object: Literal["upload"] = "upload"


class UploadPart(Told):
    """A part that has arrived."""

    object: Literal["upload_part"] = "upload_part"
    number: int
    sha256: Annotated[str, Field(description="Of its text, decompressed and as lines.")]
    text_bytes: int
    events: int


class UploadFinish(Given):
    """How many parts there must be; without it, those that have arrived, if no number is missing between them."""

    parts: Annotated[int | None, Field(strict=True, ge=1, le=10_000)] = None


class Happening(Told):
    """Something that happened, at session time `at_ms`."""

    at_ms: int
    until_ms: int | None
    kind: Kind
    level: Level
    title: Annotated[str, Field(examples=["Clicked “Send”"])]
    name: str
    window_id: str | None
    properties: dict[str, Any]


class Call(Told):
    """A call of a model."""

    id: str
    status: CallStatus
    start_ms: int
    end_ms: int | None
    latency_ms: int | None
    operation: str
    model: str | None
    provider: str | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    error: str | None
    prompt: str | None
    answer: str | None
    satisfied: bool | None
    feedback_text: str | None


class Oddity(Told):
    """What is odd about the recording."""

    code: str
    message: str
    count: int


class Timeline(Told):
    """What happened in a recording, without what the default redaction policy hides."""

    object: Literal["timeline"] = "timeline"
    recording: Annotated[str, Field(examples=[f"recording:{RECORDING_ID}"])]
    duration_ms: int
    entries: Annotated[tuple[Happening, ...], Field(description="By time; at most `limit` from `from_ms` on.")]
    total: Annotated[int, Field(description="How many entries there are from `from_ms` on.")]
    calls: tuple[Call, ...]
    environment: dict[str, Any]
    hidden: Annotated[dict[str, int], Field(description="What the policy took out, and how often.")]
    warnings: tuple[Oddity, ...]
