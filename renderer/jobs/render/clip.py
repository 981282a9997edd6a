"""A whole clip: from the job to files in the store."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from renderer.assets.library import AssetLibrary
from renderer.bootstrap import build_clip_store, build_events_path, build_sources
from renderer.jobs.render.line import Line
from renderer.jobs.render.local import local_request
from renderer.jobs.render.messages import Made, Planned, Told
from renderer.manifest.model import FileFacts, Manifest
from renderer.pipeline import make_clip
from renderer.request import ClipRequest, OutputFormat
from renderer.script import Script
from renderer.settings import Settings
from renderer.stages import Progress
from renderer.store.clips.model import ClipStore
from renderer.store.work import work_folder
from renderer.studio import Filming, Studio

CONTENT_TYPES: Final = {
    "mp4": "video/mp4",
    "webm": "video/webm",
    "gif": "image/gif",
    "poster": "image/png",
    "captions": "text/vtt; charset=utf-8",
    "summary": "text/markdown; charset=utf-8",
    "manifest": "application/json",
}
# Progress is news four times a second, whatever the frame rate.
_NEWS_S: Final = 0.25


def render_clip(line: Line) -> None:
    settings = Settings()
    store = build_clip_store(settings)
    sources = build_sources(settings)
    events = build_events_path(settings, line.job.events) if line.job.events else None
    request = local_request(line.job.request, settings, events)
    teller = _Teller(line)
    with work_folder(settings) as folder:
        os.chdir(folder)  # so that a manifest names files and no folders of this machine
        studio = _SharingStudio(line, request, store)
        outputs: dict[OutputFormat, Path] = {output.format: Path(f"clip.{output.format}") for output in request.outputs}
        manifest = make_clip(request, outputs, settings, teller.show, sources=sources, studio=studio)
        made = _publish(manifest, store, f"renders/{studio.render_id}")
    # Now that everything is cleared away: after this the supervisor waits for no more.
    line.tell(made)


class _SharingStudio(Studio):
    """Films only what nobody has filmed, which the supervisor says, and with others when it is long and there are others."""

    def __init__(self, line: Line, request: ClipRequest, store: ClipStore) -> None:
        self._line = line
        self._request = request
        self._store = store
        self.render_id = ""

    def planned(self, script: Script) -> None:
        plan = script.plan
        wanted = [self._request.assets, *(output.model_dump(mode="json") for output in self._request.outputs)]
        key = hashlib.sha256(plan.digest.encode() + msgspec.json.encode(wanted)).hexdigest()
        self._line.tell(Planned(key, plan.digest, script.session.recording.id, len(plan.segments)))
        self.render_id = self._line.answer().render_id

    def filming(
        self, script: Script, library: AssetLibrary, settings: Settings, folder: Path, on_frames: Callable[[int], None]
    ) -> Filming:
        if len(script.plan.segments) >= settings.shared_from_segments:
            # SQL is a quarter of what a render process loads, and most clips are short.
            from renderer.jobs.render.shared import offer

            shared = offer(self._line, script, library, settings, folder, on_frames, self._store)
            if shared is not None:
                return shared
        return super().filming(script, library, settings, folder, on_frames)


class _Teller:
    def __init__(self, line: Line) -> None:
        self._line = line
        self._stage = ""
        self._next_s = 0.0

    def show(self, progress: Progress) -> None:
        now_s = time.monotonic()
        if progress.stage == self._stage and now_s < self._next_s:
            return
        self._stage, self._next_s = progress.stage, now_s + _NEWS_S
        self._line.tell(Told(progress.stage, progress.done, progress.message, progress.frames))


def _publish(manifest: Manifest, store: ClipStore, folder: str) -> Made:
    files = [_put(store, folder, facts) for facts in manifest.files]
    files.append(_put_manifest(store, folder))
    facts = {
        "plan_digest": manifest.plan_digest,
        "duration_ms": manifest.clip.duration_ms,
        "recording": manifest.recording.id,
        "range": manifest.range.model_dump(),
        "warnings": [warning.code for warning in manifest.warnings],
        "versions": manifest.versions.model_dump(),
        "timings": dict(manifest.timings),
    }
    return Made(files, facts)


def _put(store: ClipStore, folder: str, facts: FileFacts) -> dict[str, Any]:
    path = Path(facts.path)
    content_type = CONTENT_TYPES[facts.kind]
    put = store.put(f"{folder}/{path.name}", path, content_type)
    return {
        "name": path.name,
        "kind": facts.kind,
        "content_type": content_type,
        "bytes": put.size_bytes,
        "sha256": put.sha256,
        "duration_ms": facts.duration_ms,
        "width_px": facts.width_px,
        "height_px": facts.height_px,
    }


def _put_manifest(store: ClipStore, folder: str) -> dict[str, Any]:
    """Last: where it is, everything is."""
    path = Path("clip.json")
    put = store.put(f"{folder}/{path.name}", path, CONTENT_TYPES["manifest"])
    return {
        "name": path.name,
        "kind": "manifest",
        "content_type": CONTENT_TYPES["manifest"],
        "bytes": put.size_bytes,
        "sha256": put.sha256,
        "duration_ms": None,
        "width_px": None,
        "height_px": None,
    }
