"""The journey of a clip, top to bottom. Nothing else orchestrates.

references ─ sources, recording, redact, timeline ─▶ Session: what happened, without what must not be seen
    ─ plan ─▶ ClipPlan ─ story ─▶ steps, chapters, scene
    ─ capture (Chromium + player page) ─▶ segments ─ encode (ffmpeg) ─▶ files ─ summary ─▶ words
    ─ store ─▶ where they were asked for
"""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.encode.encoder import Encoder
from renderer.encode.model import FileKind
from renderer.manifest.model import Manifest, RedactionFacts, Versions
from renderer.manifest.write import Made, with_text, write_manifest
from renderer.notices import Notices
from renderer.plan.clock import SessionClock
from renderer.request import ClipRequest, OutputFormat
from renderer.rules.clips import lead_of
from renderer.script import Script, versions, write_script
from renderer.settings import Settings
from renderer.sources import LOCAL, Sources
from renderer.stages import Bar, Progress
from renderer.store.folder import publish
from renderer.store.work import work_folder
from renderer.story.captions import write_captions
from renderer.studio import Studio
from renderer.summary.write import write_summary

__all__ = ["Manifest", "Progress", "make_clip"]


def make_clip(
    request: ClipRequest,
    outputs: Mapping[OutputFormat, Path],
    settings: Settings,
    on_progress: Callable[[Progress], None] | None = None,
    *,
    sources: Sources = LOCAL,
    studio: Studio | None = None,
) -> Manifest:
    """Makes the clip and publishes it under `outputs`, with manifest, poster, captions and summary beside the first of them.

    Nothing appears under its name unless everything was made and verified. Raises the tree of `renderer.errors`.
    `on_progress` is called from several threads, one at a time.
    """
    studio = studio or Studio()
    bar = Bar(on_progress)
    notices = Notices()
    policy = AssetPolicy.parse(request.assets)
    with bar.stage("reading"):
        drawn_by = versions(settings)
        script = write_script(request, drawn_by, notices, sources, bar.fetching)
        studio.planned(script)
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
            capture = studio.filming(script, library, settings, folder / "frames", filmed)
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
                replay_url=session.replay_url,
                plan=plan,
                timeline=session.timeline,
                steps=script.steps,
                chapters=script.chapters,
                moment=script.moment,
                found=script.found,
                redaction=RedactionFacts(
                    policy=session.policy.name, digest=session.policy.digest, counts=dict(session.hidden)
                ),
                segments=sorted(segments, key=lambda segment: segment.first),
                clip=clip,
                pictures=capture.tally.pictures,
                capture_method=capture.method,
                assets={
                    name: count + capture.tally.assets_elsewhere[name]
                    for name, count in asdict(library.summary()).items()
                },
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
    """Where the story comes to its point: what a rule found, the first thing that went wrong, else the last answer."""
    at_ms = script.moment.at_ms if script.moment is not None else lead_of(script.found).at_ms if script.found else None
    if at_ms is None:
        wrong = [step for step in script.steps if step.level == "error"]
        answers = [step for step in script.steps if step.kind in ("llm_call", "feedback")]
        telling = wrong[:1] or answers[-1:]
        at_ms = telling[0].at_ms if telling else None
    return None if at_ms is None else SessionClock(script.plan).frame_at_or_after(at_ms)
