"""The manifest: what a clip is, what it was made from, and every compromise made. The `clip.json` beside a clip."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

from renderer.encode.model import EncodedClip, EncodedFile, FileKind
from renderer.frames import CapturedSegment
from renderer.notices import Notices
from renderer.plan.model import ClipPlan
from renderer.recording.model import Recording, Window
from renderer.request import ClipRequest


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ClipFacts(_Part):
    """The first output, as measured in the file."""

    duration_ms: int
    width_px: int
    height_px: int
    fps: int


class FileFacts(_Part):
    """`path` is as it was asked for. `given_up`: what `max_bytes` cost, in plain words."""

    kind: FileKind
    path: str
    bytes: int
    sha256: str
    width_px: int
    height_px: int
    duration_ms: int
    given_up: tuple[str, ...]


class WindowFacts(_Part):
    id: str
    events: int
    first_ms: int
    last_ms: int
    width_px: int
    height_px: int
    shown: bool


class RecordingFacts(_Part):
    id: str
    kind: str
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


class FrameFacts(_Part):
    """`captured`: pictures taken of the page; `distinct`: those that differed from the one before; `total`: at `fps`."""

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


class Manifest(_Part):
    schema_version: Literal[1] = 1
    clip: ClipFacts
    files: tuple[FileFacts, ...]
    recording: RecordingFacts
    range: RangeFacts
    time_map: tuple[TimePiece, ...]
    frames: FrameFacts
    assets: AssetFacts
    capture_method: Literal["beginframe", "screenshot"]
    timings: dict[str, float]
    moments: tuple[()] = ()
    warnings: tuple[Warned, ...]
    versions: Versions
    plan_digest: str


@dataclass(frozen=True, slots=True)
class Made:
    """What the pipeline knows once a clip is done; `targets` in `write_manifest` say where its files go."""

    request: ClipRequest
    recording: Recording
    plan: ClipPlan
    segments: list[CapturedSegment]
    clip: EncodedClip
    pictures: int
    capture_method: Literal["beginframe", "screenshot"]
    assets: Mapping[str, int]
    notices: Notices
    versions: Versions
    timings: Mapping[str, float]


def write_manifest(made: Made, targets: Mapping[FileKind, Path]) -> Manifest:
    plan, clip, recording = made.plan, made.clip, made.recording
    first = clip.files[0]
    return Manifest(
        clip=ClipFacts(duration_ms=first.duration_ms, width_px=first.width_px, height_px=first.height_px, fps=plan.fps),
        files=tuple(_file(file, targets[file.kind]) for file in (*clip.files, clip.poster)),
        recording=RecordingFacts(
            id=recording.id,
            kind=recording.kind,
            started_at_ms=recording.started_at_ms,
            duration_ms=recording.duration_ms,
            events=recording.event_count,
            windows=tuple(_window(window, shown=window.id == plan.window_id) for window in recording.windows),
        ),
        range=RangeFacts(from_ms=plan.from_ms, to_ms=plan.to_ms),
        time_map=measure_time_map(plan, made.segments, first.pts_ms),
        frames=FrameFacts(
            captured=made.pictures,
            distinct=sum(len(segment.frames) for segment in made.segments),
            total=plan.frame_count,
        ),
        assets=AssetFacts(**made.assets),
        capture_method=made.capture_method,
        timings=dict(made.timings),
        warnings=tuple(Warned(code=n.code, message=n.message, count=n.count) for n in made.notices),
        versions=made.versions,
        plan_digest=plan.digest,
    )


def _file(file: EncodedFile, target: Path) -> FileFacts:
    return FileFacts(
        kind=file.kind,
        path=str(target),
        bytes=file.bytes,
        sha256=file.sha256,
        width_px=file.width_px,
        height_px=file.height_px,
        duration_ms=file.duration_ms,
        given_up=file.compromises,
    )


def _window(window: Window, *, shown: bool) -> WindowFacts:
    size = window.viewports[0]
    return WindowFacts(
        id=window.id,
        events=len(window.events),
        first_ms=window.first_ms,
        last_ms=window.last_ms,
        width_px=size.width_px,
        height_px=size.height_px,
        shown=shown,
    )


def measure_time_map(
    plan: ClipPlan, segments: list[CapturedSegment], pts_ms: tuple[float, ...]
) -> tuple[TimePiece, ...]:
    """Video time as found in the file against the session time that the page reported for the very picture shown then.

    The plan only says where its stretches lie; times and speeds are the measured ones. A stretch of which a single picture
    was taken has no measurable speed and keeps the planned one.
    """
    session_at = {frame.index: frame.session_ms for segment in segments for frame in segment.frames}
    shown = [(pts, session_at[index]) for pts in pts_ms if (index := round(pts * plan.fps / 1000)) in session_at]
    pieces: list[TimePiece] = []
    for number, stretch in enumerate(plan.stretches):
        last = number == len(plan.stretches) - 1
        inside = [
            (v, s) for v, s in shown if stretch.from_ms <= s and (s < stretch.to_ms or (last and s == stretch.to_ms))
        ]
        if not inside:
            continue
        (video, session), (video_end, session_end) = inside[0], inside[-1]
        speed = stretch.speed
        if video_end > video:
            measured = (session_end - session) / (video_end - video)
            # Session times are whole milliseconds: closer than that the measurement says nothing else than the plan.
            speed = stretch.speed if abs(measured - speed) * (video_end - video) <= 1.5 else round(measured, 4)
        pieces.append(TimePiece(video_ms=round(video), session_ms=session, speed=speed))
    return tuple(pieces)
