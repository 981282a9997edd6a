"""Where a clip is cut into segments: by estimated work, so that a long idle page is not a hundred browsers' worth."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from renderer.plan.clock import FrameClock
from renderer.plan.model import SegmentPlan, Shot
from renderer.recording.model import Event, EventType, Source

LEAST_S = 10
LEAST_BUSY = 100
BUSY = 400
"""So many frames to shoot close a segment, however short it is: about 5 s of work at 12 ms a frame."""

MOST_S = 20
MOST_BUSY = 200
LATEST_BUSY = 500
LEAST_LAST_S = 2

_POINTER_BATCH_MS = 500
"""rrweb sends pointer positions in batches that reach back so far."""

_POINTER_SOURCES = frozenset({Source.MOUSE_MOVE, Source.TOUCH_MOVE, Source.DRAG})
_INVISIBLE_SOURCES = frozenset({Source.LOG, Source.CUSTOM_ELEMENT})
_QUIET, _MOVING, _CHANGING = 0, 1, 2


def cut_segments(
    shots: Sequence[Shot], events: Mapping[str, Iterable[Event]], clock: FrameClock, fps: int
) -> tuple[SegmentPlan, ...]:
    """Consecutive segments that cover the frames of `shots`, each of one shot, from the events of each window by its id.

    A segment that has enough is cut at the next frame with a second of unchanged page before it, because seeking there
    starts the entry animations of what has just appeared anew; if none comes, it is cut anyway.
    """
    frame_count = shots[-1].end
    work = {name: estimate_work(events[name], clock, frame_count) for name in {shot.window_id for shot in shots}}
    spans = [
        (first, end, shot.window_id)
        for shot in shots
        for first, end in _cut_shot(work[shot.window_id], shot.first, shot.end, fps)
    ]
    return tuple(SegmentPlan(number, *span) for number, span in enumerate(spans))


def _cut_shot(work: bytearray, first: int, end: int, fps: int) -> Iterator[tuple[int, int]]:
    cuts = [first]
    busy = 0
    changed_at = first - fps
    for frame in range(first + 1, end):
        busy += work[frame - 1] != _QUIET
        if work[frame] == _CHANGING:
            changed_at = frame
        length = frame - cuts[-1]
        enough = busy >= BUSY or (busy >= LEAST_BUSY and length >= LEAST_S * fps)
        if not enough:
            continue
        overdue = busy >= LATEST_BUSY or (busy >= MOST_BUSY and length >= MOST_S * fps)
        if overdue or frame - changed_at >= fps:
            cuts.append(frame)
            busy = 0
    if len(cuts) > 1 and end - cuts[-1] < LEAST_LAST_S * fps:
        cuts.pop()
    return pairwise([*cuts, end])


def estimate_work(events: Iterable[Event], clock: FrameClock, frame_count: int) -> bytearray:
    """Per output frame: 0 nothing, 1 the pointer can have moved, 2 the page can have changed since the frame before."""
    work = bytearray(frame_count)
    start_ms = clock.session_ms(0)
    pointer_ms = start_ms
    for event in events:
        if event.at_ms <= start_ms or not _is_visual(event):
            continue
        last = clock.frame_at_or_after(event.at_ms)
        if last is None:
            break
        if event.source in _POINTER_SOURCES:
            since_ms = max(pointer_ms, event.at_ms - _POINTER_BATCH_MS)
            pointer_ms = event.at_ms
            first = clock.frame_at_or_after(since_ms + 1)
            for frame in range(last if first is None else first, min(last + 1, frame_count)):
                work[frame] = max(work[frame], _MOVING)
        elif last < frame_count:
            work[last] = _CHANGING
    return work


def _is_visual(event: Event) -> bool:
    if event.type == EventType.INCREMENTAL:
        return event.source not in _INVISIBLE_SOURCES
    return event.type in (EventType.FULL_SNAPSHOT, EventType.META)
