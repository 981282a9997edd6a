"""How the recording ends: as when a tab is closed, or in the middle of something, as when it crashes."""

from collections.abc import Iterator

from renderer.rules.happening import Sign
from renderer.timeline.model import Timeline


def ending(timeline: Timeline) -> Iterator[Sign]:
    told = timeline.ending
    if told is None:
        return
    title = "The recording ends in the middle of activity" if told.abrupt else "The recording ends"
    yield Sign(
        at_ms=timeline.duration_ms,
        kind="ending",
        title=title,
        level="error" if told.abrupt else "info",
        properties={"abrupt": told.abrupt, "hidden": told.was_hidden},
    )
