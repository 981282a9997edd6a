"""What a caller asks for: the one vocabulary of the command line, the HTTP API and the rules."""

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

OutputFormat = Literal["mp4", "webm", "gif"]
IdlePolicy = Literal["skip", "keep", "fast"]
Activity = Literal["text", "posthog"]

MAX_SIDE_PX = 4096
MIN_SIDE_PX = 64
# Far beyond every session and every disk, and far below what other programs' integers hold.
_MAX_MS = 10**10
_MAX_BYTES = 10**12

_Whole = Annotated[int, Field(strict=True)]
"""Of a number alone: `true` and "12" are none."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Range(_Part):
    """Session time shown: `from_ms` ≤ t < `to_ms`, from the recording's start; None is the recording's end."""

    from_ms: Annotated[_Whole, Field(ge=0, le=_MAX_MS)] = 0
    to_ms: Annotated[_Whole, Field(gt=0, le=_MAX_MS)] | None = None

    @classmethod
    def inside(cls, from_ms: int, to_ms: int, duration_ms: int) -> Self:
        """Of a session that long. Its own ends are left out: they mean all of it, its last event included."""
        told = {"from_ms": from_ms} if from_ms > 0 else {}
        return cls(**told, **({"to_ms": max(1, to_ms)} if to_ms < duration_ms else {}))

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_ms is not None and self.from_ms >= self.to_ms:
            raise ValueError("the range ends before it begins")
        return self


class Moment(_Part):
    """A clip from `before_ms` before something that happened to `after_ms` after it.

    `name`: an event's name, its first occurrence; `NAME:2`, the second; or an event's uuid; or what rules find: `first`, a number in
    their list, a rule's name, `RULE:2`. Around what a rule finds as much is shown as the rule says, unless it is said here. None is
    the place that the recording's own address points to (`?t=`). `or_end`: where rules find nothing, the session's last minute.
    """

    name: Annotated[str, Field(min_length=1, max_length=400)] | None = None
    before_ms: Annotated[_Whole, Field(ge=0, le=86_400_000)] = 15_000
    after_ms: Annotated[_Whole, Field(ge=0, le=86_400_000)] = 20_000
    or_end: bool = False

    @model_validator(mode="after")
    def _has_length(self) -> Self:
        if self.before_ms + self.after_ms == 0:
            raise ValueError("nothing before and nothing after a moment is no clip")
        return self


class Output(_Part):
    """One file that is wanted. `max_bytes` is a hard limit: quality, rate and size are given up for it, or the render
    fails.
    """

    format: OutputFormat
    max_bytes: Annotated[_Whole, Field(ge=1, le=_MAX_BYTES)] | None = None


class Size(_Part):
    """The picture's size in pixels; both sides even, because yuv420p halves them."""

    width_px: Annotated[int, Field(ge=MIN_SIDE_PX, le=MAX_SIDE_PX)]
    height_px: Annotated[int, Field(ge=MIN_SIDE_PX, le=MAX_SIDE_PX)]

    @classmethod
    def parse(cls, text: str) -> Self:
        match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text.strip().lower())
        if not match:
            raise ValueError(f"a size is WIDTHxHEIGHT in pixels, for example 1280x720, not {text!r}")
        width, height = int(match[1]), int(match[2])
        return cls(width_px=width + width % 2, height_px=height + height % 2)


class ClipRequest(_Part):
    """A clip to be made. Only `recording` is required."""

    recording: Annotated[str, Field(min_length=1, description="a path, posthog:ID, the address of a replay, s3://…")]
    range: Range = Range()
    moment: Moment | None = None
    outputs: Annotated[tuple[Output, ...], Field(min_length=1)] = (Output(format="mp4"),)
    size: Size = Size(width_px=1280, height_px=720)
    fps: Annotated[int, Field(ge=1, le=60)] = 25
    speed: Annotated[float, Field(ge=0.1, le=100, allow_inf_nan=False)] = 1.0
    idle: IdlePolicy = "skip"
    activity: Annotated[
        Activity, Field(description="what is not idle: PostHog's definition, or also text that appears")
    ] = "text"
    window: str | None = None
    events: Annotated[str | None, Field(description="a file of analytics events of the same session")] = None
    rules: Annotated[
        str | None, Field(description='what to look for: "built-in", or the path of a file of rules (YAML)')
    ] = None
    redaction: Annotated[str, Field(description='"default", "off", or the path of a policy (TOML)')] = "default"
    overlays: Annotated[str, Field(description='"auto", "none", or names with commas')] = "auto"
    assets: Annotated[str, Field(description='"public", "offline", or host names with commas')] = "public"

    @field_validator("size", mode="before")
    @classmethod
    def _size_as_text(cls, value: object) -> object:
        return Size.parse(value) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _range_or_moment(self) -> Self:
        if self.moment is not None and self.range.model_fields_set:
            raise ValueError("a range (from, to) and a moment exclude each other: give one of them")
        return self

    @model_validator(mode="after")
    def _one_of_each(self) -> Self:
        formats = [output.format for output in self.outputs]
        if len(set(formats)) != len(formats):
            raise ValueError("each format can be asked for once")
        return self
