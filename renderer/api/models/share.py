"""Share links, as they are asked for and told."""

from typing import Annotated, Literal

from pydantic import Field

from renderer.api.models.base import Given, Instant, Told

MAX_DAYS = 365


class ShareCreate(Given):
    """A link that needs no key."""

    name: Annotated[
        str | None,
        Field(min_length=1, max_length=100, description="The one file that it opens; all of them when left out."),
    ] = None
    days: Annotated[
        float, Field(strict=True, ge=0.001, le=MAX_DAYS, description="After which it opens nothing any more.")
    ] = 30


class Share(Told):
    """A share link: whoever has its `url` may see the clip."""

    id: Annotated[str, Field(examples=["shr_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["share"] = "share"
    clip_id: str
    name: str | None
    url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    views: Annotated[int, Field(ge=0)]
    created_at: Instant
    expires_at: Instant
    revoked_at: Instant | None


class Shares(Told):
    data: tuple[Share, ...]
