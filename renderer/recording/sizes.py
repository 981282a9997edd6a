"""A window's size as recorders write it, and what is believed of it."""

from typing import NamedTuple


class Size(NamedTuple):
    width_px: int
    height_px: int


def sane(width: object, height: object, limit_px: int) -> Size | None:
    """A size in whole CSS pixels, each side from 1 to `limit_px`; None for anything else."""
    sides = []
    for side in (width, height):
        if isinstance(side, bool) or not isinstance(side, int | float) or not 1 <= side <= limit_px:
            return None
        sides.append(round(side))
    return Size(*sides)
