"""Which window is shown when: the one the user is in. What counts as being there: renderer/recording/presence.py."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from renderer.plan.clock import FrameClock
from renderer.plan.idle import KEPT_AFTER_MS, KEPT_BEFORE_MS
from renderer.plan.model import Shot
from renderer.recording.activity import IDLE_THRESHOLD_MS, activity_times
from renderer.recording.model import Recording, Window
from renderer.recording.presence import STRAY_MS, Presence, Visit

MOST_TURNS = 200
"""Each costs a page of its own; where there are more, visits must be longer to be shown."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Session time `from_ms` ≤ t < `to_ms` of one window."""

    window: Window
    from_ms: int
    to_ms: int


def follow(recording: Recording, presence: Presence, from_ms: int, to_ms: int) -> list[Turn]:
    """Consecutive turns that cover the range; none when nothing tells where the user was. At most MOST_TURNS."""
    stray_ms = STRAY_MS
    while len(turns := _turns(recording, presence, stray_ms, from_ms, to_ms)) > MOST_TURNS:
        stray_ms *= 2
    return turns


def _turns(recording: Recording, presence: Presence, stray_ms: int, from_ms: int, to_ms: int) -> list[Turn]:
    windows = {window.id: window for window in recording.windows}
    visits = presence.visits(stray_ms)
    if not visits:
        return []
    # Before the first sign of the user its window is shown, from when it opens.
    first = replace(visits[0], at_ms=windows[visits[0].window_id].first_ms)
    visits = [first, *(_led(visit, before, windows, presence) for before, visit in pairwise(visits))]
    starts = [*_opened_before(visits[0], recording.windows), *_handed_back(visits, windows)]
    return list(clip([(start.at_ms, windows[start.window_id]) for start in starts], from_ms, to_ms))


def clip(starts: Sequence[tuple[int, Window]], from_ms: int, to_ms: int) -> Iterator[Turn]:
    """`starts`: from when on which window is shown, sorted; the first is shown before its time as well."""
    turn: Turn | None = None
    for number, (_, window) in enumerate(starts):
        start = from_ms if number == 0 else max(from_ms, starts[number][0])
        end = min(to_ms, starts[number + 1][0]) if number + 1 < len(starts) else to_ms
        if start >= end:
            continue
        if turn and turn.window.id == window.id:
            turn = replace(turn, to_ms=end)
            continue
        if turn:
            yield turn
        turn = Turn(window, start, end)
    if turn:
        yield turn


def _led(visit: Visit, before: Visit, windows: dict[str, Window], presence: Presence) -> Visit:
    """After a pause nobody knows when the user went there; the window is shown a little before its first sign of life, where
    an idle stretch that is left out ends: else the cut would lead to half a second of the window that was left."""
    place = bisect_left(presence.times_ms, visit.at_ms) - 1
    if place >= 0 and visit.at_ms - presence.times_ms[place] > IDLE_THRESHOLD_MS:
        at_ms = max(visit.at_ms - KEPT_BEFORE_MS, windows[visit.window_id].first_ms, before.at_ms + 1)
        return replace(visit, at_ms=min(visit.at_ms, at_ms))
    return visit


def _opened_before(first: Visit, windows: Sequence[Window]) -> list[Visit]:
    """Before the window of the first visit opens: the one that opened first."""
    opened = min(windows, key=lambda window: window.first_ms)
    return [Visit(opened.first_ms, opened.id)] if opened.first_ms < first.at_ms else []


def _handed_back(visits: Sequence[Visit], windows: dict[str, Window]) -> Iterator[Visit]:
    """A window of which nothing more is recorded is left, a moment later, for the last one visited that goes on."""
    recent: list[str] = []
    for number, visit in enumerate(visits):
        end_ms = visits[number + 1].at_ms if number + 1 < len(visits) else None
        if visit.window_id in recent:
            recent.remove(visit.window_id)
        recent.append(visit.window_id)
        yield visit
        at_ms, shown = visit.at_ms, visit.window_id
        while True:
            at_ms = max(at_ms, windows[shown].last_ms + KEPT_AFTER_MS)
            if end_ms is not None and at_ms >= end_ms:
                break
            shown = next((name for name in reversed(recent) if windows[name].last_ms > at_ms), "")
            if not shown:
                break
            yield Visit(at_ms, shown)


def session_activity(
    turns: Sequence[Turn], presence: Presence, from_ms: int, to_ms: int, duration_ms: int, *, text: bool
) -> list[int]:
    """Sorted session times of activity: the user's in any window, and what counts (see `activity_times`) in the one on screen.

    Like there, with the last before the range and the first after it.
    """
    times = presence.times_ms
    found = set(times[max(0, bisect_right(times, from_ms) - 1) : bisect_left(times, to_ms) + 1])
    starts = [turn.from_ms for turn in turns]
    for window in {turn.window.id: turn.window for turn in turns}.values():
        for at_ms in activity_times(window.events, from_ms, to_ms, duration_ms, text=text):
            if turns[max(0, bisect_right(starts, at_ms) - 1)].window.id == window.id:
                found.add(at_ms)
    return sorted(found)


def place_shots(turns: Sequence[Turn], recording: Recording, clock: FrameClock, frame_count: int) -> tuple[Shot, ...]:
    """Turns as frames. One that no frame falls into, in skipped time or at high speed, joins the one before."""
    order = sorted(recording.windows, key=lambda window: window.first_ms)
    tabs = {window.id: number for number, window in enumerate(order, 1)}
    kept: list[tuple[int, Turn]] = []
    firsts = [clock.frame_at_or_after(turn.from_ms) for turn in turns]
    placed = [frame_count if first is None else min(first, frame_count) for first in firsts]
    placed[0] = 0
    for (first, end), turn in zip(pairwise([*placed, frame_count]), turns, strict=True):
        if first < end and (not kept or kept[-1][1].window.id != turn.window.id):
            kept.append((first, turn))
    ends = [first for first, _ in kept[1:]] + [frame_count]
    ends_ms = [turn.from_ms for _, turn in kept[1:]] + [turns[-1].to_ms]
    return tuple(
        Shot(turn.window.id, tabs[turn.window.id], turn.from_ms, to_ms, first, end)
        for (first, turn), end, to_ms in zip(kept, ends, ends_ms, strict=True)
    )
