"""How deep JSON nests: every parser in Python counts levels against one limit, the interpreter's on recursion."""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_ALL_BUT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")


def nests_deeper(raw: bytes | memoryview, levels: int) -> bool:
    """Whether a JSON value has more than `levels` lists and objects around one another."""
    if len(raw) <= 2 * levels:
        return False
    text = bytes(raw)
    if text.count(b"[") + text.count(b"{") <= levels:
        return False
    brackets = _STRING.sub(b"", text).translate(_ONE_KIND, _ALL_BUT_BRACKETS)
    for _ in range(levels):  # each round takes the innermost level away
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True


_depth_lock = threading.Lock()
_depth_users = 0
_depth_before = 0


@contextmanager
def json_depth(levels: int) -> Iterator[None]:
    """JSON may nest `levels` deep inside: the parsers count Python's recursion limit, 1000 by default.

    The limit is the interpreter's, so users are counted, and the last one out puts it back.
    """
    global _depth_users, _depth_before  # noqa: PLW0603  (the limit itself is global)
    with _depth_lock:
        if _depth_users == 0:
            _depth_before = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_depth_before, levels))
        _depth_users += 1
    try:
        yield
    finally:
        with _depth_lock:
            _depth_users -= 1
            if _depth_users == 0:
                sys.setrecursionlimit(_depth_before)
