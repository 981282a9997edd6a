"""Pictures on their way from capture to encode: a variable frame rate all the way."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture, shown from output frame `index` (counted at the clip's fps from 0) until the next Frame's index.

    `session_ms` is the session time that the page reported when the picture was taken; `sha256` is of the PNG file.
    """

    index: int
    session_ms: int
    path: Path
    sha256: str


@dataclass(frozen=True, slots=True)
class CapturedSegment:
    """Output frames `first` up to but not including `end`; `frames[0].index == first`, indices strictly increase.

    Neighbouring frames differ in content: a repeat is not stored, the frame before is shown longer.
    """

    number: int
    first: int
    end: int
    frames: tuple[Frame, ...]
