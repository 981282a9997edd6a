"""The manifest's shape: what a clip is, what it was made from, and every compromise made. The `clip.json` beside a clip."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from renderer.encode.model import FileKind
from renderer.timeline.model import Kind, Level

TextKind = Literal["captions", "summary"]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClipFacts(_Part):
    """The first output, as measured in the file."""

    duration_ms: int
    width_px: int
    height_px: int
    fps: int


class FileFacts(_Part):
    """`path` is as it was asked for. `given_up`: what `max_bytes` cost, in plain words. Text has no size and no duration."""

    kind: FileKind | TextKind
    path: str
    bytes: int
    sha256: str
    width_px: int | None = None
    height_px: int | None = None
    duration_ms: int | None = None
    given_up: tuple[str, ...] = ()


class WindowFacts(_Part):
    id: str
    events: int
    first_ms: int
    last_ms: int
    width_px: int
    height_px: int
    shown: bool


class RecordingFacts(_Part):
    """`mobile`: of an app's screens, not of a browser's pages. `replay_url`: where people watch the session, where it comes from."""

    id: str
    kind: str
    replay_url: str | None = None
    mobile: bool = False
    started_at_ms: int
    duration_ms: int
    events: int
    windows: tuple[WindowFacts, ...]


class RangeFacts(_Part):
    from_ms: int
    to_ms: int


class TimePiece(_Part):
    """From `video_ms` on, session time runs from `session_ms` at `speed`, until the next piece. Measured in the first output."""

    video_ms: int
    session_ms: int
    speed: float


class ShotFacts(_Part):
    """From `video_ms` on the clip shows window `window`, in session time `from_ms` to `to_ms`, until the next shot."""

    video_ms: int
    from_ms: int
    to_ms: int
    window: str


class FrameFacts(_Part):
    """`captured`: pictures taken of the page; `distinct`: frames that differ from the one before, those too in which only
    the pointer moved, which is laid over the picture; `total`: frames at `fps`.
    """

    captured: int
    distinct: int
    total: int


class AssetFacts(_Part):
    asked: int
    from_cache: int
    fetched: int
    missing: int
    failed: int
    refused: int
    bytes: int


class Warned(_Part):
    code: str
    message: str
    count: int


class Versions(_Part):
    renderer: str
    rrweb: str
    chromium: str
    ffmpeg: str


class Told(_Part):
    """An entry of the timeline within the clip's range; `video_ms` is where the clip shows it, null in a skipped stretch and where
    another window is on screen.
    """

    at_ms: int
    video_ms: int | None
    until_ms: int | None
    kind: Kind
    level: Level
    title: str
    name: str
    window: str | None
    properties: dict[str, Any]


class StepFacts(_Part):
    """A line of the story, as captions and summary tell it: `video_ms` is where the clip shows it, `at_ms` session time."""

    video_ms: int
    at_ms: int
    text: str
    level: Level


class ChapterFacts(_Part):
    start_ms: int
    end_ms: int
    title: str


class OffsetFacts(_Part):
    """So many ms were added to the times of `source`; `evidence`: how many things both clocks saw, 0 when taken to agree."""

    source: str
    offset_ms: int
    evidence: int


class EnvironmentFacts(_Part):
    browser: str | None
    os: str | None
    device: str | None
    viewport_px: tuple[int, int] | None
    language: str | None
    app: str | None
    person: str | None


class RedactionFacts(_Part):
    """`policy` is "default", "off" or a file's name; `counts`: how much was hidden, by what it was."""

    policy: str
    digest: str
    counts: dict[str, int]


class MomentFacts(_Part):
    """What the clip was made around, and what rules find in it. `name`: an event's, null for the place that a replay's address pointed
    to and for what a `rule` found; `uuid`: the event's, where it has one; `video_ms` as in Told. `title`, `severity`, `labels`: as
    the rule says.
    """

    name: str | None
    at_ms: int
    video_ms: int | None
    uuid: str | None
    rule: str | None = None
    title: str | None = None
    severity: str | None = None
    labels: dict[str, str] = {}


class Manifest(_Part):
    schema_version: Literal[1] = 1
    clip: ClipFacts
    files: tuple[FileFacts, ...]
    recording: RecordingFacts
    range: RangeFacts
    time_map: tuple[TimePiece, ...]
    shots: tuple[ShotFacts, ...]
    frames: FrameFacts
    timeline: tuple[Told, ...]
    llm_calls: tuple[dict[str, Any], ...]
    steps: tuple[StepFacts, ...] = ()
    chapters: tuple[ChapterFacts, ...]
    environment: EnvironmentFacts
    clock_offsets: tuple[OffsetFacts, ...]
    redaction: RedactionFacts
    assets: AssetFacts
    capture_method: Literal["beginframe", "screenshot"]
    timings: dict[str, float]
    moments: tuple[MomentFacts, ...] = ()
    warnings: tuple[Warned, ...]
    versions: Versions
    plan_digest: str
