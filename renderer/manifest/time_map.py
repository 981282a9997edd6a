"""Where in the video which session time is: as measured, not as planned."""

from renderer.frames import CapturedSegment
from renderer.manifest.model import TimePiece
from renderer.plan.model import ClipPlan


def measure_time_map(
    plan: ClipPlan, segments: list[CapturedSegment], pts_ms: tuple[float, ...]
) -> tuple[TimePiece, ...]:
    """Video time as found in the file against the session time that the page reported for the very picture shown then.

    The plan only says where its stretches lie; times and speeds are the measured ones. A stretch of which a single picture
    was taken has no measurable speed and keeps the planned one.
    """
    session_at = {frame.index: frame.session_ms for segment in segments for frame in segment.frames}
    shown = [(pts, session_at[index]) for pts in pts_ms if (index := round(pts * plan.fps / 1000)) in session_at]
    pieces: list[TimePiece] = []
    for number, stretch in enumerate(plan.stretches):
        last = number == len(plan.stretches) - 1
        inside = [
            (v, s) for v, s in shown if stretch.from_ms <= s and (s < stretch.to_ms or (last and s == stretch.to_ms))
        ]
        if not inside:
            continue
        (video, session), (video_end, session_end) = inside[0], inside[-1]
        speed = stretch.speed
        if video_end > video:
            measured = (session_end - session) / (video_end - video)
            # Session times are whole milliseconds: closer than that the measurement says nothing else than the plan.
            speed = stretch.speed if abs(measured - speed) * (video_end - video) <= 1.5 else round(measured, 4)
        pieces.append(TimePiece(video_ms=round(video), session_ms=session, speed=speed))
    return tuple(pieces)
