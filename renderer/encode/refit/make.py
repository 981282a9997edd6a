"""One attempt after the other at a film that fits: each from the finished film itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renderer.encode.chapters import ffmetadata, fitted
from renderer.encode.disk import disk_errors
from renderer.encode.formats import Format, Quality
from renderer.encode.graphs import gif, join
from renderer.encode.maker import time_limit_s
from renderer.encode.probe import probe
from renderer.encode.refit.film import Film
from renderer.encode.refit.graphs import Slots, piece
from renderer.encode.runner import Runner
from renderer.encode.timing import ffconcat, to_ticks
from renderer.plan.model import ClipPlan
from renderer.story.model import Chapter


@dataclass(frozen=True, slots=True)
class Attempt:
    """A file that was written but not yet verified. Its pictures lie in `slots`, or where the film's do (None); it ends
    after `end` ticks of `hz`.
    """

    path: Path
    quality: Quality
    slots: Slots | None
    hz: int
    end: int
    chapters: tuple[Chapter, ...]

    @property
    def bytes(self) -> int:
        return self.path.stat().st_size


class Refitter:
    def __init__(self, runner: Runner, film: Film, form: Format, plan: ClipPlan) -> None:
        self.film = film
        self.form = form
        self.best = form.best(plan)
        self.plan = plan
        self._runner = runner
        self._source = runner.work_dir / film.name
        self._is_best = film.is_mp4 and form.kind == "mp4" and self._same_size(self.best)

    @property
    def source(self) -> Attempt | None:
        """The film itself, where nothing better can be made of it."""
        if not self._is_best:
            return None
        return Attempt(self._source, self.best, None, self.film.hz, self.film.end, self.film.chapters)

    def make(self, quality: Quality) -> Attempt:
        """Raises EncodeError as the runner does."""
        if quality == self.best and self.source is not None:
            return self.source
        film, form = self.film, self.form
        slots = self._slots(quality)
        hz = film.hz if form.kind == "mp4" else form.ticks_per_s(self.plan)
        end = film.end if form.kind == "mp4" else to_ticks(film.end, film.hz, hz)
        chapters = fitted(film.chapters, film.end * 1000 // film.hz) if form.kind == "mp4" else ()
        stem = f"fit-{quality.level}-{quality.gap}-{quality.width_px}x{quality.height_px}"
        attempt = Attempt(self._runner.work_dir / f"{stem}.{form.kind}", quality, slots, hz, end, chapters)
        with disk_errors():
            self._write(attempt, stem)
        return attempt

    def discard(self, attempt: Attempt) -> None:
        if attempt.path != self._source:
            attempt.path.unlink(missing_ok=True)

    def _write(self, attempt: Attempt, stem: str) -> None:
        encoded = self._piece(attempt)
        found = probe(self._runner, encoded)
        last_ticks = attempt.end - int(found.pts[-1] * attempt.hz)
        listed = f"{stem}.ffconcat"
        (self._runner.work_dir / listed).write_text(ffconcat([(encoded.name, 0, attempt.end)], attempt.hz))
        program, target = self._runner.tools.ffmpeg, attempt.path.name
        if self.form.kind == "gif":
            argv = gif(
                program,
                listed=listed,
                quality=attempt.quality,
                last_ticks=last_ticks,
                threads=self._runner.threads,
                target=target,
            )
        else:
            argv = join(
                program,
                listed=listed,
                hz=attempt.hz,
                frames=len(found.pts),
                last_ticks=last_ticks,
                target=target,
                chapters=self._write_chapters(attempt.chapters),
            )
        self._run(argv, attempt)
        if self.form.kind == "mp4":
            encoded.unlink()

    def _piece(self, attempt: Attempt) -> Path:
        """A GIF's is lossless: its number of colours comes after, so attempts of one rate and size share theirs."""
        quality = attempt.quality
        level = "" if self.form.kind == "gif" else f"{quality.level}-"
        path = self._runner.work_dir / f"piece-{level}{quality.gap}-{quality.width_px}x{quality.height_px}.mp4"
        if path.exists():
            return path
        for other in self._runner.work_dir.glob("piece-*.mp4"):
            other.unlink()
        half = path.with_name(f"half-{path.name}")
        argv = piece(
            self._runner.tools.ffmpeg,
            name=self.film.name,
            demuxer=self.film.demuxer,
            film_hz=self.film.hz,
            film_px=(self.film.width_px, self.film.height_px),
            slots=attempt.slots,
            form=self.form,
            quality=quality,
            threads=self._runner.threads,
            target=half.name,
        )
        self._run(argv, attempt)
        return half.rename(path)

    def _run(self, argv: Sequence[str], attempt: Attempt) -> None:
        pictures = len(self.film.at) + (attempt.slots.count if attempt.slots else 0)
        limit_s = time_limit_s(pictures, self.film.width_px * self.film.height_px)
        self._runner.run(argv, what=f"the smaller {self.form.kind} file", timeout_s=limit_s)

    def _write_chapters(self, chapters: Sequence[Chapter]) -> str | None:
        if not chapters:
            return None
        path = self._runner.work_dir / "chapters.ffmeta"
        path.write_text(ffmetadata(chapters), "utf-8")
        return path.name

    def _slots(self, quality: Quality) -> Slots | None:
        film, form = self.film, self.form
        if form.kind == "mp4" and quality.gap == self.best.gap:
            return None
        hz = form.ticks_per_s(self.plan)
        end = to_ticks(film.end, film.hz, hz)
        last = max(0, end - form.last_gap) // quality.gap
        return Slots(hz, quality.gap, last + 1, last * quality.gap * film.hz // hz, form.longest)

    def _same_size(self, quality: Quality) -> bool:
        return (quality.width_px, quality.height_px) == (self.film.width_px, self.film.height_px)
