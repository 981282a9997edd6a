"""The frozen plan of a clip: which session time is shown when, at what size and rate. Its digest is the cache key."""

from bisect import bisect_right
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
class Shot:
    """Output frames `first` ≤ k < `end` show window `window_id`, in session time `from_ms` ≤ t < `to_ms`.

    Shots follow one another without a hole, in frames and in session time, each of another window than the one before;
    the last one includes its end. `tab`: the window's place, from 1, among the recording's windows as they opened.
    """

    window_id: str
    tab: int
    from_ms: int
    to_ms: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class SegmentPlan:
    """Output frames `first` up to but not including `end`, of one shot: the unit of capture, of encoding and of retry."""

    number: int
    first: int
    end: int
    window_id: str


@dataclass(frozen=True, slots=True)
class ClipPlan:
    """Everything that decides what the pictures look like. Output frame k (of `frame_count`) is shown at k / fps s.

    The session time of frame k comes from `renderer.plan.clock.SessionClock`. `digest` is the SHA-256 (hex) of all
    other fields, of the recording's id and of the versions that draw: equal digests mean equal pictures.
    `window_count`: of the recording, whether they are shown or not.
    """

    recording_id: str
    from_ms: int
    to_ms: int
    stretches: tuple[Stretch, ...]
    skips: tuple[Skip, ...]
    shots: tuple[Shot, ...]
    window_count: int
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

    @property
    def window_ids(self) -> tuple[str, ...]:
        """Of the windows shown, in the order in which they are seen first."""
        return tuple(dict.fromkeys(shot.window_id for shot in self.shots))

    def window_at(self, session_ms: int) -> str:
        """The window on screen; before the range the first, after it the last."""
        place = bisect_right(self.shots, session_ms, key=lambda shot: shot.from_ms) - 1
        return self.shots[max(0, place)].window_id

    def shows(self, window_id: str | None, from_ms: int, to_ms: int | None = None) -> bool:
        """Whether the window is on screen at `from_ms`, or at any time until `to_ms`. What is of no window always is."""
        if window_id is None or self.window_at(from_ms) == window_id:
            return True
        return to_ms is not None and any(
            shot.window_id == window_id and shot.from_ms <= to_ms and from_ms < shot.to_ms for shot in self.shots
        )
