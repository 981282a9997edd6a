"""The journey of a clip, top to bottom. Nothing else orchestrates.

reference ─ sources ─▶ RawRecording ─ recording ─▶ Recording ─ plan ─▶ ClipPlan
    ─ capture (Chromium + player page) ─▶ segments ─ encode (ffmpeg) ─▶ files ─ store ─▶ where they were asked for
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from renderer import __version__, sources
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.capture.capture import Capture
from renderer.capture.check import chromium_version
from renderer.encode.encoder import Encoder
from renderer.encode.model import FileKind
from renderer.manifest import Made, Manifest, Versions, write_manifest
from renderer.notices import Notices
from renderer.plan.build import build_plan
from renderer.player.bundle import rrweb_version
from renderer.recording.read import read_recording
from renderer.request import ClipRequest, OutputFormat
from renderer.settings import Settings
from renderer.store.folder import publish
from renderer.store.work import work_folder

__all__ = ["Manifest", "Progress", "make_clip"]

# Shares of the whole that the bar gives to each stage, from where to where; measured on the sample.
_SHARES = {"reading": (0.0, 0.02), "filming": (0.02, 0.85), "encoding": (0.85, 0.99), "publishing": (0.99, 1.0)}


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of the whole render, 0 to 1, never falling; `message` says how far the stage is."""

    stage: str
    done: float
    message: str


def make_clip(
    request: ClipRequest,
    outputs: Mapping[OutputFormat, Path],
    settings: Settings,
    on_progress: Callable[[Progress], None] | None = None,
) -> Manifest:
    """Makes the clip and publishes it under `outputs` with its manifest and poster beside the first of them.

    Nothing appears under its name unless everything was made and verified. Raises the tree of `renderer.errors`.
    `on_progress` is called from several threads, one at a time.
    """
    bar = _Bar(on_progress)
    notices = Notices()
    policy = AssetPolicy.parse(request.assets)
    with bar.stage("reading"):
        recording = read_recording(sources.fetch(request.recording))
        notices.extend(recording.notices)
        drawn_by = {"renderer": __version__, "rrweb": rrweb_version(), "chromium": chromium_version(settings)}
        plan, remarks = build_plan(recording, request, drawn_by)
        notices.extend(remarks)
        window = next(window for window in recording.windows if window.id == plan.window_id)

    with ExitStack() as rooms:
        folder = rooms.enter_context(work_folder(settings))
        library = rooms.enter_context(
            AssetLibrary(settings.asset_cache_dir, policy, budget_s=settings.asset_budget_s, notices=notices)
        )
        encoder = rooms.enter_context(Encoder(plan, request.outputs, folder / "encode", settings))
        with bar.stage("filming"):
            filmed = bar.counter("filming", plan.frame_count)
            capture = Capture(plan, window, library, settings, folder / "frames", filmed)
            segments = []
            with capture:
                for segment in capture.segments():
                    segments.append(segment)
                    encoder.add(segment)
            notices.extend(capture.notices)
        with bar.stage("encoding"):
            clip = encoder.finish(bar.share("encoding"))
            notices.extend(clip.notices)
        library.close()

        with bar.stage("publishing"):
            made = Made(
                request=request,
                recording=recording,
                plan=plan,
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
            manifest = write_manifest(made, targets)
            publish(
                {targets[file.kind]: file.path for file in (*clip.files, clip.poster)},
                {beside.with_suffix(".json"): manifest.model_dump_json(indent=2) + "\n"},
            )
    return manifest


class _Bar:
    """Turns the stages' own progress into one number that never falls, and keeps the time that each took."""

    def __init__(self, tell: Callable[[Progress], None] | None) -> None:
        self._tell = tell or (lambda _: None)
        self._done = 0.0
        self.timings: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began = time.monotonic()
        self._show(name, 0.0, "")
        yield
        self.timings[name] = round(time.monotonic() - began, 3)
        self._show(name, 1.0, "")

    def share(self, name: str) -> Callable[[float], None]:
        return lambda part: self._show(name, part, "")

    def counter(self, name: str, total: int) -> Callable[[int], None]:
        return lambda count: self._show(name, count / total, f"{count} of {total} frames")

    def _show(self, name: str, part: float, message: str) -> None:
        start, end = _SHARES[name]
        self._done = max(self._done, start + (end - start) * min(1.0, part))
        self._tell(Progress(name, self._done, message))
