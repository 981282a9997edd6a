"""The elements of a JSON array one after another, for arrays too long to hold a list of."""

import re
from collections.abc import Iterator

import msgspec

_BLOCK = 1 << 20
_BETWEEN = re.compile(rb"[ \t\r\n,]*")
_TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
_CLOSE = b"]"[0]


def commas(view: memoryview) -> int:
    """How many commas a JSON text has: an array has at most one element more."""
    return sum(bytes(view[start : start + _BLOCK]).count(b",") for start in range(0, len(view), _BLOCK))


def walk(array: memoryview) -> Iterator[memoryview]:
    """Each element of a JSON array, trailing blanks included. Raises msgspec.DecodeError at once when it is not JSON.

    msgspec has no way to decode the first value of a text, but what it says of the rest tells where that value ended.
    """
    msgspec.json.decode(array, type=msgspec.Raw)
    position = 1
    while True:
        gap = _BETWEEN.match(array, position)
        position = gap.end() if gap else position
        if array[position] == _CLOSE:
            return
        end = position + _end_of_first(array[position:])
        yield array[position:end]
        position = end


def _end_of_first(text: memoryview) -> int:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        told = _TRAILING.search(str(error))
        if told is None:
            raise
        return int(told[1]) - 1
    return len(text)
