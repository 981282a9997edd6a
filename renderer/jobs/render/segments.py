"""A hand with a clip that another process makes: films segments of the same plan, and puts them where its maker finds them."""

import os
from dataclasses import asdict
from functools import partial

from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.bootstrap import build_clip_store, build_events_path, build_sources
from renderer.capture.capture import Capture
from renderer.database.engine import Database
from renderer.errors import OperationError, RendererError
from renderer.jobs.model import Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.heartbeat import Heartbeat
from renderer.jobs.render.line import Line
from renderer.jobs.render.local import local_request
from renderer.jobs.render.messages import Made
from renderer.jobs.render.pack import Noted, write_pack
from renderer.jobs.render.shared import packs_of
from renderer.jobs.segments import Segments, hand_of
from renderer.notices import Notices
from renderer.plan.model import SegmentPlan
from renderer.request import ClipRequest
from renderer.script import Script, versions, write_script
from renderer.settings import Settings
from renderer.store.work import work_folder


def film_segments(line: Line) -> None:
    settings, job = Settings(), line.job
    events = build_events_path(settings, job.events) if job.events else None
    request = local_request(job.request, settings, events)
    script = write_script(request, versions(settings), Notices(), build_sources(settings))
    if script.plan.digest != job.plan_digest:
        raise OperationError(
            "other_plan",
            "this worker would draw the clip in another way than the one that makes it: give all workers the same version of"
            " renderer and of Chromium, and let them read the same recordings",
        )
    helper = hand_of(job.owner, os.getpid())
    lease_ms = round(settings.lease_s * 1000)
    segments = Segments(Database(settings.database), job.clip_id, job.attempt, helper, lease_ms=lease_ms)
    try:
        count = _film(script, request, settings, segments, helper, packs_of(job))
    except RendererError as error:
        failure = Failure.of(error)
        patiently(lambda: segments.drop(failure))
        raise
    line.tell(Made([], {"segments": count}))


def _film(
    script: Script, request: ClipRequest, settings: Settings, segments: Segments, helper: str, folder: str
) -> int:
    store = build_clip_store(settings)
    by_number = {segment.number: segment for segment in script.plan.segments}

    def supply() -> SegmentPlan | None:
        number = patiently(lambda: segments.take(as_maker=False))
        return None if number is None else by_number[number]

    count = 0
    with (
        work_folder(settings) as room,
        AssetLibrary(
            settings.asset_cache_dir,
            AssetPolicy.parse(request.assets),
            budget_s=settings.asset_budget_s,
            notices=Notices(),
            aliases=script.session.aliases,
        ) as library,
        Capture(
            script.plan, script.windows, script.scene, library, settings, room / "frames", lambda _: None, supply
        ) as capture,
        Heartbeat(segments),
    ):
        for segment in capture.segments():
            noted = Noted.of(helper, capture.tally, asdict(library.summary()))
            name = f"{folder}/{segment.number:04d}.pack"
            write_pack(segment, noted, room / "segment.pack")
            store.put(name, room / "segment.pack", "application/x-tar")
            for frame in segment.frames:
                frame.path.unlink(missing_ok=True)
            patiently(partial(segments.done, segment.number, name))
            count += 1
    return count
