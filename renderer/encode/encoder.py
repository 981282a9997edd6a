"""From captured segments to verified files: the one door of this room."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from renderer.encode import poster
from renderer.encode.disk import disk_errors
from renderer.encode.formats import FORMATS
from renderer.encode.ladder import compromises, fit, ladder
from renderer.encode.maker import Made, Maker, Piece
from renderer.encode.model import EncodedClip, EncodedFile, FileKind
from renderer.encode.pictures import check_segment, parts
from renderer.encode.probe import Probe
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown
from renderer.encode.tools import find_tools
from renderer.encode.verify import verify
from renderer.errors import EncodeError, RequestError
from renderer.frames import CapturedSegment
from renderer.plan.model import ClipPlan
from renderer.request import Output
from renderer.settings import Settings
from renderer.story.model import Chapter

# A second thread saves a third of the wall time of a process, a third one little; and the bytes of an x264 encode depend on
# their number: with two everywhere, machines of two cores and of sixty-four write the same file.
THREADS_PER_PROCESS = 2
# Share of the progress that the waiting for segments takes; the rest is joining, GIFs, budgets and checks.
_WAITING = 0.7


class Encoder:
    """Encodes one clip. Segments may be added in any order while capture goes on; `finish` joins, verifies and measures.

    All files are written in `work_dir`; the captured PNGs must stay where they are until `finish` returns. Not for use
    from several threads at once, `close` excepted. A context manager: leaving it ends every process that still runs.
    """

    def __init__(
        self,
        plan: ClipPlan,
        outputs: Sequence[Output],
        work_dir: Path,
        settings: Settings,
        chapters: Sequence[Chapter] = (),
    ) -> None:
        """`chapters` go into MP4 and WebM; a GIF has no place for them. Raises SetupError when ffmpeg or ffprobe is missing
        or too old.
        """
        with disk_errors():
            work_dir.mkdir(parents=True, exist_ok=True)
        self._plan = plan
        threads = min(THREADS_PER_PROCESS, settings.ffmpeg_threads)
        self._runner = Runner(find_tools(settings), work_dir.resolve(), threads)
        self._pool = ThreadPoolExecutor(max(1, settings.ffmpeg_threads // threads), thread_name_prefix="encode")
        self._jobs = [
            (output, Maker(plan, FORMATS[output.format], self._runner, self._pool, chapters)) for output in outputs
        ]
        self._segments: dict[int, CapturedSegment] = {}
        self._begun: list[Future[Piece]] = []

    def add(self, segment: CapturedSegment) -> None:
        """Begin to encode `segment` in the background. Raises EncodeError when it is not what the plan says, or when an
        earlier segment has failed for good, so that capture can stop.
        """
        check_segment(segment, self._plan.width_px, self._plan.height_px, self._plan.frame_count)
        if segment.first in self._segments:
            raise EncodeError("segment_inconsistent", f"segment {segment.number} was handed over twice")
        with _closed_is_an_error():
            for future in self._begun:
                if future.done():
                    future.result()
            for part in parts(segment):
                self._segments[part.first] = part
                self._begun += [maker.begin(part) for _, maker in self._jobs]

    def finish(
        self, on_progress: Callable[[float], None] | None = None, *, poster_hint_frame: int | None = None
    ) -> EncodedClip:
        """Wait for the segments, make every output and the poster, verify. `on_progress` is told a share from 0 to 1 that
        never falls. `poster_hint_frame` is the output frame that matters most, if somebody knows it.

        Raises EncodeError (`segments_missing`, `flat_video`, `verification_failed`, or ffmpeg's failure) or RequestError
        (`budget_impossible`).
        """
        tell = on_progress or (lambda _: None)
        with _closed_is_an_error(), disk_errors():
            segments = self._in_order()
            shown = [
                Shown(frame.index, frame.path, frame.index, frame.sprites)
                for segment in segments
                for frame in segment.frames
            ]
            choice = self._telling(shown, poster_hint_frame)
            if choice.flat:
                raise EncodeError(
                    "flat_video",
                    "every picture of the clip is one flat colour: the recording shows nothing in this range; "
                    "choose another range",
                )
            picture = self._pool.submit(self._poster, choice.picture)
            for number, future in enumerate(as_completed(self._begun), start=1):
                future.result()
                tell(_WAITING * number / len(self._begun))
            files = []
            for number, (output, maker) in enumerate(self._jobs, start=1):
                files.append(self._file(output, maker, segments, choice.picture))
                tell(_WAITING + (1 - _WAITING) * number / (len(self._jobs) + 1))
            made_poster = picture.result()
        tell(1.0)
        return EncodedClip(
            files=tuple(files),
            poster=made_poster,
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

    def _telling(self, shown: Sequence[Shown], hint: int | None) -> poster.Choice:
        """Found while the last segments are being encoded. What ffmpeg says of a broken picture is told before what we say."""
        try:
            return poster.choose(shown, self._plan.frame_count, self._plan.fps, hint)
        except EncodeError:
            for future in self._begun:
                future.result()
            raise

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

    def _file(self, output: Output, maker: Maker, segments: Sequence[CapturedSegment], telling: Shown) -> EncodedFile:
        made = self._made(output, maker, segments)
        maker.forget()
        found = verify(self._runner, made, maker.form, self._plan, telling)
        return _measured(maker.form.kind, made, found, compromises(maker.best, made.quality, maker.form, self._plan))

    def _made(self, output: Output, maker: Maker, segments: Sequence[CapturedSegment]) -> Made:
        if output.max_bytes is None:
            return maker.make(segments, maker.best)
        fitted = fit(
            ladder(maker.form, self._plan),
            output.max_bytes,
            make=lambda quality: maker.make(segments, quality),
            size_of=lambda made: made.bytes,
            discard=lambda made: made.path.unlink(missing_ok=True),
        )
        if fitted.made is None:
            raise RequestError(
                "budget_impossible",
                f"the {output.format} file cannot be made as small as {output.max_bytes:,} bytes: the smallest that was "
                f"reached is {fitted.smallest_bytes:,} bytes; allow that much, or choose a shorter range",
            )
        return fitted.made

    def _poster(self, picture: Shown) -> EncodedFile:
        path = self._runner.work_dir / "poster.png"
        width_px, height_px = poster.write(picture, path)
        return EncodedFile("poster", path, path.stat().st_size, _sha256(path), width_px, height_px, 0, 1, (0.0,))


@contextmanager
def _closed_is_an_error() -> Iterator[None]:
    try:
        yield
    except CancelledError as error:
        raise EncodeError("encoder_closed", "the encoder was closed before the clip was done") from error
    except RuntimeError as error:
        if "after shutdown" not in str(error):
            raise
        raise EncodeError("encoder_closed", "the encoder was closed before the clip was done") from error


def _measured(kind: FileKind, made: Made, found: Probe, given_up: tuple[str, ...]) -> EncodedFile:
    return EncodedFile(
        kind=kind,
        path=made.path,
        bytes=made.bytes,
        sha256=_sha256(made.path),
        width_px=found.width_px,
        height_px=found.height_px,
        duration_ms=round(found.end * 1000),
        frames=len(found.pts),
        pts_ms=tuple(float(pts * 1000) for pts in found.pts),
        compromises=given_up,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
