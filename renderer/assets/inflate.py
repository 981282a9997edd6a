"""Content-Encoding undone piece by piece, so that a small answer cannot become a big one in memory."""

import zlib

from renderer.assets.failure import FetchError

# gzip and deflate are what zlib can bound; the fetcher's Accept-Encoding asks for nothing else.
ACCEPT_ENCODING = "gzip, deflate"
_GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Inflater:
    """Takes the pieces of a body as they come and returns it whole. Raises FetchError "too_big" or "encoding"."""

    def __init__(self, encoding: str, max_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise FetchError("failed", "encoding")
        self._max_bytes = max_bytes
        self._body = bytearray()
        self._zlib: zlib._Decompress | None = None
        self._wbits = _GZIP_OR_ZLIB

    def feed(self, piece: bytes) -> int:
        """Returns how many bytes the piece became."""
        before = len(self._body)
        if self._encoding in ("", "identity"):
            self._body += piece
            self._check()
        else:
            self._inflate(piece)
        return len(self._body) - before

    def finish(self) -> bytes:
        if self._zlib is not None and not self._zlib.eof:
            raise FetchError("failed", "encoding")
        return bytes(self._body)

    def _inflate(self, piece: bytes) -> None:
        if self._zlib is None and self._encoding == "deflate" and (piece[:1] or b"\x78")[0] & 0x0F != 8:
            # "deflate" is zlib by the standard and raw deflate by the habit of some servers; zlib begins with x8.
            self._wbits = -zlib.MAX_WBITS
        while piece:
            if self._zlib is None or self._zlib.eof:
                # A gzip body may have several members, one after the other.
                self._zlib = zlib.decompressobj(self._wbits)
            room = self._max_bytes + 1 - len(self._body)
            try:
                self._body += self._zlib.decompress(piece, room)
            except zlib.error:
                raise FetchError("failed", "encoding") from None
            self._check()
            piece = self._zlib.unconsumed_tail or self._zlib.unused_data

    def _check(self) -> None:
        if len(self._body) > self._max_bytes:
            raise FetchError("refused", "too_big")
