"""How good a file is to be, and what ffmpeg is told for each format."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from renderer.encode.timing import timescale
from renderer.plan.model import ClipPlan


@dataclass(frozen=True, slots=True)
class Quality:
    """One step between best and smallest: `crf` is the encoder's own scale, `gap` the least distance between two
    pictures in output frames (1: every change is shown), the size is what is encoded.
    """

    crf: int
    gap: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Video:
    """A format whose segments are encoded one by one and joined without encoding again."""

    kind: Literal["mp4", "webm"]
    muxer: str
    suffix: str
    codec: str
    best_crf: int
    worst_crf: int
    options: tuple[tuple[str, Any], ...]

    def output_options(self, quality: Quality) -> dict[str, Any]:
        return dict(self.options) | {"crf": quality.crf}

    def ticks_per_s(self, fps: int) -> int:
        """Ticks a second in the joined file."""
        return timescale(fps) if self.kind == "mp4" else 1000


_COLOURS = {
    "colorspace": "bt709",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "color_range": "tv",
    "pix_fmt": "yuv420p",
}

MP4 = Video(
    kind="mp4",
    muxer="mp4",
    suffix=".mp4",
    codec="h264",
    best_crf=20,
    worst_crf=38,
    options=tuple(({"c:v": "libx264", "preset": "veryfast", "bf": 0} | _COLOURS).items()),
)

# Without `-deadline realtime -cpu-used 5 -row-mt 1` libvpx encodes a few frames a second; `-b:v 0` makes crf the only rule.
WEBM = Video(
    kind="webm",
    muxer="webm",
    suffix=".webm",
    codec="vp9",
    best_crf=24,
    worst_crf=58,
    options=tuple(
        (
            {"c:v": "libvpx-vp9", "b:v": 0, "deadline": "realtime", "cpu-used": 5, "row-mt": 1, "lag-in-frames": 0}
            | _COLOURS
        ).items()
    ),
)

VIDEOS: dict[str, Video] = {video.kind: video for video in (MP4, WEBM)}


def best_quality(video: Video, plan: ClipPlan) -> Quality:
    """Every change, at full size; odd sides made even."""
    return Quality(video.best_crf, 1, plan.width_px + plan.width_px % 2, plan.height_px + plan.height_px % 2)


def scaled(quality: Quality, factor: float) -> Quality:
    """The size times `factor`, both sides even."""
    return replace(quality, width_px=_even(quality.width_px * factor), height_px=_even(quality.height_px * factor))


def _even(value: float) -> int:
    return max(2, 2 * round(value / 2))
