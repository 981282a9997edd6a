"""What a clip is asked for with: `renderer.request.ClipRequest`, as callers from outside may write it."""

from typing import Annotated, Any, Final

from pydantic import Field, ValidationInfo, field_validator

from renderer.api.models.base import Given, Labels, in_words
from renderer.deliver.parcel import Risk
from renderer.request import MAX_SIDE_PX, MIN_SIDE_PX, Activity, ClipRequest, IdlePolicy, Moment, Output, Range

# 64 to 4096, in the pattern itself: so that whoever reads the schema knows as much as we do.
_SIDE: Final = r"(?:6[4-9]|[7-9][0-9]|[1-9][0-9]{2}|[1-3][0-9]{3}|40[0-8][0-9]|409[0-6])"

Size = Annotated[
    str,
    Field(
        pattern=rf"^{_SIDE}x{_SIDE}$",
        description=f"WIDTHxHEIGHT of the picture in pixels, {MIN_SIDE_PX} to {MAX_SIDE_PX} each; odd ones are made even.",
        examples=["1280x720"],
    ),
    in_words(f"a size is WIDTHxHEIGHT in pixels, each from {MIN_SIDE_PX} to {MAX_SIDE_PX}: 1280x720"),
]
Destination = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9_-]{0,31}:[^\s\x00]{1,200}$",
        description="`SYSTEM:TICKET`, a ticket of a system that the operator has set up (`GET /v1/destinations`), or `webhook:ID`, one of your webhooks.",
        examples=["zendesk:48213"],
    ),
    in_words("a destination is its kind, a colon and its name: zendesk:48213 or webhook:ID"),
]

RulesName = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
        description='What to look for: "built-in", or the name of rules that the operator has set up.',
    ),
    in_words('rules are named with letters, digits, - and _: "built-in"'),
]


class Options(Given):
    """Everything of a clip but which recording it is of."""

    range: Annotated[Range | None, Field(description="Session time to show; the whole session when left out.")] = None
    moment: Annotated[
        Moment | None, Field(description="What to show instead of a range: an event, or what rules find.")
    ] = None
    outputs: Annotated[
        tuple[Output, ...],
        Field(
            min_length=1,
            max_length=3,
            description="Files that are wanted, each format once.",
            examples=[[{"format": "mp4"}]],
        ),
    ] = (Output(format="mp4"),)
    size: Size = "1280x720"
    fps: Annotated[int, Field(strict=True, ge=1, le=60, description="Frames per second at the most.")] = 25
    speed: Annotated[
        float,
        Field(strict=True, ge=0.1, le=100, allow_inf_nan=False, description="Session seconds per second of video."),
    ] = 1.0
    idle: Annotated[IdlePolicy, Field(description="What becomes of stretches where nothing happens.")] = "skip"
    activity: Annotated[
        Activity, Field(description="What is not idle: what PostHog counts, or also text that appears.")
    ] = "text"
    window: Annotated[
        str | None,
        Field(
            min_length=1, max_length=200, description="Browser window to show; by default the one that the user is in."
        ),
    ] = None
    redaction: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
            description='"default", or the name of a policy that the operator has set up; "off" needs the scope admin.',
        ),
        in_words('a policy is named with letters, digits, - and _: "default"'),
    ] = "default"
    rules: Annotated[
        RulesName | None,
        Field(description="Whose moments are meant, and told in the manifest; the built-in ones otherwise."),
    ] = None
    overlays: Annotated[
        str,
        Field(
            min_length=1,
            max_length=200,
            description='"auto", "none", or names with commas between: header, llm, timeline, steps, console, network, pointer, ripples, labels, skips.',
        ),
    ] = "auto"
    assets: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            description='Where pictures, fonts and styles may come from: "public", "offline", or public host names with commas between.',
        ),
    ] = "public"

    @field_validator("moment")
    @classmethod
    def _range_or_moment(cls, moment: Moment | None, info: ValidationInfo) -> Moment | None:
        if moment is not None and info.data.get("range") is not None:
            raise ValueError("a range and a moment exclude each other: give one of them")
        return moment

    @field_validator("outputs")
    @classmethod
    def _one_of_each(cls, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
        if len({output.format for output in outputs}) != len(outputs):
            raise ValueError("each format can be asked for once")
        return outputs


class ClipSpec(Options):
    """A clip: of which recording, and how."""

    recording: Annotated[
        str,
        Field(
            min_length=1,
            max_length=2000,
            description="`recording:ID` of an upload, `posthog:ID`, or what else the operator allows, such as `s3://…`.",
            examples=["recording:5b0c1ae9d0a4f1e0a3a3c63aab1f9b4d8a4c8a6b4d6b6d9d52d0e0a0b1f4c2de"],
        ),
    ]


class Deliver(Given):
    """Where the clip, or the news of it, is to go."""

    to: Destination
    public: Annotated[
        bool, Field(strict=True, description="Of a ticket: whether the customer may read the note. Internal otherwise.")
    ] = False
    accept: Annotated[
        tuple[Risk, ...],
        Field(
            max_length=5,
            description="Of a ticket: deliver although what is internal may be seen. `visible_files`: a private note's files can be"
            " downloaded by who must not read the note. `public_project`: strangers may read it, the whole world or another company.",
        ),
    ] = ()
    replaces: Annotated[
        str | None,
        Field(
            max_length=100,
            description="Of a ticket: an earlier delivery to it, which is taken away once this one is there.",
            examples=["dlv_01kb1w3r9v5x2e8y7n6m4t0qhs"],
        ),
    ] = None


Destinations = Annotated[
    tuple[Deliver, ...], Field(max_length=10, description="Where the clip, or the news of it, goes once it has ended.")
]


class ClipCreate(ClipSpec):
    """What a clip is asked for with. Only `recording` is required."""

    metadata: Labels = Field(default_factory=dict)
    deliver: Destinations = ()


def given_options(options: Options) -> dict[str, Any]:
    """As ClipRequest takes them: what was not given is left out, for a range that was given is another thing than none."""
    fields = set(ClipRequest.model_fields) & set(type(options).model_fields)
    given = options.model_dump(include=fields, exclude_unset=True)
    return {name: value for name, value in given.items() if value is not None}
