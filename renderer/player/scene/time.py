"""The video's time for overlays that must be seen for a while, and the stretches in which nothing happens."""

from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from renderer.plan.clock import SessionClock
from renderer.plan.model import ClipPlan
from renderer.player.protocol import Gap
from renderer.timeline.model import Entry

MOST_GAPS: Final = 500


class SceneTime:
    """Between session time and the video's, frame by frame: what happens in a stretch that is left out is shown at the cut."""

    def __init__(self, plan: ClipPlan) -> None:
        self.plan = plan
        self._clock = SessionClock(plan)

    def frame(self, session_ms: int) -> int:
        """The output frame that first shows what happened at `session_ms`; after the range, the last one."""
        return min(self._clock.frame_at_or_after(session_ms), self.plan.frame_count - 1)

    def frame_ms(self, frame: int) -> int:
        """Session time of an output frame; past the last one, a time that no frame reaches."""
        return self._clock.session_ms(frame) if frame < self.plan.frame_count else self.plan.to_ms + 1

    def shown_ms(self, video_ms: int) -> int:
        """Session time of the frame at `video_ms`."""
        return self.frame_ms(round(video_ms * self.plan.fps / 1000))

    def frames(self, milliseconds: int) -> int:
        """So many frames last `milliseconds` of video."""
        return round(milliseconds * self.plan.fps / 1000)


def normal_speed(plan: ClipPlan) -> float:
    """Session seconds per video second, outside of idle stretches that are shown fast."""
    return next((stretch.speed for stretch in plan.stretches if not stretch.idle), plan.stretches[0].speed)


def told_ms(entry: Entry) -> int:
    """When it could be known: a request fails at its end."""
    return entry.until_ms if entry.kind == "request" and entry.until_ms is not None else entry.at_ms


def gaps_of(plan: ClipPlan, entries: Iterable[Entry]) -> list[Gap]:
    """What the plan leaves out or shows fast; then what the timeline calls idle and the plan shows as it is."""
    normal = normal_speed(plan)
    gaps = [
        Gap(from_ms=before.to_ms, to_ms=after.from_ms, speed=0)
        for before, after in pairwise(plan.stretches)
        if before.to_ms < after.from_ms
    ]
    gaps += [
        Gap(from_ms=stretch.from_ms, to_ms=stretch.to_ms, speed=stretch.speed / normal)
        for stretch in plan.stretches
        if stretch.idle
    ]
    planned = list(gaps)
    for entry in entries:
        if entry.kind != "idle" or entry.until_ms is None:
            continue
        start, end = max(entry.at_ms, plan.from_ms), min(entry.until_ms, plan.to_ms)
        # Around what is left out or fast some seconds are shown at their own pace: they lead there, and are no gap of their own.
        if start < end and not any(gap.from_ms < end and start < gap.to_ms for gap in planned):
            gaps.append(Gap(from_ms=start, to_ms=end, speed=1))
    gaps.sort(key=lambda gap: gap.from_ms)
    apart: list[Gap] = []
    for gap in gaps:
        if not apart or gap.from_ms >= apart[-1].to_ms:
            apart.append(gap)
    # All that is left out must stay, or the axis would be wrong; what is shown is only hatched.
    cuts = sum(gap.speed != 1 for gap in apart)
    room = max(0, MOST_GAPS - cuts)
    kept = {id(gap) for gap in [gap for gap in apart if gap.speed == 1][:room]}
    return [gap for gap in apart if gap.speed != 1 or id(gap) in kept]
