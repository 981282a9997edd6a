"""Which picture is shown from when, in whole ticks of any clock, and how ffmpeg is told."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from renderer.frames import Sprite


@dataclass(frozen=True, slots=True)
class Shown:
    """The picture at `path` with `sprites` over it is shown from tick `at` until the next one's. `index` is the output frame it was
    taken for.
    """

    at: int
    path: Path
    index: int
    sprites: tuple[Sprite, ...] = ()


def to_ticks(index: int, fps: int, hz: int) -> int:
    """When output frame `index` begins, in ticks of a clock of `hz`, rounded once: times never drift."""
    return (2 * index * hz + fps) // (2 * fps)


def limit_rate(shown: Sequence[Shown], end: int, gap: int, last_gap: int = 1) -> list[Shown]:
    """Leave pictures out so that neighbours stand at least `gap` ticks apart; none is shown before its time.

    A change after a quiet time keeps its own tick; in a burst the newest picture is shown as soon as `gap` allows. The
    last picture is what the viewer is left with: it is kept with `last_gap` in place of `gap` when there is no more room
    before `end`, and takes its forerunner's place when there is not even that.
    """
    kept = [shown[0]]
    for number, picture in enumerate(shown[1:], start=1):
        at = max(picture.at, kept[-1].at + gap)
        if number < len(shown) - 1 and shown[number + 1].at <= at:
            continue
        if at + last_gap > end:
            at = max(min(picture.at, end - last_gap), kept[-1].at + last_gap)
        if at + last_gap > end:
            kept[-1] = replace(picture, at=kept[-1].at)
        else:
            kept.append(replace(picture, at=at))
    return kept


def repeat_long(shown: Sequence[Shown], end: int, longest: int) -> list[Shown]:
    """Pictures shown for more than `longest` ticks, again every `longest`: a GIF cannot say more than 655 s at once."""
    repeated = []
    for picture, until in zip(shown, [*(after.at for after in shown[1:]), end], strict=True):
        repeated += [replace(picture, at=at) for at in range(picture.at, max(until, picture.at + 1), longest)]
    return repeated


def pts_expression(ticks: Sequence[int]) -> str:
    """An ffmpeg expression for `setpts` that turns PTS, the number of a picture from 0, into `ticks[PTS]`. (Not N: ffmpeg counts
    anew when a picture is RGBA after one that was RGB.)

    Frames one tick apart form one run, and the runs are found by halving: the expression stays some 20 bytes a run and
    log2(runs) deep (ffmpeg refuses expressions more than 100 deep). Unlike the durations of an ffconcat list it is exact
    at every rate: those are microseconds, and the list opens and decodes every PNG twice (3 ms of CPU each at 1280x720).
    """
    return f"PTS+{_halved('PTS', _runs([tick - number for number, tick in enumerate(ticks)]))}"


def place_expression(places: Sequence[int], hz: int) -> str:
    """An ffmpeg expression for `overlay` that gives `places[n]` for picture n, which stands at n / `hz` s."""
    return _halved("t", [(f"{(number - 0.5) / hz:.6g}", place) for number, place in _runs(places)])


def _runs(values: Sequence[int]) -> list[tuple[int, int]]:
    """Number and value of each that is unlike the one before."""
    return [(number, value) for number, value in enumerate(values) if number == 0 or values[number - 1] != value]


def _halved(variable: str, runs: Sequence[tuple[int | str, int]]) -> str:
    if len(runs) == 1:
        return str(runs[0][1])
    middle = len(runs) // 2
    before, after = _halved(variable, runs[:middle]), _halved(variable, runs[middle:])
    return f"if(lt({variable},{runs[middle][0]}),{before},{after})"


def timescale(rate: int) -> int:
    """Ticks a second of an MP4 track in which every k / rate is a whole tick; 90,000 (MPEG's own) wherever that holds."""
    return 90_000 if 90_000 % rate == 0 else rate * 10_000


def ffconcat(pieces: Sequence[tuple[str, int, int]], hz: int) -> str:
    """The list that joins files: name, first tick and end tick of each. Times are rounded to the microseconds of the list
    before they are subtracted: rounded durations would add up to a wrong tick after some hundred pieces.
    """
    lines = ["ffconcat version 1.0"]
    for name, first, end in pieces:
        length_us = to_ticks(end, hz, 1_000_000) - to_ticks(first, hz, 1_000_000)
        lines += [f"file {name}", f"duration {length_us // 1_000_000}.{length_us % 1_000_000:06d}"]
    return "\n".join(lines) + "\n"
