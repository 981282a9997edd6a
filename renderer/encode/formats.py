"""The three formats: their clocks, what ffmpeg is told for each, and how good the best and the smallest are."""

from dataclasses import dataclass
from typing import Any, Literal

from renderer.plan.model import ClipPlan


@dataclass(frozen=True, slots=True)
class Quality:
    """One step between best and smallest. `level` is the crf of a film and the number of colours of a GIF; `gap` is the
    least distance between two pictures in ticks of the format's clock; the size is the file's own.
    """

    level: int
    gap: int
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Format:
    """A file is made of pieces, one per captured segment, each encoded in the background.

    `codec` and `pix_fmt` are what ffprobe must find. `piece_options` encode a piece, which is an MP4 whatever the codec: its
    clock holds every k / fps exactly. `levels` go from best to smallest, `level_shares` are the bytes that each takes of the
    best's; each of `lower_rates_hz` takes `rate_share` of those before, and a side of share s takes s ** `size_power` (see
    `ladder`). `tick_hz` is the clock in which pictures are placed (None: the plan's fps). `last_gap` is the shortest, and
    `longest` the longest, time in ticks that the file can show a picture; with `repeat_last` the last picture comes again one
    tick before the end, because the container does not say how long it is shown.

    `floor_db` is the least likeness to its source that a decoded picture must have at the best quality, and half of it below
    that: pages are at 48 dB in a film and 33 in a GIF, coloured noise at 24, another page at 9 to 15; the smallest MP4 of a
    page is at 23, of noise at 19.
    """

    kind: Literal["mp4", "webm", "gif"]
    codec: str
    pix_fmt: str
    levels: tuple[int, ...]
    level_shares: tuple[float, ...]
    level_says: str
    lower_rates_hz: tuple[float, ...]
    rate_share: float
    size_power: float
    piece_options: tuple[tuple[str, Any], ...]
    floor_db: float
    tick_hz: int | None = None
    last_gap: int = 1
    longest: int | None = None
    repeat_last: bool = False
    max_side_px: int | None = None

    def ticks_per_s(self, plan: ClipPlan) -> int:
        return self.tick_hz or plan.fps

    def best(self, plan: ClipPlan) -> Quality:
        width, height = plan.width_px, plan.height_px
        if self.max_side_px is not None:
            factor = min(1.0, self.max_side_px / max(width, height))
            return Quality(self.levels[0], GIF_GAP, max(1, round(width * factor)), max(1, round(height * factor)))
        return Quality(self.levels[0], 1, width + width % 2, height + height % 2)


_BT709 = (
    ("colorspace", "bt709"),
    ("color_primaries", "bt709"),
    ("color_trc", "bt709"),
    ("color_range", "tv"),
    ("pix_fmt", "yuv420p"),
)

# Measured in docs/encoding.md: slower presets save 5% for half as much CPU again, superfast costs 18% more bytes.
MP4 = Format(
    kind="mp4",
    codec="h264",
    pix_fmt="yuv420p",
    # At crf 44 and full size a page can still be read, better than at crf 32 and half the size, which takes as many bytes.
    levels=(20, 23, 26, 29, 32, 35, 38, 41, 44),
    level_shares=tuple(2 ** (-step / 4) for step in range(9)),
    level_says="crf",
    lower_rates_hz=(12.5, 6),
    rate_share=0.9,
    size_power=1.3,
    piece_options=(("c:v", "libx264"), ("preset", "veryfast"), ("bf", 0), *_BT709),
    floor_db=20,
)

# Without `deadline realtime`, `cpu-used 5` and `row-mt` libvpx encodes a few frames a second; `b:v 0` leaves crf alone to decide.
# `tune-content screen` saves a quarter and looks better.
WEBM = Format(
    kind="webm",
    codec="vp9",
    pix_fmt="yuv420p",
    levels=(26, 31, 36, 41, 46, 51, 57, 63),
    level_shares=tuple(2 ** (-step / 4) for step in range(8)),
    level_says="crf",
    lower_rates_hz=(12.5, 6),
    rate_share=0.9,
    size_power=1.3,
    piece_options=(
        ("c:v", "libvpx-vp9"),
        ("b:v", 0),
        ("deadline", "realtime"),
        ("cpu-used", 5),
        ("row-mt", 1),
        ("lag-in-frames", 0),
        ("tune-content", "screen"),
        *_BT709,
    ),
    floor_db=20,
    repeat_last=True,
)

# GIF time is in hundredths of a second; browsers stretch delays under two of them to ten, and a delay has 16 bits.
GIF_HZ = 100
GIF_GAP = 8
GIF = Format(
    kind="gif",
    codec="gif",
    pix_fmt="bgra",
    levels=(256, 128, 64, 32),
    level_shares=(1.0, 0.83, 0.75, 0.63),
    level_says="colours",
    lower_rates_hz=(8, 5, 3),
    rate_share=0.85,
    size_power=1.7,
    # Lossless and small: the palette is made from, and the pictures read from, these instead of twice from the PNGs.
    piece_options=(("c:v", "libx264rgb"), ("preset", "ultrafast"), ("qp", 0), ("pix_fmt", "rgb24")),
    floor_db=20,
    tick_hz=GIF_HZ,
    last_gap=2,
    longest=60_000,
    max_side_px=800,
)

FORMATS: dict[str, Format] = {form.kind: form for form in (MP4, WEBM, GIF)}
