"""Which bytes of a file are asked for."""

from renderer.errors import RequestError


def check_range(name: str, size_bytes: int, start: int, end: int | None) -> int:
    """The end that a range has in a file of that size. Raises RequestError `bad_range` when it is outside."""
    last = size_bytes if end is None else min(end, size_bytes)
    if 0 <= start < last or (start == 0 and end is None):
        return last
    raise bad_range(name)


def bad_range(name: str) -> RequestError:
    return RequestError("bad_range", f"there is nothing of {name} in the range that was asked for; ask for less")
