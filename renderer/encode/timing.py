"""Which picture is shown from when, in whole ticks of any clock, and how ffmpeg is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture at `path` is shown from tick `at` until the next one's. `index` is the output frame it was taken for."""

    at: int
    path: Path
    index: int


def limit_rate(shown: Sequence[Shown], end: int, gap: int, last_gap: int = 1) -> list[Shown]:
    """Leave pictures out so that neighbours stand at least `gap` ticks apart; nothing is ever shown early.

    A change after a quiet time keeps its own tick; in a burst the newest picture is shown as soon as `gap` allows. The
    last picture is what the viewer is left with, so it is kept even when less than `gap` (but at least `last_gap`) is left
    for it before `end`; with less than that it takes its forerunner's place.
    """
    kept = [shown[0]]
    for number, picture in enumerate(shown[1:], start=1):
        at = max(picture.at, kept[-1].at + gap)
        last = number == len(shown) - 1
        if not last and shown[number + 1].at <= at:
            continue
        if at + last_gap > end:
            at = max(min(picture.at, end - last_gap), kept[-1].at + last_gap)
        if at + last_gap > end:
            kept[-1] = Shown(kept[-1].at, picture.path, picture.index)
        else:
            kept.append(Shown(at, picture.path, picture.index))
    return kept


def pts_expression(ticks: Sequence[int]) -> str:
    """An ffmpeg expression that turns N, the number of a frame from 0, into `ticks[N]`.

    Frames one tick apart form one run, and the runs are found by halving: the expression stays some 20 bytes a run and
    log2(runs) deep (ffmpeg refuses expressions more than 100 deep). Unlike the durations of an ffconcat list it is exact
    at every rate: those are microseconds, and the list opens and decodes every PNG twice (3 ms of CPU each at 1280x720).
    """
    runs: list[tuple[int, int]] = []
    for number, tick in enumerate(ticks):
        if not runs or runs[-1][1] != tick - number:
            runs.append((number, tick - number))
    return f"N+{_halved(runs)}"


def _halved(runs: Sequence[tuple[int, int]]) -> str:
    if len(runs) == 1:
        return str(runs[0][1])
    middle = len(runs) // 2
    return f"if(lt(N,{runs[middle][0]}),{_halved(runs[:middle])},{_halved(runs[middle:])})"


def timescale(fps: int) -> int:
    """Ticks a second of an MP4 track in which every k / fps is a whole tick; 90,000 (MPEG's own) wherever that holds."""
    return 90_000 if 90_000 % fps == 0 else fps * 10_000


def microseconds(tick: int, rate: int) -> int:
    """`tick` / `rate` seconds, rounded once, so that sums of differences never drift."""
    return (tick * 2_000_000 + rate) // (2 * rate)
