"""The neutral box that stands for a picture that could not be had."""

import struct
import zlib
from typing import Final

# Light enough for dark text on a page whose background picture is missing, dark enough to be seen on white.
GREY: Final = 0xE2
CONTENT_TYPE: Final = "image/png"


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


# One opaque pixel of 8-bit grey; the page stretches it to the box that the recording gives.
BOX: Final = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(bytes([0, GREY])))
    + _chunk(b"IEND", b"")
)
