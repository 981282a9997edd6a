"""What happened to windows: their sizes, and which of them the user was in."""

from collections.abc import Iterator, Mapping, Sequence
from heapq import merge
from typing import Final

from renderer.recording.activity import ACTIVE_SOURCES, IDLE_THRESHOLD_MS, activity_times
from renderer.recording.model import EventType, Recording, Window
from renderer.timeline.model import Entry, PagePlace

RESIZE_MS: Final = 1000
KEYBOARD_PX: Final = 150
"""A screen keyboard or a browser's bar that comes and goes changes the height alone, by little; that is not told."""

BACK_AND_FORTH_MS: Final = 1000
"""Recorders send positions of the mouse late: a window left for less was not left."""


def viewport_entries(window: Window) -> Iterator[Entry]:
    """A burst of changes as one, told by where it ended."""
    sizes = window.viewports
    place = 1
    while place < len(sizes):
        before, last = sizes[place - 1], place
        while last + 1 < len(sizes) and sizes[last + 1].at_ms - sizes[last].at_ms <= RESIZE_MS:
            last += 1
        first, now, place = sizes[place], sizes[last], last + 1
        wider, higher = now.width_px - before.width_px, now.height_px - before.height_px
        if wider == 0 and abs(higher) <= KEYBOARD_PX:
            continue
        turned = (now.width_px > now.height_px) != (before.width_px > before.height_px) and (
            abs(now.width_px - before.height_px) <= KEYBOARD_PX and abs(now.height_px - before.width_px) <= KEYBOARD_PX
        )
        size = f"{now.width_px} × {now.height_px}"
        title = f"The screen was turned, to {size}" if turned else f"The window was resized to {size}"
        yield Entry(
            at_ms=first.at_ms,
            until_ms=now.at_ms if now.at_ms > first.at_ms else None,
            kind="viewport",
            title=title,
            window_id=window.id,
            properties={"width_px": now.width_px, "height_px": now.height_px, "turned": turned},
        )


def tab_entries(windows: Sequence[Window], places: Mapping[str, Sequence[PagePlace]]) -> Iterator[Entry]:
    """Each change of the window that the user is active in; the first visit of a window is its page load."""
    visits: list[tuple[int, str]] = []  # from when on, which window
    active = merge(*map(_activity, windows))
    for at_ms, window_id in active:
        if visits and visits[-1][1] == window_id:
            continue
        if len(visits) > 1 and visits[-2][1] == window_id and at_ms - visits[-1][0] < BACK_AND_FORTH_MS:
            visits.pop()
            continue
        visits.append((at_ms, window_id))
    seen: set[str] = set()
    for place, (at_ms, window_id) in enumerate(visits):
        if place and window_id in seen:
            title = _title_at(places.get(window_id, ()), at_ms)
            yield Entry(
                at_ms=at_ms,
                kind="tab",
                title=f"Went back to the tab “{title}”" if title else "Went back to another tab",
                window_id=window_id,
                properties={"from_window": visits[place - 1][1], "page_title": title},
            )
        seen.add(window_id)


def idle_entries(recording: Recording) -> Iterator[Entry]:
    """Gaps of more than IDLE_THRESHOLD_MS in which neither the user nor an answer on the page did anything.

    By the same rule that the plan skips by (renderer/recording/activity.py), over all windows.
    """
    duration_ms = recording.duration_ms
    times = sorted(
        {at for window in recording.windows for at in activity_times(window.events, 0, duration_ms, duration_ms)}
    )
    for start, end in zip([0, *times], [*times, duration_ms], strict=True):
        if end - start > IDLE_THRESHOLD_MS:
            yield Entry(
                at_ms=start,
                until_ms=end,
                kind="idle",
                title=f"Nothing happened for {(end - start) / 1000:.0f} s",
                properties={"duration_ms": end - start},
            )


def _activity(window: Window) -> Iterator[tuple[int, str]]:
    """When the user did something there; snapshots are the recorder's."""
    for event in window.events:
        if event.type == EventType.INCREMENTAL and event.source in ACTIVE_SOURCES:
            yield event.at_ms, window.id


def _title_at(places: Sequence[PagePlace], at_ms: int) -> str:
    title = ""
    for place in places:
        if place.at_ms > at_ms:
            break
        title = place.title or place.url
    return title
