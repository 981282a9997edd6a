"""The captured PNG files as encoding sees them: checked when they arrive, laid out for ffmpeg when they are read."""

import itertools
import os
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

from renderer.encode.timing import Shown
from renderer.errors import EncodeError
from renderer.frames import CapturedSegment

# Linux allows 128 kB for an argument, and one holds the whole graph: a time takes some 30 bytes of it, a sprite's place twice as many.
MOST_TOLD_BYTES = 90_000
_TIME_BYTES = 30
_PLACE_BYTES = 60

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_END = b"IEND\xaeB`\x82"


def check_segment(segment: CapturedSegment, width_px: int, height_px: int, frame_count: int) -> None:
    """Refuse what would make a clip of the wrong length or size. A bug of ours if it ever happens: EncodeError."""
    indices = [frame.index for frame in segment.frames]
    well_ordered = all(a < b for a, b in itertools.pairwise(indices))
    if (
        not indices
        or indices[0] != segment.first
        or not well_ordered
        or indices[-1] >= segment.end
        or segment.first < 0
        or segment.end > frame_count
    ):
        raise EncodeError(
            "segment_inconsistent", f"segment {segment.number} does not hold the pictures of the frames it covers"
        )
    for frame in segment.frames:
        size = png_size(frame.path)
        if size != (width_px, height_px):
            found = f"{size[0]}x{size[1]} pixels" if size else "not a whole PNG"
            raise EncodeError(
                "picture_broken",
                f"the picture of output frame {frame.index} is {found}, not {width_px}x{height_px} pixels",
                retryable=True,
            )


def parts(segment: CapturedSegment) -> list[CapturedSegment]:
    """The segment, cut where what ffmpeg is told of its pictures would become too long for a command line."""
    cuts = [0]
    told = 0
    for number, (before, frame) in enumerate(itertools.pairwise(segment.frames), start=1):
        told += _TIME_BYTES * (frame.index != before.index + 1)
        told += _PLACE_BYTES * len(frame.sprites) * (frame.sprites != before.sprites)
        if told > MOST_TOLD_BYTES:
            cuts.append(number)
            told = 0
    firsts = [segment.frames[cut].index for cut in cuts]
    return [
        CapturedSegment(segment.number, first, end, segment.frames[cut:next_cut])
        for cut, next_cut, first, end in zip(
            cuts, [*cuts[1:], len(segment.frames)], firsts, [*firsts[1:], segment.end], strict=True
        )
    ]


def png_size(path: Path) -> tuple[int, int] | None:
    """Width and height from the header, or None when the file is missing, cut short or not a PNG."""
    try:
        with path.open("rb") as file:
            head = file.read(24)
            file.seek(-len(_END), os.SEEK_END)
            tail = file.read()
    except OSError:
        return None
    if len(head) < 24 or not head.startswith(_SIGNATURE) or head[12:16] != b"IHDR" or tail != _END:
        return None
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def lay_out(shown: Sequence[Shown], folder: Path) -> None:
    """Links 000000.png, 000001.png … in a fresh `folder`, in the order shown: the shape that ffmpeg reads fastest."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number, picture in enumerate(shown):
        (folder / f"{number:06d}.png").symlink_to(picture.path.resolve())
