"""Bodies of answers, decompressed piece by piece, so that a small one cannot become a big one in memory."""

import zlib
from collections.abc import Iterator
from itertools import chain

from renderer.errors import SourceError
from renderer.sources.posthog.api.patience import AgainError

_PIECE_BYTES = 1 << 20
_GZIP = b"\x1f\x8b"


def sniffed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Servers of before 2025 hand a stored `blob` through as it lies in their bucket: gzip, without a word about it."""
    head = b""
    for piece in pieces:
        head += piece
        if len(head) >= len(_GZIP):
            break
    whole = chain((head,), pieces)
    yield from gunzipped(whole) if head.startswith(_GZIP) else whole


def gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    try:
        for piece in pieces:
            data = piece
            while data:
                if inflater.eof:  # a body may have several members
                    inflater = zlib.decompressobj(wbits=31)
                out = inflater.decompress(data, _PIECE_BYTES)
                yield out
                # All is taken in, and there may be more to come out of it.
                while len(out) == _PIECE_BYTES and not inflater.unconsumed_tail and not inflater.eof:
                    out = inflater.decompress(b"", _PIECE_BYTES)
                    yield out
                data = inflater.unconsumed_tail or inflater.unused_data
    except zlib.error:
        raise AgainError(broken_off()) from None
    if not inflater.eof:
        raise AgainError(broken_off())


def broken_off() -> SourceError:
    return SourceError(
        "posthog_broken_off", "PostHog broke an answer off in the middle, several times: try again", retryable=True
    )
