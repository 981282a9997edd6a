"""Compressed pieces inside of a recording's text: zlib and gzip, with one bound for all of them."""

import zlib
from collections.abc import Iterable

from renderer.errors import RecordingError
from renderer.recording.limits import MIB, Limits

_STEP_BYTES = 16 * MIB


class DamagedError(ValueError):
    """Not zlib or gzip, or not whole."""


class Inflater:
    """Of one recording. `what`: the pieces, in messages."""

    def __init__(self, name: str, what: str, limits: Limits) -> None:
        self._name = name
        self._what = what
        self._limits = limits
        self._in_bytes = 0
        self._out_bytes = 0

    def inflate(self, pieces: Iterable[bytes]) -> tuple[bytes, bytes]:
        """The text, and what of the last piece comes after the compressed data.

        Raises DamagedError, and RecordingError recording_too_large and compression_bomb.
        """
        inflater = zlib.decompressobj(wbits=47)  # either of the two
        text = []
        try:
            for piece in pieces:
                self._in_bytes += len(piece)
                data = piece
                while True:
                    text.append(self._counted(inflater.decompress(data, _STEP_BYTES)))
                    data = inflater.unconsumed_tail
                    if inflater.eof or (not data and len(text[-1]) < _STEP_BYTES):
                        break
                if inflater.eof:
                    return b"".join(text), inflater.unused_data
        except zlib.error as error:
            raise DamagedError from error
        raise DamagedError

    def _counted(self, text: bytes) -> bytes:
        limits = self._limits
        self._out_bytes += len(text)
        if self._out_bytes > limits.text_bytes:
            raise RecordingError(
                "recording_too_large",
                f"the compressed {self._what} of {self._name} inflate to more than {limits.text_bytes >> 20} MiB; cut it into parts",
            )
        if self._out_bytes > limits.ratio_grace_bytes and self._out_bytes > limits.ratio * self._in_bytes:
            raise RecordingError(
                "compression_bomb",
                f"the compressed {self._what} of {self._name} inflate to more than {limits.ratio} times their size, which no"
                " recording does; it is not read any further",
            )
        return text
