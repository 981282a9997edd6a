"""From a recording, and what was told beside it, to the timeline of its session."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Final

from renderer.recording.decode.depth import json_depth
from renderer.recording.limits import Limits
from renderer.recording.model import Recording
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.ending import ending_of
from renderer.timeline.model import Environment, Timeline
from renderer.timeline.recorded.agents import browser_and_os
from renderer.timeline.recorded.blanks import blank_entries
from renderer.timeline.recorded.collected import Collected
from renderer.timeline.recorded.surface import surface_of
from renderer.timeline.recorded.walk import Walked, walk
from renderer.timeline.recorded.windows import idle_entries, tab_entries, viewport_entries
from renderer.timeline.told.read import read_told
from renderer.timeline.twice import without_doubles

_AT: Final = attrgetter("at_ms")
# Python's frames count against the same limit as the JSON's levels.
_DEPTH_LEEWAY: Final = 500


def build_timeline(recording: Recording, events: AnalyticsEvents | None = None) -> Timeline:
    """Everything that happened, sorted by time. Both must have been redacted: what is in them is told.

    Never raises for what they hold. Takes about a second for 20 MB of mutations.
    """
    collected = Collected()
    surface = surface_of(mobile=recording.mobile)
    with json_depth(Limits().json_depth + _DEPTH_LEEWAY):
        walked = [
            walk(
                window,
                collected,
                surface=surface,
                is_first=number == 0,
                started_at_ms=recording.started_at_ms,
                duration_ms=recording.duration_ms,
            )
            for number, window in enumerate(recording.windows)
        ]
    _tell_clicks(recording, walked, collected)
    places = {window.id: found.places for window, found in zip(recording.windows, walked, strict=True)}
    for window in recording.windows:
        for entry in viewport_entries(window, surface):
            collected.tell(entry)
    blanks = [found.blanks for found in walked]
    for entry in (
        *tab_entries(recording.windows, places, surface),
        *idle_entries(recording),
        *blank_entries(recording, blanks),
    ):
        collected.tell(entry)
    recorded = sorted(collected.entries, key=_AT)
    beside = events if events is not None else AnalyticsEvents()
    told = read_told(
        beside.events,
        started_at_ms=recording.started_at_ms,
        duration_ms=recording.duration_ms,
        recorded=recorded,
        session_id=beside.session_id,
    )
    return Timeline(
        duration_ms=recording.duration_ms,
        entries=tuple(sorted((*without_doubles(recorded, told.entries), *told.entries), key=_AT)),
        calls=told.calls,
        places=tuple(sorted((place for found in walked for place in found.places), key=_AT)),
        environment=_with_recorded(told.environment, recording, walked),
        clock_offsets=told.clock_offsets,
        notices=(*beside.notices, *told.notices, *collected.notices()),
        told=told.events,
        person=told.person,
        ending=ending_of(recording, recorded, told.calls, told.events),
    )


def _tell_clicks(recording: Recording, walked: Sequence[Walked], collected: Collected) -> None:
    """Last, because a click is answered by another window too."""
    for window, found in zip(recording.windows, walked, strict=True):
        opened = [other.first_ms for other in recording.windows if other is not window]
        for entry in found.clicks.entries(window.last_ms, sorted((*found.starts_ms, *opened))):
            collected.tell(entry)


def _with_recorded(told: Environment, recording: Recording, walked: Sequence[Walked]) -> Environment:
    """What events tell goes first: they have the browser's name from the browser, not from its user agent."""
    browser, system = browser_and_os(next((found.user_agent for found in walked if found.user_agent), ""))
    first = next((window.viewports[0] for window in recording.windows if window.viewports), None)
    return replace(
        told,
        browser=told.browser or browser,
        os=told.os or system,
        viewport_px=(first.width_px, first.height_px) if first is not None else told.viewport_px,
    )
