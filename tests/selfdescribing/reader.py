"""Reading the clock face of a Session from pictures and from files that ffmpeg can decode."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from PIL import Image

from tests.selfdescribing.clockface import ROWS
from tests.selfdescribing.session import Session
from tests.selfdescribing.timecode import UnreadableError, read_time


@dataclass(frozen=True)
class Eye:
    """Where the clock face of a recorded window lies in pictures of `width` x `height`: scaled to fit, letterboxed."""

    cell_px: float
    row_px: float
    left: float
    top: float

    @classmethod
    def of(cls, session: Session, width: int, height: int) -> "Eye":
        scale = min(width / session.width, height / session.height)
        left, top = round((width - session.width * scale) / 2), round((height - session.height * scale) / 2)
        return cls(session.face.cell_px * scale, session.face.row_px * scale, left, top)

    def read(self, picture: Image.Image) -> int:
        """The time that all three rows show."""
        times = [
            read_time(picture, self.cell_px, self.row_px, left=self.left, top=self.top + number * self.row_px)
            for number in range(len(ROWS))
        ]
        if len(set(times)) != 1:
            raise UnreadableError(f"the rows show different times: {dict(zip(ROWS, times, strict=True))}")
        return times[0]


@dataclass(frozen=True)
class Shown:
    """A picture of a file and the video time, in seconds, from which it is shown."""

    at_s: Fraction
    picture: Image.Image


def pictures_of(path: Path) -> Iterator[Shown]:
    """Every picture that is in the file, in order."""
    command = ["ffprobe", "-v", "error", "-select_streams", "v", "-of", "json", "-show_entries"]
    entries = "stream=width,height,time_base:packet=pts"
    said = subprocess.run([*command, entries, str(path)], check=True, capture_output=True).stdout
    probed = json.loads(said)
    stream = probed["streams"][0]
    size = (int(stream["width"]), int(stream["height"]))
    base = Fraction(stream["time_base"])
    pts = sorted(int(packet["pts"]) for packet in probed["packets"])
    raw = [
        "ffmpeg",
        "-v",
        "error",
        "-i",
        str(path),
        "-fps_mode",
        "passthrough",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-",
    ]
    decoded = subprocess.run(raw, check=True, capture_output=True).stdout
    length = size[0] * size[1] * 3
    assert len(decoded) == length * len(pts), f"{len(decoded) / length} pictures decoded, {len(pts)} in the file"
    for number, at in enumerate(pts):
        picture = Image.frombytes("RGB", size, decoded[number * length : (number + 1) * length])
        yield Shown(at * base, picture)


def frames_of(path: Path, fps: int, count: int) -> list[Image.Image]:
    """The picture that a viewer sees at each output frame of a clip: the newest that began at or before k / fps."""
    shown = list(pictures_of(path))
    frames = []
    current = -1
    for frame in range(count):
        while current + 1 < len(shown) and shown[current + 1].at_s <= Fraction(frame, fps):
            current += 1
        assert current >= 0, f"nothing is shown at frame {frame}"
        frames.append(shown[current].picture)
    return frames
