"""Session time as black and white cells: painted by a recorded page, read back from any picture of it.

A row is 2 reference cells (black, white), 24 bits of the time in milliseconds and 4 bits of check, the most significant first.
"""

from PIL import Image, ImageStat

BITS = 24
CHECK_BITS = 4
CELLS = 2 + BITS + CHECK_BITS
_LEAST_CONTRAST = 120


class UnreadableError(AssertionError):
    """The picture holds no valid time where one was expected."""


def cells_of(time_ms: int) -> list[bool]:
    """True is black."""
    if not 0 <= time_ms < 1 << BITS:
        raise ValueError(f"{time_ms} ms does not fit into {BITS} bits")
    value = time_ms << CHECK_BITS | _check(time_ms)
    return [True, False, *(bool(value >> bit & 1) for bit in reversed(range(BITS + CHECK_BITS)))]


def read_cells(cells: list[bool]) -> int:
    value = 0
    for cell in cells[2:]:
        value = value << 1 | cell
    time_ms, check = value >> CHECK_BITS, value & (1 << CHECK_BITS) - 1
    if check != _check(time_ms):
        raise UnreadableError(f"check of {time_ms} ms is {check} instead of {_check(time_ms)}")
    return time_ms


def read_time(picture: Image.Image, cell_px: float, row_px: float, *, left: float = 0, top: float = 0) -> int:
    """The time in the row whose first cell has its corner at (`left`, `top`); sizes are those in the picture."""
    grey = picture.convert("L")
    levels = []
    for number in range(CELLS):
        # The middle half of a cell: scaling and compression blur its edges.
        x, y = left + (number + 0.25) * cell_px, top + 0.25 * row_px
        box = (round(x), round(y), max(round(x) + 1, round(x + cell_px / 2)), max(round(y) + 1, round(y + row_px / 2)))
        part = grey.crop(box)
        levels.append(ImageStat.Stat(part).mean[0])
    black, white = levels[:2]
    if white - black < _LEAST_CONTRAST:
        raise UnreadableError(f"reference cells are {black:.0f} and {white:.0f}")
    return read_cells([level < (black + white) / 2 for level in levels])


def _check(time_ms: int) -> int:
    """So that neither an all-black nor an all-white row is valid, and one wrong cell is noticed."""
    check = 0b1010
    for shift in range(0, BITS, 4):
        check ^= time_ms >> shift & 0xF
        check = (check << 1 | check >> 3) & 0xF
    return check
