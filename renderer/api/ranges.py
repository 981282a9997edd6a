"""`Range` (RFC 9110, section 14), as far as files are asked for in parts: one range of bytes."""

import re
from typing import Final

_ONE: Final = re.compile(r"bytes\s*=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


class UnsatisfiableError(Exception):
    """Nothing of the file is in the range."""


def parse_range(header: str | None, size_bytes: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for all of it.

    A header that is no range, is in other units or asks for several is passed over, as a server may. Raises UnsatisfiableError.
    """
    match = _ONE.fullmatch(header or "")
    if match is None or not (match[1] or match[2]):
        return None
    if not match[1]:
        length = min(int(match[2]), size_bytes)
        if length == 0:
            raise UnsatisfiableError
        return size_bytes - length, size_bytes
    first = int(match[1])
    last = int(match[2]) if match[2] else size_bytes - 1
    if match[2] and last < first:
        return None
    if first >= size_bytes:
        raise UnsatisfiableError
    return first, min(last + 1, size_bytes)
