"""The frozen plan of a clip: which session time is shown when, at what size and rate. Its digest is the cache key."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stretch:
    """Session time `from_ms` ≤ t < `to_ms`, shown at `speed` session seconds per video second.

    Consecutive stretches follow one another in the video; a hole between one's `to_ms` and the next's `from_ms` is skipped
    time.
    """

    from_ms: int
    to_ms: int
    speed: float
    idle: bool = False

    @property
    def video_ms(self) -> float:
        return (self.to_ms - self.from_ms) / self.speed


@dataclass(frozen=True, slots=True)
class Skip:
    """Output frames `first` ≤ k < `end` say that `skipped_ms` of session time were left out just before `first`."""

    first: int
    end: int
    skipped_ms: int


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """Output frames `first` up to but not including `end`: the unit of capture, of encoding and of retry."""

    number: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Everything that decides what the pictures look like. Output frame k (of `frame_count`) is shown at k / fps s.

    The session time of frame k comes from `renderer.plan.clock.SessionClock`. `digest` is the SHA-256 (hex) of all
    other fields, of the recording's id and of the versions that draw: equal digests mean equal pictures.
    """

    recording_id: str
    window_id: str
    from_ms: int
    to_ms: int
    stretches: tuple[Stretch, ...]
    skips: tuple[Skip, ...]
    segments: tuple[SegmentPlan, ...]
    frame_count: int
    fps: int
    width_px: int
    height_px: int
    overlays: frozenset[str]
    digest: str

    @property
    def duration_ms(self) -> int:
        return round(self.frame_count * 1000 / self.fps)
