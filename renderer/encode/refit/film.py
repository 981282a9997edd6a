"""A finished film as it is found: what it holds, when its pictures are shown, and whether it is whole."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from renderer.encode.disk import disk_errors
from renderer.encode.graphs import sample
from renderer.encode.maker import time_limit_s
from renderer.encode.probe import Probe, box_order, probe
from renderer.encode.runner import Runner
from renderer.encode.timing import timescale
from renderer.encode.verify import BT709_LIMITED
from renderer.errors import EncodeError
from renderer.plan.model import ClipPlan
from renderer.story.model import Chapter

MOST_FPS = 60
# A film whose last picture ends this much before its header says has lost some.
_MISSING_S = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Film:
    """`name` is its name in the work directory. `at` is when each picture is shown, `end` when the last one no more is, in
    ticks of `hz`; `fps` the rate of the output frames on which all of them lie. `is_mp4`: it is what an MP4 of ours is.
    """

    name: str
    demuxer: str
    width_px: int
    height_px: int
    fps: int
    hz: int
    at: tuple[int, ...]
    end: int
    chapters: tuple[Chapter, ...]
    is_mp4: bool

    @property
    def time_limit_s(self) -> float:
        return time_limit_s(len(self.at), self.width_px * self.height_px)

    def plan(self, max_side_px: int | None) -> ClipPlan:
        """Size and rate in the words in which formats and ladder are told them; at most `max_side_px` a side."""
        width_px, height_px = self.width_px, self.height_px
        if max_side_px is not None and max_side_px < max(width_px, height_px):
            factor = max_side_px / max(width_px, height_px)
            width_px, height_px = (max(2, int(side * factor) // 2 * 2) for side in (width_px, height_px))
        frame_count = max(1, round(Fraction(self.end * self.fps, self.hz)))
        return ClipPlan(
            recording_id="",
            from_ms=0,
            to_ms=round(self.end * 1000 / self.hz),
            stretches=(),
            skips=(),
            shots=(),
            window_count=1,
            segments=(),
            frame_count=frame_count,
            fps=self.fps,
            width_px=width_px,
            height_px=height_px,
            overlays=frozenset(),
            digest="",
        )


def read_film(runner: Runner, source: Path) -> Film:
    """`source`, under a name in the work directory. Raises EncodeError `not_a_film` when it is none or is not whole."""
    demuxer = _demuxer(source)
    link = runner.work_dir / f"source.{'mp4' if demuxer == 'mov' else 'webm'}"
    with disk_errors():
        link.symlink_to(source.resolve())
    found = _probed(runner, link)
    start = min(found.pts)
    pts, end = sorted(at - start for at in found.pts), found.end - start
    if end <= pts[-1] or (found.streams == 1 and found.container_s - found.end > _MISSING_S):
        raise _not_a_film(
            f"it says that it lasts {float(found.container_s):.2f} s, but its pictures end after {float(end):.2f} s"
        )
    fps = _fps(pts, Fraction(1, 1900) if demuxer == "matroska" else Fraction(0))
    hz = timescale(fps)
    return Film(
        name=link.name,
        demuxer=demuxer,
        width_px=found.width_px,
        height_px=found.height_px,
        fps=fps,
        hz=hz,
        at=tuple(round(at * hz) for at in pts),
        end=round(end * hz),
        chapters=tuple(
            Chapter(start_ms=round(first), end_ms=round(last), title=title) for first, last, title in found.chapters
        ),
        is_mp4=demuxer == "mov" and _as_ours(found, link),
    )


def check_whole(runner: Runner, film: Film) -> None:
    """Decode all of it. Raises EncodeError as the runner does, at the first picture that is damaged."""
    argv = sample(runner.tools.ffmpeg, name=film.name, numbers=[0], size_px=(16, 16), threads=runner.threads)
    runner.run(argv, what="the reading of the film", timeout_s=film.time_limit_s)


def _demuxer(source: Path) -> str:
    try:
        with source.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise _not_a_film(f"the file cannot be read ({error.strerror})") from error
    if head[4:] == b"ftyp":
        return "mov"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    raise _not_a_film("the file is neither an MP4 nor a WebM")


def _probed(runner: Runner, link: Path) -> Probe:
    try:
        return probe(runner, link)
    except EncodeError as error:
        if error.code not in {"encoder_failed", "verification_failed"}:
            raise
        raise _not_a_film(error.message) from error


def _fps(pts: list[Fraction], tolerance_s: Fraction) -> int:
    """The lowest rate of which every time is a whole number of frames: WebM's are rounded to milliseconds."""
    for fps in range(1, MOST_FPS + 1):
        if all(abs(at * fps - round(at * fps)) <= tolerance_s * fps for at in pts):
            return fps
    return MOST_FPS


def _as_ours(found: Probe, path: Path) -> bool:
    boxes = box_order(path)
    return (
        (found.streams, found.codec, found.pix_fmt, found.b_frames) == (1, "h264", "yuv420p", 0)
        and found.colours == BT709_LIMITED
        and {"moov", "mdat"} <= set(boxes)
        and boxes.index("moov") < boxes.index("mdat")
    )


def _not_a_film(why: str) -> EncodeError:
    return EncodeError("not_a_film", f"the film cannot be made to fit: {why}; make the clip again")
