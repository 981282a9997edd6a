"""What the overlays draw, from the plan, the timeline and the story: everything the page must know before its first picture.

A session may be hostile, or only long: every list here is bounded, and what costs a picture (ticks, toasts, titles) is bounded
by the clip's length.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from renderer.plan.model import ClipPlan
from renderer.plan.timecode import TENTHS_BELOW_MS
from renderer.player.protocol import ClickName, Scene
from renderer.player.scene.calls import calls_shown, cards_of
from renderer.player.scene.lines import lines_of
from renderer.player.scene.marks import marks_of
from renderer.player.scene.tabs import places_of, tabs_of
from renderer.player.scene.ticks import CLOCK_MS, TENTHS_MS, ticks_of
from renderer.player.scene.time import SceneTime, gaps_of, told_ms
from renderer.player.scene.toasts import toasts_of
from renderer.story.model import Step
from renderer.timeline.model import Entry, Timeline
from renderer.timeline.text import plain

NAME: Final = 40

MOST_CLICKS: Final = 2000

NAME_LEAD_MS: Final = 2000
"""Names of clicks this long before the range are still there when it begins (NAME_MS in overlays/names.ts)."""


def build_scene(plan: ClipPlan, timeline: Timeline, steps: Sequence[Step]) -> Scene:
    """What belongs to the window that is on screen, or to no window, and can be seen in the clip. All text plain and cut to fit."""
    time = SceneTime(plan)
    entries = [entry for entry in timeline.entries if plan.shows(entry.window_id, told_ms(entry))]
    gaps = gaps_of(plan, entries)
    calls = calls_shown(timeline.calls, timeline.entries, plan)
    cards = cards_of(calls)
    duration_ms = max(timeline.duration_ms, plan.to_ms)
    tenths = duration_ms < TENTHS_BELOW_MS
    return Scene(
        from_ms=plan.from_ms,
        to_ms=plan.to_ms,
        duration_ms=duration_ms,
        tenths=tenths,
        ticks_ms=ticks_of(plan, gaps, cards, TENTHS_MS if tenths else CLOCK_MS),
        places=places_of(timeline.places, plan),
        tabs=tabs_of(time),
        marks=marks_of(entries, calls, time),
        gaps=gaps,
        lines=lines_of(steps, time),
        cards=cards,
        toasts=toasts_of(entries, time),
        clicks=list(_click_names(entries, plan)),
    )


def bare_scene(plan: ClipPlan) -> Scene:
    """Nothing to tell: the bare replay of the plan's range."""
    return Scene(from_ms=plan.from_ms, to_ms=plan.to_ms, duration_ms=plan.to_ms)


def _click_names(entries: Iterable[Entry], plan: ClipPlan) -> Iterator[ClickName]:
    count = 0
    for entry in entries:
        until_ms = max(entry.at_ms, entry.until_ms or 0)
        inside = plan.from_ms - NAME_LEAD_MS <= until_ms and entry.at_ms <= plan.to_ms
        # What was marked is seen, and has no name.
        pressed = entry.kind in {"click", "rage_click", "dead_click"} and entry.properties.get("action") != "select"
        text = _target_name(entry) if inside and pressed else ""
        if text and count < MOST_CLICKS:
            count += 1
            yield ClickName(at_ms=entry.at_ms, until_ms=until_ms, text=text)


def _target_name(entry: Entry) -> str:
    """The name that people know it by, or what it is: `a text field`."""
    name, target = entry.properties.get("name"), entry.properties.get("target")
    return plain(name, NAME) or plain(target, NAME)
