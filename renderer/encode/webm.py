"""The length in a WebM's header."""

import struct
from pathlib import Path

from renderer.errors import EncodeError

# Matroska: the Duration element (0x4489) as a float of 8 bytes, in units of TimestampScale, which ffmpeg writes as 1 ms.
_DURATION = b"\x44\x89\x88"
_HEADER_BYTES = 4096


def set_duration(path: Path, duration_ms: float) -> None:
    """ffmpeg guesses how long the last picture of a copied VP9 stream is shown from the ones before; players take the
    header's length for the clip's.
    """
    with path.open("r+b") as file:
        at = file.read(_HEADER_BYTES).find(_DURATION)
        if at < 0:
            raise EncodeError("verification_failed", "the webm file has no length in its header")
        file.seek(at + len(_DURATION))
        file.write(struct.pack(">d", duration_ms))
