"""Filming a clip together with other workers: its maker films what nobody else has taken, and joins what they filmed."""

import os
import queue
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from renderer.assets.library import AssetLibrary
from renderer.capture.capture import Capture
from renderer.database.engine import Database
from renderer.errors import OperationError, RendererError
from renderer.frames import CapturedSegment
from renderer.jobs.patience import patiently
from renderer.jobs.render.heartbeat import Heartbeat
from renderer.jobs.render.line import Line
from renderer.jobs.render.messages import Job, Offered
from renderer.jobs.render.pack import Noted, read_pack
from renderer.jobs.segments import Segments, Standing, count_slots, hand_of
from renderer.plan.model import SegmentPlan
from renderer.script import Script
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore

_LOOK_S: Final = 0.5


def packs_of(job: Job) -> str:
    """Where in the store the segments of this claim of a clip lie."""
    return f"segments/{job.clip_id}/{job.attempt}"


def offer(
    line: Line,
    script: Script,
    library: AssetLibrary,
    settings: Settings,
    folder: Path,
    on_frames: Callable[[int], None],
    store: ClipStore,
) -> "SharedFilming | None":
    """None when there is nobody else to film."""
    database, job = Database(settings.database), line.job
    if patiently(lambda: count_slots(database)) < 2:
        return None
    lease_ms = round(settings.lease_s * 1000)
    segments = Segments(database, job.clip_id, job.attempt, hand_of(job.owner, os.getpid()), lease_ms=lease_ms)
    line.tell(Offered(len(script.plan.segments)))
    return SharedFilming(script, library, settings, folder, on_frames, segments, store, packs_of(job))


class SharedFilming:
    """As `Capture`, with helpers. The pictures are those that one worker alone would have taken, byte for byte."""

    def __init__(
        self,
        script: Script,
        library: AssetLibrary,
        settings: Settings,
        folder: Path,
        on_frames: Callable[[int], None],
        segments: Segments,
        store: ClipStore,
        packs: str,
    ) -> None:
        """`packs`: below which helpers put what they filmed."""
        self._plan = script.plan
        self._folder = folder
        self._on_frames = on_frames
        self._segments = segments
        self._store = store
        self._packs = packs
        self._by_number = {segment.number: segment for segment in script.plan.segments}
        self._missing = set(self._by_number)
        self._frames_here = self._frames_there = 0
        self._noted: dict[str, Noted] = {}
        self._over = threading.Event()
        self._come: queue.SimpleQueue[CapturedSegment | BaseException] = queue.SimpleQueue()
        self._capture = Capture(
            script.plan,
            script.windows,
            script.scene,
            library,
            settings,
            folder / "here",
            self._count_here,
            self._next,
        )
        self._thread = threading.Thread(target=self._film, name="filming", daemon=True)
        self._heartbeat = Heartbeat(segments)
        self.method = self._capture.method
        self.notices = self._capture.notices
        self.tally = self._capture.tally

    def __enter__(self) -> Self:
        patiently(lambda: self._segments.offer(self._plan.digest, sorted(self._missing)))
        self._heartbeat.__enter__()
        self._capture.__enter__()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._capture.__exit__(kind, error, trace)
        self._thread.join()
        self._heartbeat.__exit__(kind, error, trace)
        patiently(self._segments.clear)
        with suppress(RendererError):  # the sweeper takes what is left
            self._store.delete(self._packs)

    def segments(self) -> Iterator[CapturedSegment]:
        while self._missing:
            yield from self._ours()
            yield from self._theirs()
        self._over.set()
        for noted in self._noted.values():
            noted.add_to(self.tally)
        self.tally.conclude(self.notices)

    def _next(self) -> SegmentPlan | None:
        """What to film here. It waits until all is joined: what a lost helper had, or what a store lost of it, has to be filmed."""
        while not self._over.is_set():
            number = patiently(lambda: self._segments.take(as_maker=True))
            if number is not None:
                return self._by_number[number]
            while not self._over.wait(_LOOK_S):
                if any(standing.is_free for standing in patiently(self._segments.standings)):
                    break
        return None

    def _film(self) -> None:
        try:
            for segment in self._capture.segments():
                self._come.put(segment)
        except BaseException as error:
            self._come.put(error)

    def _ours(self) -> Iterator[CapturedSegment]:
        """What was filmed here meanwhile; it waits a moment for it."""
        try:
            come = self._come.get(timeout=_LOOK_S)
        except queue.Empty:
            return
        if isinstance(come, BaseException):
            raise come
        patiently(lambda: self._segments.done(come.number))
        if come.number in self._missing:
            self._missing.discard(come.number)
            yield come

    def _theirs(self) -> Iterator[CapturedSegment]:
        for standing in patiently(self._segments.standings):
            if standing.pack is None or standing.number not in self._missing:
                continue
            segment = self._fetch(standing, standing.pack)
            if segment is not None:
                self._missing.discard(segment.number)
                self._frames_there += segment.end - segment.first
                self._tell()
                yield segment

    def _fetch(self, standing: Standing, pack: str) -> CapturedSegment | None:
        """None when it does not come back whole: it is filmed once more."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._folder) as file:
                file.writelines(self._store.open(pack).blocks)
                file.flush()
                unpacked = read_pack(Path(file.name), self._folder / f"there-{standing.number:04d}")
            if unpacked.segment.number != standing.number:
                raise OperationError("pack_damaged", "a helper's segment is another one", retryable=True)
        except RendererError:
            patiently(lambda: self._segments.reopen(standing.number))
            return None
        self._noted[unpacked.noted.helper] = unpacked.noted
        return unpacked.segment

    def _count_here(self, frames: int) -> None:
        self._frames_here = frames
        self._tell()

    def _tell(self) -> None:
        self._on_frames(min(self._plan.frame_count, self._frames_here + self._frames_there))
