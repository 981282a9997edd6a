"""Pictures on their way from capture to encode: a variable frame rate all the way.

What moves most is not in the pictures: pointer and ripples are sprites, laid over a picture when it is read (`renderer.sprites`),
so that a frame in which nothing else moved costs no picture of the page.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

SpriteKind = Literal["arrow", "finger", "ring"]


@dataclass(frozen=True, slots=True)
class Sprite:
    """A pointer or one step of a click's ripple. `x_px`, `y_px`: where its hot spot lies in the picture, also a little outside.

    `scale` is 1 where the picture's overlays have the size they were designed in; `step` counts a ring's from 0.
    """

    kind: SpriteKind
    x_px: int
    y_px: int
    scale: float
    step: int = 0


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture, shown from output frame `index` (counted at the clip's fps from 0) until the next Frame's index.

    `session_ms` is the session time that the page reported when the picture was taken; `sha256` is of the PNG file, which
    several Frames may share. `sprites` lie over it, the last on top.
    """

    index: int
    session_ms: int
    path: Path
    sha256: str
    sprites: tuple[Sprite, ...] = ()

    @property
    def looks(self) -> tuple[str, tuple[Sprite, ...]]:
        """Frames with equal ones look alike, to the bit."""
        return self.sha256, self.sprites


@dataclass(frozen=True, slots=True)
class CapturedSegment:
    """Output frames `first` up to but not including `end`; `frames[0].index == first`, indices strictly increase.

    Neighbouring frames differ in content: a repeat is not stored, the frame before is shown longer.
    """

    number: int
    first: int
    end: int
    frames: tuple[Frame, ...]
