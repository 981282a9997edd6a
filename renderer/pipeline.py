"""The journey of a clip, top to bottom. Nothing else orchestrates.

references ─ sources, recording, redact, timeline ─▶ Session: what happened, without what must not be seen
    ─ plan ─▶ ClipPlan ─ story ─▶ steps, chapters, scene
    ─ capture (Chromium + player page) ─▶ segments ─ encode (ffmpeg) ─▶ files ─ summary ─▶ words
    ─ store ─▶ where they were asked for
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from renderer import __version__
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.capture.capture import Capture
from renderer.capture.check import chromium_version
from renderer.encode.encoder import Encoder
from renderer.encode.model import FileKind
from renderer.manifest.model import Manifest, RedactionFacts, Versions
from renderer.manifest.write import Made, with_text, write_manifest
from renderer.notices import Notices
from renderer.plan.build import build_plan
from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.plan.moment import Picked, pick_moment
from renderer.player.bundle import rrweb_version
from renderer.player.protocol import Scene
from renderer.player.scene.build import build_scene
from renderer.recording.model import Window
from renderer.request import ClipRequest, OutputFormat
from renderer.session import Session, read_session
from renderer.settings import Settings
from renderer.sources import LOCAL, Sources
from renderer.stages import Bar, Progress
from renderer.store.folder import publish
from renderer.store.work import work_folder
from renderer.story.captions import write_captions
from renderer.story.chapters import build_chapters
from renderer.story.model import Chapter, Step
from renderer.story.steps import choose_steps
from renderer.summary.write import write_summary

__all__ = ["Manifest", "Progress", "make_clip"]


@dataclass(frozen=True, slots=True)
class Script:
    """What is to be filmed and told: everything that is known before the first picture. All of it is redacted."""

    session: Session
    moment: Picked | None
    windows: Mapping[str, Window]
    plan: ClipPlan
    steps: tuple[Step, ...]
    chapters: tuple[Chapter, ...]
    scene: Scene


def make_clip(
    request: ClipRequest,
    outputs: Mapping[OutputFormat, Path],
    settings: Settings,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    sources: Sources = LOCAL,
) -> Manifest:
    """Makes the clip and publishes it under `outputs`, with manifest, poster, captions and summary beside the first of them.

    Nothing appears under its name unless everything was made and verified. Raises the tree of `renderer.errors`.
    `on_progress` is called from several threads, one at a time.
    """
    bar = Bar(on_progress)
    notices = Notices()
    policy = AssetPolicy.parse(request.assets)
    with bar.stage("reading"):
        drawn_by = {"renderer": __version__, "rrweb": rrweb_version(), "chromium": chromium_version(settings)}
        script = write_script(request, drawn_by, notices, sources, bar.fetching)
    session, plan = script.session, script.plan

    with ExitStack() as rooms:
        folder = rooms.enter_context(work_folder(settings))
        library = rooms.enter_context(
            AssetLibrary(
                settings.asset_cache_dir,
                policy,
                budget_s=settings.asset_budget_s,
                notices=notices,
                aliases=script.session.aliases,
            )
        )
        encoder = rooms.enter_context(
            Encoder(plan, request.outputs, folder / "encode", settings, chapters=script.chapters)
        )
        with bar.stage("filming"):
            filmed = bar.counter("filming", plan.frame_count)
            capture = Capture(plan, script.windows, script.scene, library, settings, folder / "frames", filmed)
            segments = []
            with capture:
                for segment in capture.segments():
                    segments.append(segment)
                    encoder.add(segment)
            notices.extend(capture.notices)
        with bar.stage("encoding"):
            clip = encoder.finish(bar.share("encoding"), poster_hint_frame=_telling_frame(script))
            notices.extend(clip.notices)
        library.close()

        with bar.stage("publishing"):
            made = Made(
                request=request,
                recording=session.recording,
                plan=plan,
                timeline=session.timeline,
                chapters=script.chapters,
                moment=script.moment,
                redaction=RedactionFacts(
                    policy=session.policy.name, digest=session.policy.digest, counts=dict(session.hidden)
                ),
                segments=sorted(segments, key=lambda segment: segment.first),
                clip=clip,
                pictures=capture.tally.pictures,
                capture_method=capture.method,
                assets=asdict(library.summary()),
                notices=notices,
                versions=Versions(**drawn_by, ffmpeg=clip.ffmpeg_version),
                timings=bar.timings,
            )
            beside = next(iter(outputs.values()))
            targets: dict[FileKind, Path] = {"poster": beside.with_suffix(".png")}
            for form, path in outputs.items():
                targets[form] = path
            manifest, words = tell(made, script, targets, beside)
            publish({targets[file.kind]: file.path for file in (*clip.files, clip.poster)}, words)
    return manifest


def write_script(
    request: ClipRequest,
    drawn_by: Mapping[str, str],
    notices: Notices,
    sources: Sources = LOCAL,
    fetching: Callable[[str], None] = lambda _: None,
) -> Script:
    """From the request to what is to be filmed. `fetching` is told how far a source is that takes long."""
    session = read_session(request.recording, request.events, request.redaction, sources=sources, tell=fetching)
    recording, timeline = session.recording, session.timeline
    decided_by = {**drawn_by, "events": session.events_digest, "redaction": session.policy.digest}
    moment = pick_moment(request.moment, session.at_ms, request.range, timeline)
    if moment is not None:
        request = request.model_copy(update={"range": moment.range, "moment": None})
    plan, remarks = build_plan(recording, request, decided_by)
    for odd in (session.notices, recording.notices, timeline.notices, remarks):
        notices.extend(odd)
    steps = choose_steps(timeline, plan)
    return Script(
        session=session,
        moment=moment,
        windows={window.id: window for window in recording.windows},
        plan=plan,
        steps=steps,
        chapters=build_chapters(steps, plan),
        scene=build_scene(plan, timeline, steps),
    )


def tell(
    made: Made, script: Script, targets: Mapping[FileKind, Path], beside: Path
) -> tuple[Manifest, dict[Path, str]]:
    """What is said of a clip: the manifest, and every text file by where it goes. Each names those written before it."""
    captions, summary = beside.with_suffix(".vtt"), beside.with_suffix(".md")
    texts = {captions: write_captions(script.steps)}
    manifest = with_text(write_manifest(made, targets), "captions", captions, texts[captions])
    texts[summary] = write_summary(manifest, made.timeline, script.steps)
    manifest = with_text(manifest, "summary", summary, texts[summary])
    return manifest, texts | {beside.with_suffix(".json"): manifest.model_dump_json(indent=2) + "\n"}


def _telling_frame(script: Script) -> int | None:
    """Where the story comes to its point: the first thing that went wrong, else the last answer."""
    wrong = [step for step in script.steps if step.level == "error"]
    answers = [step for step in script.steps if step.kind in ("llm_call", "feedback")]
    telling = wrong[:1] or answers[-1:]
    if not telling:
        return None
    return SessionClock(script.plan).frame_at_or_after(telling[0].at_ms)
