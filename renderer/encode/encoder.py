"""From captured segments to verified files: the one door of this room."""

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from renderer.encode import poster
from renderer.encode.film import Film, FilmMaker, Piece
from renderer.encode.formats import VIDEOS, Quality, best_quality
from renderer.encode.model import EncodedClip, EncodedFile, FileKind
from renderer.encode.pictures import check_segment
from renderer.encode.probe import Probe
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown
from renderer.encode.tools import find_tools
from renderer.encode.verify import Expected, verify
from renderer.errors import EncodeError
from renderer.frames import CapturedSegment
from renderer.plan.model import ClipPlan
from renderer.request import Output
from renderer.settings import Settings

# One process gains little from a third thread at 1280x720, and the bytes of an x264 encode depend on their number: with
# two everywhere, machines of two cores and of sixty-four write the same file.
THREADS_PER_PROCESS = 2


class Encoder:
    """Encodes one clip. Segments may be added in any order while capture goes on; `finish` joins, verifies and measures.

    All files are written in `work_dir`; the captured PNGs must stay where they are until `finish` returns. Not for use
    from several threads at once. A context manager: leaving it ends every process that still runs.
    """

    def __init__(self, plan: ClipPlan, outputs: Sequence[Output], work_dir: Path, settings: Settings) -> None:
        """Raises SetupError when ffmpeg or ffprobe is missing or too old."""
        work_dir.mkdir(parents=True, exist_ok=True)
        self._plan = plan
        self._outputs = tuple(outputs)
        threads = min(THREADS_PER_PROCESS, settings.ffmpeg_threads)
        self._runner = Runner(find_tools(settings), work_dir.resolve(), threads)
        self._pool = ThreadPoolExecutor(max(1, settings.ffmpeg_threads // threads), thread_name_prefix="encode")
        self._makers = {
            output.format: FilmMaker(plan, VIDEOS[output.format], self._runner, self._pool)
            for output in self._outputs
            if output.format in VIDEOS
        }
        self._segments: dict[int, CapturedSegment] = {}
        self._begun: dict[str, dict[int, Future[Piece]]] = {kind: {} for kind in self._makers}

    def add(self, segment: CapturedSegment) -> None:
        """Begin to encode `segment` in the background. Raises EncodeError when it is not what the plan says, or when an
        earlier segment has failed for good, so that capture can stop.
        """
        check_segment(segment, self._plan.width_px, self._plan.height_px, self._plan.frame_count)
        if segment.first in self._segments:
            raise EncodeError("segment_inconsistent", f"segment {segment.number} was handed over twice")
        for begun in self._begun.values():
            for future in begun.values():
                if future.done():
                    future.result()
        self._segments[segment.first] = segment
        for kind, maker in self._makers.items():
            self._begun[kind][segment.first] = maker.begin(segment, best_quality(maker.video, self._plan))

    def finish(
        self, on_progress: Callable[[float], None] | None = None, *, poster_hint_frame: int | None = None
    ) -> EncodedClip:
        """Wait for the segments, make every output and the poster, verify. `on_progress` is told a share from 0 to 1,
        never falling. `poster_hint_frame` is the output frame that matters most, if somebody knows it.

        Raises EncodeError (`segments_missing`, `flat_video`, `verification_failed`, or ffmpeg's failure), RequestError
        (`budget_impossible`).
        """
        segments = self._in_order()
        shown = [Shown(frame.index, frame.path, frame.index) for segment in segments for frame in segment.frames]
        choice = poster.choose(shown, self._plan.frame_count, self._plan.fps, poster_hint_frame)
        if choice.flat:
            raise EncodeError(
                "flat_video",
                "every picture of the clip is one flat colour: the recording shows nothing in this range; choose another range",
            )
        files = tuple(self._make(output, choice.picture) for output in self._outputs)
        if on_progress:
            on_progress(1.0)
        return EncodedClip(
            files=files,
            poster=self._poster(choice.picture),
            poster_frame=choice.picture.index,
            notices=self._runner.notices(),
            ffmpeg_version=self._runner.tools.version,
        )

    def close(self) -> None:
        """End whatever still runs. Safe at any time, any number of times, also from another thread."""
        self._runner.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _in_order(self) -> list[CapturedSegment]:
        due = 0
        segments = [self._segments[first] for first in sorted(self._segments)]
        for segment in segments:
            if segment.first != due:
                break
            due = segment.end
        if due != self._plan.frame_count:
            raise EncodeError(
                "segments_missing", f"nothing was captured for output frame {due} of {self._plan.frame_count}"
            )
        return segments

    def _make(self, output: Output, telling: Shown) -> EncodedFile:
        maker = self._makers[output.format]
        quality = best_quality(maker.video, self._plan)
        pieces = [self._begun[output.format][first].result() for first in sorted(self._segments)]
        film = maker.join(pieces, quality)
        found = verify(self._runner, film.path, self._expected(maker, film, quality), telling)
        return _file(maker.video.kind, film.path, found)

    def _expected(self, maker: FilmMaker, film: Film, quality: Quality) -> Expected:
        video = maker.video
        return Expected(
            kind=video.kind,
            codec=video.codec,
            width_px=quality.width_px,
            height_px=quality.height_px,
            pix_fmt="yuv420p",
            shown=film.shown,
            end=self._plan.frame_count,
            rate=self._plan.fps,
            tolerance_s=Fraction(0) if video.kind == "mp4" else Fraction(1, 1000),
            floor_db=24,
        )

    def _poster(self, picture: Shown) -> EncodedFile:
        path = self._runner.work_dir / "poster.png"
        width_px, height_px = poster.write(picture, path)
        return EncodedFile("poster", path, path.stat().st_size, _sha256(path), width_px, height_px, 0, 1, (0.0,))


def _file(kind: FileKind, path: Path, found: Probe, compromises: tuple[str, ...] = ()) -> EncodedFile:
    return EncodedFile(
        kind=kind,
        path=path,
        bytes=path.stat().st_size,
        sha256=_sha256(path),
        width_px=found.width_px,
        height_px=found.height_px,
        duration_ms=round(found.end * 1000),
        frames=len(found.pts),
        pts_ms=tuple(float(pts * 1000) for pts in found.pts),
        compromises=compromises,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
