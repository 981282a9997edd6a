"""A file that comes in base64 inside of a JSON answer: read as it comes, so that no film is in memory three times."""

import base64
import re
from collections.abc import Callable, Iterator

_KEPT = 256


def base64_field(name: str) -> Callable[[Iterator[bytes]], Iterator[bytes]]:
    """What is in the string `name` of a JSON object; nothing where there is none. A quotation mark within other strings is escaped,
    so that none of them looks like the field.
    """
    opening = re.compile(rb'"%b"\s*:\s*"' % re.escape(name.encode()))

    def decode(blocks: Iterator[bytes]) -> Iterator[bytes]:
        for text in _unescaped(_between(blocks, opening)):
            yield base64.b64decode(text, validate=True)

    return decode


def _between(blocks: Iterator[bytes], opening: re.Pattern[bytes]) -> Iterator[bytes]:
    """Up to the closing quotation mark: base64 and its escapes have none."""
    head = b""
    for block in blocks:
        head += block
        if (found := opening.search(head)) is not None:
            head = head[found.end() :]
            break
        head = head[-_KEPT:]
    else:
        return
    while True:
        text, quote, _ = head.partition(b'"')
        yield text
        if quote:
            return
        try:
            head = next(blocks)
        except StopIteration:
            raise ValueError("the answer ends within a string") from None


def _unescaped(texts: Iterator[bytes]) -> Iterator[bytes]:
    """Without line ends, in pieces that are multiples of four characters."""
    left = b""
    for text in texts:
        left += text
        # An escape may be cut in two.
        end = len(left) - left.endswith(b"\\")
        ready = re.sub(rb"\\[rn]|[\r\n]", b"", left[:end]).replace(b"\\/", b"/")
        whole = len(ready) - len(ready) % 4
        yield ready[:whole]
        left = ready[whole:] + left[end:]
    if left:
        raise ValueError("base64 that is cut off")
