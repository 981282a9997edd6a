"""Events as JSON strings: what rrweb's `pack` makes of one (@rrweb/packer), and events that are JSON inside of JSON.

`pack` deflates an event's JSON (zlib) and makes each byte a character; rrweb 0.x did the same with pako. Amplitude's SDK
before 1.36 writes that string as JSON once more, and later ones do not compress.
"""

import re

import msgspec
from msgspec import Raw

from renderer.notices import Notices
from renderer.recording.decode import text
from renderer.recording.decode.inflater import DamagedError, Inflater
from renderer.recording.limits import Limits

# An object's start, or "x" and the second byte of zlib's header at any level, as UTF-8 or escaped. Neither is a window's name.
_EVENT = re.compile(
    rb'[ \t\r\n]*"(?:\{(?:\\"|\})|(?:\\")?x(?:\xc2\x9c|\xc3\x9a|\^|\\{1,2}u(?:009[cC]|00[dD][aA]|0001|005[eE])))'
)


def is_packed(value: bytes | memoryview | Raw) -> bool:
    """Whether a JSON string may hold an event."""
    return _EVENT.match(value) is not None


class Packed:
    """Opens the packed events of one recording. `inflated`: some were compressed."""

    def __init__(self, name: str, limits: Limits, notices: Notices) -> None:
        self._notices = notices
        self._inflater = Inflater(name, "events", limits)
        self.inflated = False

    def open(self, value: bytes | memoryview | Raw) -> bytes | None:
        """The event's JSON; None, and counted, for one that is damaged. Raises RecordingError as `Inflater` does.

        Raises msgspec.DecodeError when `value` is not JSON.
        """
        letters = msgspec.json.decode(value, type=str)
        try:
            if letters.startswith("{"):
                opened = letters.encode()
            else:
                if letters.startswith('"'):
                    letters = msgspec.json.decode(letters, type=str)
                opened, _ = self._inflater.inflate((letters.encode("latin-1"),))
                self.inflated = True
        except (UnicodeEncodeError, msgspec.DecodeError, DamagedError):
            opened = b""
        json = text.parseable(text.well_formed_utf8(opened, self._notices), self._notices) if opened else None
        if json is None:
            self._notices.add("damaged_events", "packed events that are damaged were dropped")
        return json
