"""MP4 and WebM: every segment is encoded on its own, in the background, and the whole is joined without encoding."""

import shutil
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from renderer.encode.formats import Quality, Video
from renderer.encode.graphs import encode_pictures, join
from renderer.encode.pictures import lay_out
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown, limit_rate, microseconds
from renderer.frames import CapturedSegment
from renderer.plan.model import ClipPlan


@dataclass(frozen=True, slots=True)
class Piece:
    """An encoded segment: its file's name in the work directory and the pictures in it, ticks are output frames."""

    name: str
    first: int
    end: int
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Film:
    """A joined file and the pictures that it must hold, ticks are output frames."""

    path: Path
    shown: tuple[Shown, ...]


class FilmMaker:
    """Makes one format of one clip. `pool` runs the segments' encodes."""

    def __init__(self, plan: ClipPlan, video: Video, runner: Runner, pool: Executor) -> None:
        self.video = video
        self._plan = plan
        self._runner = runner
        self._pool = pool

    def begin(self, segment: CapturedSegment, quality: Quality) -> Future[Piece]:
        return self._pool.submit(self._encode, segment, quality)

    def join(self, pieces: Sequence[Piece], quality: Quality) -> Film:
        """`pieces` in order, covering the whole clip."""
        work_dir, fps = self._runner.work_dir, self._plan.fps
        listed = ["ffconcat version 1.0"]
        for piece in pieces:
            # Durations from times rounded once: with each rounded on its own, a hundred segments drift by a tick.
            length_us = microseconds(piece.end, fps) - microseconds(piece.first, fps)
            listed += [f"file {piece.name}", f"duration {length_us // 1_000_000}.{length_us % 1_000_000:06d}"]
        name = f"{_stem(quality)}-clip"
        (work_dir / f"{name}.ffconcat").write_text("\n".join(listed) + "\n")
        shown = tuple(picture for piece in pieces for picture in piece.shown)
        rate = self.video.ticks_per_s(fps)
        target = f"{name}{self.video.suffix}"
        argv = join(
            self._runner.tools.ffmpeg,
            list_path=f"{name}.ffconcat",
            video=self.video,
            fps=fps,
            frames=len(shown),
            last_ticks=round(pieces[-1].end * rate / fps) - round(shown[-1].at * rate / fps),
            target=target,
        )
        self._runner.run(argv, what=f"the {self.video.kind} file", timeout_s=120 + len(shown) * 0.1)
        for piece in pieces:
            (work_dir / piece.name).unlink(missing_ok=True)
        return Film(work_dir / target, shown)

    def _encode(self, segment: CapturedSegment, quality: Quality) -> Piece:
        plan, runner = self._plan, self._runner
        shown = [Shown(frame.index, frame.path, frame.index) for frame in segment.frames]
        if quality.gap > 1:
            shown = limit_rate(shown, segment.end, quality.gap)
        stem = f"{_stem(quality)}-{segment.number:05d}-{self.video.kind}"
        folder = runner.work_dir / stem
        lay_out(shown, folder)
        name = f"{stem}.piece.mp4"
        argv = encode_pictures(
            runner.tools.ffmpeg,
            folder=stem,
            ticks=[picture.at - segment.first for picture in shown],
            fps=plan.fps,
            video=self.video,
            quality=quality,
            picture_px=(plan.width_px, plan.height_px),
            threads=runner.threads,
            target=name,
        )
        runner.run(
            argv,
            what=f"segment {segment.number} of the {self.video.kind} file",
            timeout_s=time_limit_s(len(shown), plan.width_px * plan.height_px),
        )
        shutil.rmtree(folder)
        return Piece(name, segment.first, segment.end, tuple(shown))


def time_limit_s(pictures: int, pixels: int) -> float:
    """About fifty times what a picture costs on one quiet core (9 ms at 1280x720), and a minute to start with."""
    return 60 + pictures * max(0.2, pixels * 0.5e-6)


def _stem(quality: Quality) -> str:
    return f"q{quality.crf}-g{quality.gap}-{quality.width_px}x{quality.height_px}"
