"""The poster: the one picture that tells what the clip is about."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from renderer.encode import look
from renderer.encode.timing import Shown

# Candidates are found by the size of their PNG, which costs nothing; only these are opened (15 ms each at 1280x720).
CANDIDATES = 12
# A picture shown this long is a state that a person saw, not a moment of a transition.
SETTLED_S = 1.0


@dataclass(frozen=True, slots=True)
class Choice:
    """`flat`: no picture with anything in it was found."""

    picture: Shown
    flat: bool


def choose(shown: Sequence[Shown], end: int, fps: int, hint: int | None = None) -> Choice:
    """The picture with the most drawn in it, settled ones first; the earlier of equals. `hint` is an output frame: the
    picture shown then is taken unless it is flat.
    """
    if hint is not None:
        hinted = [picture for picture in shown if picture.at <= hint][-1:] or [shown[0]]
        if not look.is_flat(look.seen(hinted[0])):
            return Choice(hinted[0], flat=False)
    lengths = [after - picture.at for picture, after in zip(shown, [*(s.at for s in shown[1:]), end], strict=True)]
    weights = [0.25 + 0.75 * min(1.0, length / fps / SETTLED_S) for length in lengths]
    by_bytes = sorted(
        range(len(shown)), key=lambda number: (-shown[number].path.stat().st_size * weights[number], number)
    )
    best, best_score = by_bytes[0], 0.0
    for number in sorted(by_bytes[:CANDIDATES]):
        image = look.seen(shown[number])
        score = 0.0 if look.is_flat(image) else 1e-6 + look.detail(image) * weights[number]
        if score > best_score:
            best, best_score = number, score
    return Choice(shown[best], flat=best_score == 0.0)


def write(picture: Shown, target: Path) -> tuple[int, int]:
    """Write the poster as an RGB PNG without metadata; width and height. Captured PNGs are packed for speed: packed again
    at zlib's 9 they take about a third.
    """
    image = look.seen(picture)
    image.save(target, format="PNG", compress_level=9)
    return image.size
