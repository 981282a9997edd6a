"""Batches, as they are asked for and told."""

import json
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from renderer.api.models.asked import Destinations, Options, RulesName
from renderer.api.models.base import Given, Instant, Labels, Told
from renderer.database.states import SessionStatus

MAX_BATCH: Final = 1000
MAX_LISTED: Final = 10_000
_LARGEST_FILTER: Final = 65_536


def _storable(told: dict[str, Any]) -> dict[str, Any]:
    text = json.dumps(told)
    if len(text) > _LARGEST_FILTER or "\\u0000" in text or "\\ud" in text:
        raise ValueError("it is too large, or holds a character that cannot be stored")
    return told


class ClipTemplate(Options):
    """What all clips of a batch are asked for with."""

    metadata: Labels = Field(default_factory=dict)
    deliver: Destinations = ()


class BatchSource(Given):
    """Sessions that a source has, instead of a list of them."""

    name: Literal["posthog"]
    since_s: Annotated[
        int,
        Field(strict=True, ge=60, le=366 * 86_400, description="How long ago sessions may have begun, in seconds."),
    ] = 86_400
    filter: Annotated[
        dict[str, Any] | None,
        Field(description="A RecordingsQuery or saved filter, as PostHog writes it."),
        WithJsonSchema({"anyOf": [{"type": "object"}, {"type": "null"}]}),
        AfterValidator(lambda told: told if told is None else _storable(told)),
    ] = None
    limit: Annotated[int, Field(strict=True, ge=1, le=MAX_LISTED, description="Most sessions to look into.")] = 1000
    every_session: Annotated[
        bool, Field(strict=True, description="Look into sessions too that PostHog says no rule can match.")
    ] = False


class BatchCreate(Given):
    """Recordings to make a clip of each, all in the same way; or, with `rules`, of each moment that the rules find in them."""

    recordings: Annotated[
        tuple[Annotated[str, Field(min_length=1, max_length=2000, examples=["posthog:0190f1c2"])], ...],
        Field(max_length=MAX_BATCH, description="These, or a source."),
    ] = ()
    source: BatchSource | None = None
    rules: Annotated[
        RulesName | None, Field(description="What to look for in each; without rules every recording is one clip.")
    ] = None
    most_clips: Annotated[
        int | None,
        Field(strict=True, ge=1, le=1000, description="Of what rules find in one session: so many, the most severe."),
    ] = None
    dry_run: Annotated[
        bool,
        Field(
            strict=True, description="Look into the sessions, tell what would be made and what it costs, make nothing."
        ),
    ] = False
    clip: ClipTemplate = ClipTemplate()
    metadata: Labels = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if bool(self.recordings) == (self.source is not None):
            raise ValueError("give recordings or a source, one of them")
        given = self.clip.model_fields_set
        if self.rules is not None and given & {"range", "moment", "rules"}:
            raise ValueError("what the clips show is what the rules find: leave range, moment and rules out of clip")
        if self.looks_through and "moment" in given:
            raise ValueError("a moment is of one session: give rules instead")
        return self

    @property
    def looks_through(self) -> bool:
        """Whether sessions are to be looked into before there is any clip."""
        return self.rules is not None or self.source is not None or self.dry_run


class Estimate(Told):
    """What the clips would cost: exact lengths, the rest about, on one worker."""

    clips: int
    video_s: float
    render_s: float
    bytes: int


class BatchError(Told):
    """Why the source could not be asked which sessions it has."""

    code: str
    detail: str


class Batch(Told):
    """Clips that were asked for together. They are worked on after those that were asked for one by one."""

    id: Annotated[str, Field(examples=["bat_01kb1w3r9v5x2e8y7n6m4t0qhs"])]
    object: Literal["batch"] = "batch"
    status: Annotated[
        Literal["running", "finished", "failed"],
        Field(description="Finished once nothing of it goes on; failed when its source could not be asked."),
    ]
    size: Annotated[int, Field(description="How many recordings were named, or sessions found so far.")]
    counts: Annotated[
        dict[str, int], Field(description="Its clips by status.", examples=[{"queued": 2, "succeeded": 1}])
    ]
    sessions: Annotated[
        dict[str, int] | None,
        Field(
            description="Of a batch that looks through sessions, these by status.",
            examples=[{"waiting": 3, "matched": 1, "no_match": 5, "unreadable": 1}],
        ),
    ] = None
    moments: Annotated[int | None, Field(description="How many moments rules found.")] = None
    estimate: Annotated[Estimate | None, Field(description="Of a dry run.")] = None
    error: BatchError | None = None
    clips_url: Annotated[str, Field(json_schema_extra={"format": "uri"})]
    sessions_url: Annotated[str | None, Field(json_schema_extra={"format": "uri"})] = None
    metadata: dict[str, Any]
    created_at: Instant


class FoundMoment(Told):
    """A place in the session that a rule found."""

    rule: str
    title: str
    severity: str
    at_ms: int
    labels: dict[str, str]


class FoundClip(Told):
    """What there is to see of a session. `clip_id`: the clip that was asked for, null in a dry run."""

    clip_id: str | None
    title: str
    severity: str
    rules: tuple[str, ...]
    labels: dict[str, str]
    from_ms: int
    to_ms: int
    duration_ms: Annotated[int | None, Field(description="Of the video.")]
    moments: tuple[FoundMoment, ...]


class BatchSession(Told):
    """A session that a batch looks into."""

    number: int
    recording: str
    status: SessionStatus
    replay_url: str | None
    clips: tuple[FoundClip, ...]
    archived: Annotated[str | None, Field(description="As which uploaded recording it is kept, `recording:ID`.")]
    error: BatchError | None


class BatchSessionPage(Told):
    """Sessions of a batch, in the order in which they were found."""

    data: tuple[BatchSession, ...]
    has_more: bool
    next_cursor: Annotated[str | None, Field(description="`?cursor=` of the next page; also in the header Link.")]
