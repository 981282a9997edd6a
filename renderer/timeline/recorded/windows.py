"""What happened to windows: their sizes, and which of them the user was in."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from renderer.recording.activity import IDLE_THRESHOLD_MS, activity_times
from renderer.recording.model import Recording, Window
from renderer.recording.presence import Presence
from renderer.timeline.model import Entry, PagePlace
from renderer.timeline.recorded.surface import PAGE

RESIZE_MS: Final = 1000
KEYBOARD_PX: Final = 150
"""A screen keyboard or a browser's bar that comes and goes changes the height alone, by little; that is not told."""


def viewport_entries(window: Window, surface: str = PAGE) -> Iterator[Entry]:
    """A burst of changes as one, told by where it ended."""
    sizes = window.viewports
    resized = "window" if surface == PAGE else surface
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
        title = f"The screen was turned, to {size}" if turned else f"The {resized} was resized to {size}"
        yield Entry(
            at_ms=first.at_ms,
            until_ms=now.at_ms if now.at_ms > first.at_ms else None,
            kind="viewport",
            title=title,
            window_id=window.id,
            properties={"width_px": now.width_px, "height_px": now.height_px, "turned": turned},
        )


def tab_entries(
    windows: Sequence[Window], places: Mapping[str, Sequence[PagePlace]], surface: str = PAGE
) -> Iterator[Entry]:
    """Each change of the window that the user is in, as the plan sees it; the first visit of a window is its page load."""
    if len(windows) < 2:
        return
    visits = [(visit.at_ms, visit.window_id) for visit in Presence(windows).visits()]
    tab = "tab" if surface == PAGE else "window"
    seen: set[str] = set()
    for place, (at_ms, window_id) in enumerate(visits):
        if place and window_id in seen:
            title = _title_at(places.get(window_id, ()), at_ms)
            yield Entry(
                at_ms=at_ms,
                kind="tab",
                title=f"Went back to the {tab} “{title}”" if title else f"Went back to another {tab}",
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


def _title_at(places: Sequence[PagePlace], at_ms: int) -> str:
    title = ""
    for place in places:
        if place.at_ms > at_ms:
            break
        title = place.title or place.url
    return title
