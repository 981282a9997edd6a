"""One format of one clip: every segment is encoded on its own, in the background; then the pieces become a file."""

import shutil
from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, replace
from pathlib import Path

from renderer.encode.chapters import ffmetadata, fitted
from renderer.encode.disk import disk_errors
from renderer.encode.formats import Format, Quality
from renderer.encode.graphs import encode_pictures, gif, join, remux
from renderer.encode.overlay import lay_over
from renderer.encode.pictures import lay_out
from renderer.encode.runner import Runner
from renderer.encode.timing import Shown, ffconcat, limit_rate, repeat_long, timescale, to_ticks
from renderer.encode.webm import set_duration
from renderer.frames import CapturedSegment
from renderer.plan.model import ClipPlan
from renderer.story.model import Chapter


@dataclass(frozen=True, slots=True)
class Piece:
    """An encoded segment: its file's name in the work directory; times are ticks of the format's clock from the clip's
    start.
    """

    name: str
    first: int
    end: int
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that was written but not yet verified, and the pictures and chapters that it must hold."""

    path: Path
    quality: Quality
    shown: tuple[Shown, ...]
    end: int
    chapters: tuple[Chapter, ...] = ()

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


class Maker:
    """`pool` runs the encodes of the segments; `make` waits for them."""

    def __init__(
        self, plan: ClipPlan, form: Format, runner: Runner, pool: Executor, chapters: Sequence[Chapter] = ()
    ) -> None:
        self.plan = plan
        self.chapters = chapters
        self.form = form
        self.best = form.best(plan)
        self._runner = runner
        self._pool = pool
        self._hz = form.ticks_per_s(plan)
        self._pieces: dict[tuple[Quality, int], Future[Piece]] = {}

    def begin(self, segment: CapturedSegment, quality: Quality | None = None) -> Future[Piece]:
        """Start to encode a segment, at the best quality if not told otherwise; the one under way if it was begun before."""
        key = self._piece_quality(quality or self.best), segment.first
        if key not in self._pieces:
            self._pieces[key] = self._pool.submit(self._encode, segment, key[0])
        return self._pieces[key]

    def make(self, segments: Sequence[CapturedSegment], quality: Quality) -> Made:
        """`segments` in order, covering the whole clip. Pieces of other qualities are thrown away first."""
        wanted = self._piece_quality(quality)
        self.forget(but=wanted)
        pieces = [future.result() for future in [self.begin(segment, quality) for segment in segments]]
        stem = f"clip-{self.form.kind}-{_name(quality)}"
        with disk_errors():
            listed = ffconcat([(piece.name, piece.first, piece.end) for piece in pieces], self._hz)
            (self._runner.work_dir / f"{stem}.ffconcat").write_text(listed)
            shown = tuple(picture for piece in pieces for picture in piece.shown)
            end = pieces[-1].end
            chapters = () if self.form.kind == "gif" else fitted(self.chapters, end * 1000 // self._hz)
            made = Made(self._runner.work_dir / f"{stem}.{self.form.kind}", quality, shown, end, chapters)
            if self.form.kind == "gif":
                self._assemble_gif(made, f"{stem}.ffconcat")
            else:
                self._assemble_film(made, f"{stem}.ffconcat")
        return made

    def _assemble_gif(self, made: Made, listed: str) -> None:
        argv = gif(
            self._runner.tools.ffmpeg,
            listed=listed,
            quality=made.quality,
            last_ticks=made.end - made.shown[-1].at,
            threads=self._runner.threads,
            target=made.path.name,
        )
        self._run(argv, made)

    def _assemble_film(self, made: Made, listed: str) -> None:
        program, hz, is_webm = self._runner.tools.ffmpeg, timescale(self._hz), self.form.kind == "webm"
        joined = made.path.with_suffix(".mp4")
        chapters = self._write_chapters(made)
        argv = join(
            program,
            listed=listed,
            hz=hz,
            frames=len(made.shown),
            last_ticks=(made.end - made.shown[-1].at) * hz // self._hz,
            target=joined.name,
            chapters=None if is_webm else chapters,
        )
        self._run(argv, made)
        if is_webm:
            argv = remux(program, name=joined.name, muxer="webm", target=made.path.name, chapters=chapters)
            self._run(argv, made)
            set_duration(made.path, made.end * 1000 / self._hz)
            joined.unlink()

    def _write_chapters(self, made: Made) -> str | None:
        if not made.chapters:
            return None
        path = made.path.with_suffix(".ffmeta")
        path.write_text(ffmetadata(made.chapters), "utf-8")
        return path.name

    def _run(self, argv: Sequence[str], made: Made) -> None:
        limit_s = time_limit_s(len(made.shown), made.quality.width_px * made.quality.height_px)
        self._runner.run(argv, what=f"the {self.form.kind} file", timeout_s=limit_s)

    def _piece_quality(self, quality: Quality) -> Quality:
        """What decides a piece: a GIF's are lossless, its number of colours comes after."""
        return replace(quality, level=self.best.level) if self.form.kind == "gif" else quality

    def forget(self, but: Quality | None = None) -> None:
        """Remove the pieces from the disk."""
        for key in [key for key in self._pieces if key[0] != but]:
            piece = self._pieces.pop(key).result()
            (self._runner.work_dir / piece.name).unlink(missing_ok=True)

    def _encode(self, segment: CapturedSegment, quality: Quality) -> Piece:
        plan, form, runner, hz = self.plan, self.form, self._runner, self._hz
        first, end = to_ticks(segment.first, plan.fps, hz), to_ticks(segment.end, plan.fps, hz)
        shown = [
            Shown(to_ticks(frame.index, plan.fps, hz), frame.path, frame.index, frame.sprites)
            for frame in segment.frames
        ]
        shown = limit_rate(shown, end, quality.gap, form.last_gap)
        if form.longest is not None:
            shown = repeat_long(shown, end, form.longest)
        if form.repeat_last and segment.end == plan.frame_count and shown[-1].at < end - 1:
            shown.append(replace(shown[-1], at=end - 1))
        folder = f"{form.kind}-{_name(quality)}-{segment.first:08d}"
        with disk_errors():
            lay_out(shown, runner.work_dir / folder)
            layers = lay_over(shown, runner.work_dir / folder)
        name = f"{folder}.mp4"
        argv = encode_pictures(
            runner.tools.ffmpeg,
            folder=folder,
            layers=layers,
            ticks=[picture.at - first for picture in shown],
            hz=hz,
            form=form,
            quality=quality,
            picture_px=(plan.width_px, plan.height_px),
            threads=runner.threads,
            target=name,
        )
        runner.run(
            argv,
            what=f"segment {segment.number} of the {form.kind} file",
            timeout_s=time_limit_s(len(shown), plan.width_px * plan.height_px),
        )
        shutil.rmtree(runner.work_dir / folder, ignore_errors=True)
        return Piece(name, first, end, tuple(shown))


def time_limit_s(pictures: int, pixels: int) -> float:
    """About fifty times what a picture costs on one quiet core (9 ms at 1280x720), and a minute to start with."""
    return 60 + pictures * max(0.2, pixels * 0.5e-6)


def _name(quality: Quality) -> str:
    return f"{quality.level}-{quality.gap}-{quality.width_px}x{quality.height_px}"
