"""From what the pipeline knows to the manifest."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from renderer.encode.model import EncodedClip, EncodedFile, FileKind
from renderer.frames import CapturedSegment
from renderer.manifest.model import (
    AssetFacts,
    ChapterFacts,
    ClipFacts,
    EnvironmentFacts,
    FileFacts,
    FrameFacts,
    Manifest,
    MomentFacts,
    OffsetFacts,
    RangeFacts,
    RecordingFacts,
    RedactionFacts,
    ShotFacts,
    StepFacts,
    TextKind,
    Told,
    Versions,
    Warned,
    WindowFacts,
)
from renderer.manifest.time_map import measure_time_map
from renderer.notices import Notices
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.plan.moment import Picked
from renderer.recording.model import Recording, Window
from renderer.request import ClipRequest
from renderer.rules.model import Moment
from renderer.story.model import Chapter, Step
from renderer.timeline.model import Entry, Timeline


@dataclass(frozen=True, slots=True)
class Made:
    """What the pipeline knows once a clip is done; `targets` in `write_manifest` say where its files go."""

    request: ClipRequest
    recording: Recording
    replay_url: str | None
    plan: ClipPlan
    timeline: Timeline
    steps: tuple[Step, ...]
    chapters: tuple[Chapter, ...]
    moment: Picked | None
    found: tuple[Moment, ...]
    redaction: RedactionFacts
    segments: list[CapturedSegment]
    clip: EncodedClip
    pictures: int
    capture_method: Literal["beginframe", "screenshot"]
    assets: Mapping[str, int]
    notices: Notices
    versions: Versions
    timings: Mapping[str, float]


def write_manifest(made: Made, targets: Mapping[FileKind, Path]) -> Manifest:
    plan, clip, recording, timeline = made.plan, made.clip, made.recording, made.timeline
    first = clip.files[0]
    clock = SessionClock(plan)
    return Manifest(
        clip=ClipFacts(duration_ms=first.duration_ms, width_px=first.width_px, height_px=first.height_px, fps=plan.fps),
        files=tuple(_file(file, targets[file.kind]) for file in (*clip.files, clip.poster)),
        recording=RecordingFacts(
            id=recording.id,
            kind=recording.kind,
            replay_url=made.replay_url,
            mobile=recording.mobile,
            started_at_ms=recording.started_at_ms,
            duration_ms=recording.duration_ms,
            events=recording.event_count,
            windows=tuple(_window(window, shown=window.id in plan.window_ids) for window in recording.windows),
        ),
        range=RangeFacts(from_ms=plan.from_ms, to_ms=plan.to_ms),
        time_map=measure_time_map(plan, made.segments, first.pts_ms),
        shots=tuple(
            ShotFacts(
                video_ms=round(clock.video_ms(shot.first)),
                from_ms=shot.from_ms,
                to_ms=shot.to_ms,
                window=shot.window_id,
            )
            for shot in plan.shots
        ),
        frames=FrameFacts(
            captured=made.pictures,
            distinct=sum(len(segment.frames) for segment in made.segments),
            total=plan.frame_count,
        ),
        timeline=tuple(
            _told(entry, plan, clock)
            for entry in timeline.entries
            if _overlaps(plan, entry.at_ms, entry.until_ms or entry.at_ms)
        ),
        llm_calls=tuple(
            asdict(call)
            for call in timeline.calls
            if _overlaps(plan, call.start_ms, plan.to_ms if call.end_ms is None else call.end_ms)
        ),
        steps=tuple(
            StepFacts(video_ms=step.video_ms, at_ms=step.at_ms, text=step.text, level=step.level) for step in made.steps
        ),
        chapters=tuple(ChapterFacts(**asdict(chapter)) for chapter in made.chapters),
        environment=EnvironmentFacts(**asdict(timeline.environment)),
        clock_offsets=tuple(OffsetFacts(**asdict(offset)) for offset in timeline.clock_offsets),
        redaction=made.redaction,
        assets=AssetFacts(**made.assets),
        capture_method=made.capture_method,
        timings=dict(made.timings),
        moments=tuple(_moments(made, plan, clock)),
        warnings=tuple(Warned(code=n.code, message=n.message, count=n.count) for n in made.notices),
        versions=made.versions,
        plan_digest=plan.digest,
    )


def with_text(manifest: Manifest, kind: TextKind, target: Path, text: str) -> Manifest:
    """The same, naming a text file that is published beside the clip."""
    content = text.encode()
    facts = FileFacts(kind=kind, path=str(target), bytes=len(content), sha256=sha256(content).hexdigest())
    return manifest.model_copy(update={"files": (*manifest.files, facts)})


def _overlaps(plan: ClipPlan, from_ms: int, to_ms: int) -> bool:
    return from_ms <= plan.to_ms and to_ms >= plan.from_ms


def _video_ms(at_ms: int, plan: ClipPlan, clock: SessionClock) -> int | None:
    shown = any(
        stretch.from_ms <= at_ms < stretch.to_ms or stretch.to_ms == at_ms == plan.to_ms for stretch in plan.stretches
    )
    return round(clock.video_ms(clock.frame_at_or_after(at_ms))) if shown else None


def _moments(made: Made, plan: ClipPlan, clock: SessionClock) -> Iterator[MomentFacts]:
    picked = made.moment
    if picked is not None and picked.rule is None:  # those of rules are told with all that rules find
        yield MomentFacts(
            name=picked.name, at_ms=picked.at_ms, video_ms=_video_ms(picked.at_ms, plan, clock), uuid=picked.uuid
        )
    for found in made.found:
        yield MomentFacts(
            name=None,
            at_ms=found.at_ms,
            video_ms=_video_ms(found.at_ms, plan, clock),
            uuid=None,
            rule=found.rule,
            title=found.title,
            severity=found.severity,
            labels=dict(found.labels),
        )


def _told(entry: Entry, plan: ClipPlan, clock: SessionClock) -> Told:
    on_screen = entry.kind == "tab" or plan.shows(entry.window_id, entry.at_ms)
    return Told(
        at_ms=entry.at_ms,
        video_ms=_video_ms(entry.at_ms, plan, clock) if on_screen else None,
        until_ms=entry.until_ms,
        kind=entry.kind,
        level=entry.level,
        title=entry.title,
        name=entry.name,
        window=entry.window_id,
        properties=dict(entry.properties),
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
