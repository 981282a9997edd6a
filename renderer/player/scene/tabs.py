"""What the header says of the page on screen: its address and title, and for a moment which tab it is."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final

from renderer.plan.model import ClipPlan, Shot
from renderer.player.protocol import Place, Tab
from renderer.player.scene.time import SceneTime
from renderer.timeline.model import PagePlace
from renderer.timeline.text import plain

TEXT: Final = 300
TITLE: Final = 120

MOST_PLACES: Final = 500

LEAST_PLACE_MS: Final = 500
"""A title that blinks faster is not shown each time: every change is a picture."""

TAB_MS: Final = 3000
"""Of video: long enough to read which tab it is, and its title beside it."""


def tabs_of(time: SceneTime) -> list[Tab]:
    """One for each shot, unless there is only one: nobody need be told of a tab that stays."""
    shots = time.plan.shots
    if len(shots) < 2:
        return []
    return [
        Tab(
            from_ms=time.frame_ms(shot.first),
            to_ms=time.frame_ms(min(shot.first + time.frames(TAB_MS), shot.end)),
            number=shot.tab,
            count=time.plan.window_count,
        )
        for shot in shots
    ]


def places_of(places: Iterable[PagePlace], plan: ClipPlan) -> list[Place]:
    """Those of the window that is on screen; of quick changes the last, which stays."""
    by_window: dict[str, list[PagePlace]] = {}
    for place in places:
        by_window.setdefault(place.window_id, []).append(place)
    found = [place for shot in plan.shots for place in _places_in(by_window.get(shot.window_id, ()), shot, plan)]
    return found[:MOST_PLACES]


def _places_in(own: Sequence[PagePlace], shot: Shot, plan: ClipPlan) -> Iterator[Place]:
    """Each shot begins with the place that its window has by then, or takes first."""
    only = len(plan.shots) == 1
    own = [place for place in own if place.at_ms < shot.to_ms]
    before = [number for number, place in enumerate(own) if place.at_ms <= shot.from_ms]
    own = own[before[-1] if before else 0 :]
    kept = [
        place
        for place, after in zip_longest(own, own[1:])
        if after is None or after.at_ms - place.at_ms >= LEAST_PLACE_MS
    ]
    for number, place in enumerate(kept):
        at_ms = shot.from_ms if number == 0 and not only else place.at_ms
        yield Place(at_ms=at_ms, url=plain(place.url, TEXT), title=plain(place.title, TITLE))
    if not kept and not only:
        yield Place(at_ms=shot.from_ms, url="", title="")
