"""What happened as marks on the clip's timeline."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Literal

from renderer.player.protocol import Mark
from renderer.player.scene.time import SceneTime, told_ms
from renderer.timeline.model import Entry, LlmCall

AXIS_PX: Final = 1180
"""About the timeline's length in a picture 1280 wide."""

APART_PX: Final = 11
"""A mark is 10 wide: closer ones would lie upon one another. So a lane has at most a hundred, whatever happened."""

PointKind = Literal["navigation", "user", "up", "down", "feedback", "warning", "error"]


# Where two would lie upon one another the one that is named first here stays; both lanes of points are drawn by the page.
LANES: Final[tuple[tuple[PointKind, ...], ...]] = (
    ("up", "down", "feedback", "navigation", "user"),
    ("error", "warning"),
)


def marks_of(entries: Iterable[Entry], calls: Sequence[LlmCall], time: SceneTime) -> list[Mark]:
    """Marks inside the range, sorted; of those that would lie upon one another the most telling alone."""
    bars = [
        Mark(at_ms=call.start_ms, until_ms=call.end_ms, kind="llm_failed" if call.status == "failed" else "llm")
        for call in calls
        if call.start_ms <= time.plan.to_ms and (call.end_ms or call.start_ms) >= time.plan.from_ms
    ]
    disliked = [
        Mark(at_ms=call.end_ms, until_ms=None, kind="disliked")
        for call in calls
        if call.satisfied is False and call.end_ms is not None and time.plan.from_ms <= call.end_ms <= time.plan.to_ms
    ]
    thumbs = {call.id: call.satisfied for call in calls}
    points = sorted(_points(entries, calls, thumbs, time), key=lambda point: point[0])
    marks = [mark for lane in LANES for mark in _thin(points, lane, time)]
    return sorted([*bars, *disliked, *marks], key=lambda mark: mark.at_ms)


def _points(
    entries: Iterable[Entry], calls: Iterable[LlmCall], thumbs: dict[str, bool | None], time: SceneTime
) -> Iterator[tuple[int, PointKind]]:
    told: set[object] = set()
    for entry in entries:
        at_ms = told_ms(entry)
        if time.plan.from_ms <= at_ms <= time.plan.to_ms and (kind := _kind_of(entry, thumbs)):
            yield at_ms, kind
            if kind == "user" and entry.level == "warning":  # clicks in anger, or that nothing answered
                yield at_ms, "warning"
            if entry.kind == "feedback":
                told.add(entry.properties.get("call_id"))
    for call in calls:
        rated_ms = call.rated_at_ms
        if call.satisfied is None or rated_ms is None or call.id in told:
            continue
        if time.plan.from_ms <= rated_ms <= time.plan.to_ms:
            yield rated_ms, "up" if call.satisfied else "down"


def _kind_of(entry: Entry, thumbs: dict[str, bool | None]) -> PointKind | None:
    if entry.kind in {"click", "rage_click", "dead_click", "input"}:
        return "user"
    if entry.kind in {"page_load", "navigation"}:
        return "navigation"
    if entry.kind == "feedback":
        call_id = entry.properties.get("call_id")
        satisfied = thumbs.get(call_id) if isinstance(call_id, str) else None
        return "feedback" if satisfied is None else "up" if satisfied else "down"
    if entry.kind in {"console", "request", "exception", "blank_page"} and entry.level != "info":
        return entry.level
    return None


def _thin(points: Sequence[tuple[int, PointKind]], lane: Sequence[PointKind], time: SceneTime) -> Iterator[Mark]:
    taken: list[float] = []
    for kind in lane:
        for at_ms, own in points:
            if own != kind:
                continue
            place = time.frame(at_ms) * AXIS_PX / time.plan.frame_count
            after = bisect_left(taken, place)
            if any(abs(place - other) < APART_PX for other in taken[max(0, after - 1) : after + 1]):
                continue
            taken.insert(after, place)
            yield Mark(at_ms=at_ms, until_ms=None, kind=kind)
