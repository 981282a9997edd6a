"""Small recordings whose pictures tell the session time by their colour, and how to read it back from a file."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.unit.recordings import Json, full, meta, mutation

STAGE = 40
"""Id of the element that fills the page."""

RED, GREEN, BLUE = (200, 0, 0), (0, 160, 0), (0, 0, 220)
WIDTH_PX, HEIGHT_PX = 640, 360


def css(colour: tuple[int, int, int]) -> str:
    # The second colour keeps the picture from being flat, which no clip may be.
    return f"position:fixed;inset:0;background:linear-gradient(90deg,rgb{colour} 80%,#fff 80%)"


def page(at_ms: int, colour: tuple[int, int, int] = RED) -> Json:
    stage = {"type": 2, "tagName": "div", "attributes": {"style": css(colour)}, "childNodes": [], "id": STAGE}
    return full(at_ms, [stage])


def paint(at_ms: int, colour: tuple[int, int, int], node: int = STAGE) -> Json:
    return mutation(at_ms, attributes=[{"id": node, "attributes": {"style": css(colour)}}])


def session() -> list[Json]:
    """Red for 400 ms, then green until 800 ms, then blue until the end at 1200 ms."""
    return [
        meta(0, WIDTH_PX, HEIGHT_PX),
        page(0),
        paint(400, GREEN),
        paint(800, BLUE),
        mutation(1200, texts=[{"id": 4040, "value": "x"}]),
    ]


def colours(video: Path, fps: int = 25) -> list[tuple[int, int, int]]:
    """What every output frame shows in the middle of its left half, as the nearest of the three colours."""
    # WebM does not say how long its last picture is shown; the file's length does, which ffmpeg's fps filter does not look at.
    asked = ["-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(video)]
    length = subprocess.run(["ffprobe", *asked], capture_output=True, check=True, text=True).stdout.strip()
    graph = f"fps={fps},trim=end={length},crop=2:2:iw/4:ih/2,scale=1:1"
    command = ["ffmpeg", "-v", "error", "-i", str(video), "-vf", graph]
    raw = subprocess.run([*command, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True).stdout
    return [nearest(raw[start : start + 3]) for start in range(0, len(raw), 3)]


def nearest(seen: Sequence[int]) -> tuple[int, int, int]:
    def distance(colour: tuple[int, int, int]) -> int:
        return sum(abs(a - b) for a, b in zip(seen, colour, strict=True))

    best = min((RED, GREEN, BLUE), key=distance)
    assert distance(best) < 60, f"{tuple(seen)} is none of the colours"
    return best
