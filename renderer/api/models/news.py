"""What webhooks are sent: for the OpenAPI document, and held against real messages by a test. `renderer.deliver.webhooks.news` writes them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from renderer.api.models.base import Instant, Told
from renderer.api.models.clip import ClipError
from renderer.database.states import ClipStatus
from renderer.jobs.webhooks import WebhookEvent


class NewsFile(Told):
    """A finished file; of a message that had to be shortened, its name alone."""

    kind: Annotated[str, Field(examples=["mp4"])]
    name: Annotated[str, Field(examples=["clip.mp4"])]
    url: Annotated[str, Field(description="Needs a key; a path on the API where RENDERER_PUBLIC_URL is not set.")]
    bytes: Annotated[int | None, Field(ge=0)] = None
    sha256: str | None = None
    content_type: str | None = None
    duration_ms: Annotated[int | None, Field(ge=0)] = None
    width_px: Annotated[int | None, Field(ge=1)] = None
    height_px: Annotated[int | None, Field(ge=1)] = None


class NewsClip(Told):
    """A clip without its request, progress and deliveries."""

    id: Annotated[str, Field(examples=["clip_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["clip"]
    status: ClipStatus
    recording: str | None = None
    session: str | None = None
    batch_id: str | None = None
    metadata: dict[str, Any] | None = None
    outputs: tuple[NewsFile, ...] | None = None
    error: ClipError | None = None
    deduplicated: bool | None = None
    created_at: Instant | None = None
    started_at: Instant | None = None
    finished_at: Instant | None = None
    expires_at: Instant | None = None
    truncated: Annotated[
        bool | None,
        Field(description="True when something was left out, as a message has 20,000 bytes at the most: ask the API."),
    ] = None


class News(Told):
    """What became of a clip, and when."""

    type: WebhookEvent
    timestamp: Instant
    data: NewsClip
