"""What the clips of a batch are going to cost, before any of them is made."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from renderer.batch.index_model import ClipEntry

# Of the shipped sample, which is busier than most (docs/performance.md): 34 s of CPU for 73 s of video, 1.9 MB at 1280x720.
_CPU_S: Final = 0.47
_BYTES: Final = 26_000
_PIXELS: Final = 1280 * 720
# To start Chromium and to read the session once more.
_START_S: Final = 3.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """`video_s`: of all clips together, exact but for a frame each. `render_s`, `bytes`: about."""

    clips: int
    video_s: float
    render_s: float
    bytes: int


def estimate(clips: Iterable[ClipEntry]) -> Estimate:
    """Of those that still wait."""
    waiting = [clip for clip in clips if clip.status == "waiting"]
    video_s = sum((clip.duration_ms or 0) / 1000 for clip in waiting)
    size = sum((clip.duration_ms or 0) / 1000 * clip.width_px * clip.height_px / _PIXELS for clip in waiting)
    render_s = (size * _CPU_S + len(waiting) * _START_S) / (os.cpu_count() or 1)
    return Estimate(len(waiting), round(video_s, 1), round(render_s, 1), round(size * _BYTES))
