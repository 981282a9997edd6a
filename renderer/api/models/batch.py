"""Batches, as they are asked for and told."""

from typing import Annotated, Any, Literal

from pydantic import Field

from renderer.api.models.asked import Destinations, Options
from renderer.api.models.base import Given, Instant, Labels, Told

MAX_BATCH = 1000


class ClipTemplate(Options):
    """What all clips of a batch are asked for with."""

    metadata: Labels = Field(default_factory=dict)
    deliver: Destinations = ()


class BatchCreate(Given):
    """Recordings to make a clip of each, all in the same way."""

    recordings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=2000, examples=["posthog:0190f1c2"])], ...],
        Field(min_length=1, max_length=MAX_BATCH),
    ]
    clip: ClipTemplate = ClipTemplate()
    metadata: Labels = Field(default_factory=dict)


class Batch(Told):
    """Clips that were asked for together. They are worked on after those that were asked for one by one."""

    id: Annotated[str, Field(examples=["bat_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["batch"] = "batch"
    status: Annotated[Literal["running", "finished"], Field(description="Finished once none of its clips goes on.")]
    size: int
    counts: Annotated[
        dict[str, int], Field(description="Its clips by status.", examples=[{"queued": 2, "succeeded": 1}])
    ]
    clips_url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    metadata: dict[str, Any]
    created_at: Instant
