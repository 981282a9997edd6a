"""What a hand of a batch does: looks into a session, or makes a clip. Runs in a process of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from renderer.batch.index_model import ClipEntry, ClipFile, ClipMoment, ClipStep, Environment, Span
from renderer.batch.request import WHOLE
from renderer.bootstrap import build_sources
from renderer.manifest.model import Manifest
from renderer.pipeline import make_clip
from renderer.plan.build import build_plan
from renderer.request import ClipRequest, OutputFormat, Range
from renderer.rules.clips import Cut, cut_clips
from renderer.rules.find import find_moments
from renderer.rules.load import load_rules
from renderer.rules.model import SEVERITIES, RuleSet
from renderer.rules.session import scheme_of
from renderer.session import Session, read_session
from renderer.settings import Settings
from renderer.stages import Progress

CLIPS: Final = "clips"
"""The folder of a batch's files, inside the batch's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """`number`: of the session, from 1; `clip`: as for the clips, with this session's recording and events."""

    number: int
    clip: ClipRequest
    rules: str
    replay_url: str | None
    most_clips: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """`clips` are waiting to be made, in the order of the session; their `duration_ms` is what they are going to be."""

    recording_id: str
    clips: tuple[ClipEntry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Film:
    clip: ClipRequest
    entry: ClipEntry
    folder: Path


Task = Look | Film
Tell = Callable[[Progress], None]


def look(task: Look) -> Looked:
    """Raises RequestError, RecordingError, SourceError, SetupError."""
    settings = Settings()
    clip = task.clip
    session = read_session(clip.recording, clip.events, clip.redaction, sources=build_sources(settings))
    entries = []
    for number, cut in enumerate(_cuts(session, task), 1):
        entries.append(_waiting(session, task, cut, number))
    return Looked(recording_id=session.recording.id, clips=tuple(entries))


def film(task: Film, tell: Tell) -> ClipEntry:
    """Makes the files of a clip that waits. Raises the tree of `renderer.errors`."""
    settings = Settings()
    folder = task.folder / CLIPS
    folder.mkdir(exist_ok=True)
    outputs: dict[OutputFormat, Path] = {
        output.format: folder / f"{task.entry.id}.{output.format}" for output in task.clip.outputs
    }
    manifest = make_clip(task.clip, outputs, settings, tell, sources=build_sources(settings))
    return _made(task.entry, manifest, folder)


def _cuts(session: Session, task: Look) -> tuple[Cut, ...]:
    timeline = session.timeline
    if task.rules == WHOLE:
        return (Cut(0, timeline.duration_ms, ()),)
    cuts = cut_clips(find_moments(_rules(task.rules), timeline, scheme_of(task.clip.recording)), timeline)
    if task.most_clips is not None and len(cuts) > task.most_clips:
        worst = sorted(cuts, key=lambda cut: -SEVERITIES.index(cut.severity))[: task.most_clips]
        cuts = tuple(cut for cut in cuts if cut in worst)
    return cuts


@lru_cache(maxsize=1)
def _rules(reference: str) -> RuleSet:
    """Once in the life of a hand: reading them takes longer than looking into a small session."""
    return load_rules(reference)


def _waiting(session: Session, task: Look, cut: Cut, number: int) -> ClipEntry:
    recording, environment = session.recording, session.timeline.environment
    request = task.clip.model_copy(update={"range": Range.inside(cut.from_ms, cut.to_ms, session.timeline.duration_ms)})
    plan, _ = build_plan(recording, request, {}, [moment.at_ms for moment in cut.moments])
    lead = cut.lead if cut.moments else None
    return ClipEntry(
        id=f"{task.number:04}-{number}-{lead.rule if lead is not None else 'session'}",
        session=task.clip.recording,
        recording_id=recording.id,
        started_at=_instant(recording.started_at_ms),
        session_ms=recording.duration_ms,
        title=cut.title if lead is not None else _headline(session),
        severity=cut.severity if lead is not None else "low",
        rules=cut.rules if lead is not None else (),
        labels=dict(cut.labels) if lead is not None else {},
        range=Span(from_ms=plan.from_ms, to_ms=plan.to_ms),
        moments=tuple(
            ClipMoment(
                rule=moment.rule,
                title=moment.title,
                severity=moment.severity,
                at_ms=moment.at_ms,
                video_ms=None,
                labels=dict(moment.labels),
            )
            for moment in cut.moments
        ),
        status="waiting",
        error=None,
        duration_ms=round(plan.frame_count * 1000 / plan.fps),
        width_px=plan.width_px,
        height_px=plan.height_px,
        replay_url=task.replay_url,
        environment=Environment(
            browser=environment.browser, os=environment.os, device=environment.device, person=environment.person
        ),
        deliver=tuple(dict.fromkeys(to for moment in cut.moments for to in moment.deliver)),
    )


def _headline(session: Session) -> str:
    place = next((place for place in session.timeline.places if place.title or place.url), None)
    return f"Session on {place.title or place.url}" if place is not None else "The whole session"


def _made(entry: ClipEntry, manifest: Manifest, folder: Path) -> ClipEntry:
    files: dict[str, ClipFile] = {
        file.kind: ClipFile(path=f"{CLIPS}/{Path(file.path).name}", bytes=file.bytes, sha256=file.sha256)
        for file in manifest.files
    }
    own = folder / f"{entry.id}.json"
    files["manifest"] = ClipFile(path=f"{CLIPS}/{own.name}", bytes=own.stat().st_size, sha256=_sha256(own))
    shown: Mapping[tuple[str | None, int], int | None] = {
        (moment.rule, moment.at_ms): moment.video_ms for moment in manifest.moments
    }
    return entry.model_copy(
        update={
            "status": "made",
            "error": None,
            "files": files,
            "duration_ms": manifest.clip.duration_ms,
            "width_px": manifest.clip.width_px,
            "height_px": manifest.clip.height_px,
            "moments": tuple(
                moment.model_copy(update={"video_ms": shown.get((moment.rule, moment.at_ms))})
                for moment in entry.moments
            ),
            "steps": tuple(
                ClipStep(video_ms=step.video_ms, text=step.text, level=step.level) for step in manifest.steps
            ),
        }
    )


def _sha256(path: Path) -> str:
    from hashlib import file_digest

    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _instant(unix_ms: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(unix_ms / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        return None
