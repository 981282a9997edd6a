"""Pictures that carry their own number, clips made of them, and a reader that tells which picture a frame is."""

import hashlib
import itertools
import random
import subprocess
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PIL import Image, ImageDraw

from renderer.frames import CapturedSegment, Frame
from renderer.plan.model import ClipPlan, SegmentPlan

BITS = 12
WIDTH, HEIGHT = 320, 180


def numbered(number: int, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Image.Image:
    """White, with `number` as twelve black or white blocks in a row, black lines of "text" and a block that moves."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    cell = size[0] / (BITS + 2)
    draw.rectangle((0, 0, size[0], round(cell)), fill="#808080")
    for bit in range(BITS):
        colour = "black" if number >> bit & 1 else "white"
        draw.rectangle(
            (round(cell * (bit + 1)), round(cell * 0.1), round(cell * (bit + 2)) - 1, round(cell * 0.9)), fill=colour
        )
    for line in range(5):
        draw.text(
            (10, round(cell) + 20 + line * 16),
            f"line {line} of picture {number}, with text to keep sharp",
            fill="black",
        )
    left = 10 + number * 7 % (size[0] - 40)
    draw.rectangle((left, size[1] - 30, left + 20, size[1] - 10), fill="#2255cc")
    return image


def number_of(image: Image.Image) -> int:
    """The number painted by `numbered`, at any size."""
    cell = image.width / (BITS + 2)
    grey = image.convert("L").tobytes()
    row = round(cell / 2) * image.width
    value = 0
    for bit in range(BITS):
        value |= (grey[row + round(cell * (bit + 1.5))] < 128) << bit
    return value


def captured(
    folder: Path,
    cuts: Sequence[int],
    indices: Iterable[int],
    draw: Callable[[int], Image.Image] = numbered,
) -> list[CapturedSegment]:
    """Segments between neighbouring `cuts`; a picture for each output frame in `indices`, and at each cut."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = sorted({*indices, *cuts[:-1]})
    segments = []
    for number, (first, end) in enumerate(itertools.pairwise(cuts)):
        frames = []
        for index in (index for index in wanted if first <= index < end):
            path = folder / f"{index}.png"
            draw(index).save(path, compress_level=1)
            frames.append(Frame(index, index * 40, path, hashlib.sha256(path.read_bytes()).hexdigest()))
        segments.append(CapturedSegment(number, first, end, tuple(frames)))
    return segments


def plan_for(segments: Sequence[CapturedSegment], fps: int = 25, size: tuple[int, int] = (WIDTH, HEIGHT)) -> ClipPlan:
    return ClipPlan(
        recording_id="0" * 64,
        from_ms=0,
        to_ms=round(segments[-1].end * 1000 / fps),
        stretches=(),
        skips=(),
        shots=(),
        window_count=1,
        segments=tuple(SegmentPlan(s.number, s.first, s.end, "w") for s in segments),
        frame_count=segments[-1].end,
        fps=fps,
        width_px=size[0],
        height_px=size[1],
        overlays=frozenset(),
        digest="0" * 64,
    )


def some_indices(count: int, every: int, seed: int = 7) -> list[int]:
    """About one output frame in `every`, in bursts and gaps, and the last one."""
    chance = random.Random(seed)
    return [0, *(index for index in range(1, count - 1) if chance.random() < 1 / every), count - 1]


def decoded(path: Path, rate: int | None = None) -> list[Image.Image]:
    """All frames of a file, or what is on screen at every 1 / `rate` s from 0, as a player shows it."""
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=width,height", "-of", "csv=p=0", str(path)]
    width, height = (int(side) for side in subprocess.check_output(probe).split(b",")[:2])
    filters = [f"fps={rate}:round=down"] if rate else []
    if path.suffix != ".gif":
        filters.append("scale=in_color_matrix=bt709:in_range=tv:out_range=pc:flags=accurate_rnd+full_chroma_int")
    argv = ["ffmpeg", "-v", "error", "-i", str(path), "-vf", ",".join([*filters, "format=rgb24"])]
    raw = subprocess.check_output([*argv, "-fps_mode", "passthrough", "-f", "rawvideo", "-"])
    length = width * height * 3
    return [Image.frombytes("RGB", (width, height), raw[at : at + length]) for at in range(0, len(raw), length)]
