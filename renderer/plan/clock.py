"""The one place that converts between the session's clock and the video's.

Exact integers throughout: a float per frame would drift by a frame within an hour at 30 fps, and two machines could
disagree about which event a frame shows.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import lcm

from renderer.plan.model import ClipPlan, Stretch


def exact_speed(speed: float) -> Fraction:
    """The decimal number that was typed, not the binary one nearest to it: 0.1 is 1/10."""
    return Fraction(repr(float(speed)))


class FrameClock:
    """Session time of output frames at `fps`, from consecutive, non-empty `stretches`. O(log stretches) per call.

    Video time is counted in units of 1 / (scale · fps) ms, in which frames and the ends of stretches are integers.
    """

    def __init__(self, stretches: Sequence[Stretch], fps: int) -> None:
        if not stretches or any(stretch.from_ms >= stretch.to_ms for stretch in stretches):
            raise ValueError("a clock needs stretches, none of them empty")
        speeds = [exact_speed(stretch.speed) for stretch in stretches]
        self._fps = fps
        self._scale = lcm(*(speed.numerator for speed in speeds))
        self._frame_units = 1000 * self._scale
        self._speeds = [(speed.numerator, speed.denominator) for speed in speeds]
        self._from_ms = [stretch.from_ms for stretch in stretches]
        self._to_ms = [stretch.to_ms for stretch in stretches]
        self._starts: list[int] = []
        at = 0
        for stretch, (numerator, denominator) in zip(stretches, self._speeds, strict=True):
            self._starts.append(at)
            at += (stretch.to_ms - stretch.from_ms) * denominator * (self._scale // numerator) * fps
        self._end = at

    @property
    def length(self) -> Fraction:
        """Length of the video in frames, not rounded."""
        return Fraction(self._end, self._frame_units)

    def session_ms(self, frame: int) -> int:
        """Session time shown by `frame`, floored to whole ms; at and after the video's length, the range's end."""
        at = frame * self._frame_units
        if at >= self._end:
            return self._to_ms[-1]
        number = bisect_right(self._starts, at) - 1
        numerator, denominator = self._speeds[number]
        return self._from_ms[number] + (at - self._starts[number]) * numerator // (
            denominator * self._scale * self._fps
        )

    def frame_at_or_after(self, session_ms: int) -> int | None:
        """The first frame whose session time is ≥ `session_ms`; None past the range's end."""
        number = bisect_left(self._to_ms, session_ms)
        if number == len(self._to_ms):
            return None
        numerator, denominator = self._speeds[number]
        inside_ms = max(0, session_ms - self._from_ms[number])
        units = self._starts[number] * numerator + inside_ms * denominator * self._scale * self._fps
        return -(-units // (self._frame_units * numerator))


class SessionClock:
    """Session time ↔ output frame of one plan."""

    def __init__(self, plan: ClipPlan) -> None:
        self._clock = FrameClock(plan.stretches, plan.fps)
        self._fps = plan.fps
        self._frame_count = plan.frame_count

    def session_ms(self, frame: int) -> int:
        """Session time in ms that output frame `frame` (0 ≤ frame < frame_count) shows. IndexError outside the clip."""
        if not 0 <= frame < self._frame_count:
            raise IndexError(f"frame {frame} of a clip of {self._frame_count} frames")
        return self._clock.session_ms(frame)

    def video_ms(self, frame: int) -> float:
        """When `frame` is shown, in ms from the video's start; `frame_count` gives the clip's length."""
        return frame * 1000 / self._fps

    def frame_at_or_after(self, session_ms: int) -> int:
        """The first output frame whose session time is ≥ `session_ms`; `frame_count` when there is none."""
        frame = self._clock.frame_at_or_after(session_ms)
        return self._frame_count if frame is None else min(frame, self._frame_count)
