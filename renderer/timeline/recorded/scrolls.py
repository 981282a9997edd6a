"""Scrolling that a person did, a burst at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from renderer.recording.dom.mirror import Change, Mirror, Node, NodeType
from renderer.timeline.model import Entry
from renderer.timeline.text import plain

BURST_MS: Final = 1000
LEAST_PX: Final = 100
"""About three lines: less is not worth a line of its own."""

GROWTH_MS: Final = 150
"""A list that follows what is added to it scrolls in the next frames."""

EFFECT_MS: Final = 400
"""Scrolled so soon after a click or a key, it was the page that scrolled."""

_MOST_PLACES: Final = 2_000
_DEPTH: Final = 40


@dataclass(slots=True)
class _Burst:
    node: Node
    from_ms: int
    until_ms: int
    start: tuple[float, float]
    end: tuple[float, float]
    own_px: float = 0
    page_px: float = 0


class Scrolls:
    """Scroll events of one window, each with where its element stands from then on."""

    def __init__(self, window_id: str, mirror: Mirror, tell: Callable[[Entry], None], surface: str) -> None:
        self._window_id = window_id
        self._mirror = mirror
        self._tell = tell
        self._surface = surface
        self._at: dict[Node, tuple[float, float]] = {}
        self._grown_ms: dict[Node, int] = {}
        self._acted_ms = -EFFECT_MS - 1
        self._burst: _Burst | None = None

    def rebuilt(self) -> None:
        self.finish()
        self._at.clear()
        self._grown_ms.clear()

    def acted(self, at_ms: int) -> None:
        """A click or a key: what scrolls now was scrolled by the page."""
        self._acted_ms = at_ms

    def grown(self, at_ms: int, change: Change) -> None:
        """Remembers in which of the scrolled elements something was added."""
        if not self._at:
            return
        for node in (*change.added[:2], *change.added[-1:], *change.texts[:2]):
            for above in islice(node.ancestors(), _DEPTH):
                if above in self._at:
                    self._grown_ms[above] = at_ms

    def scroll(self, at_ms: int, data: dict[str, Any]) -> None:
        node = self._mirror.get(data.get("id"))
        place = _place(data)
        if node is None or place is None:
            return
        if node not in self._at and len(self._at) >= _MOST_PLACES:
            return
        before = self._at.get(node, (0.0, 0.0))
        self._at[node] = place
        grown = at_ms - self._grown_ms.get(node, -GROWTH_MS - 1) <= GROWTH_MS
        by_page = grown or at_ms - self._acted_ms <= EFFECT_MS
        burst = self._burst
        if burst is None or burst.node is not node or at_ms - burst.until_ms > BURST_MS:
            self.finish()
            burst = self._burst = _Burst(node, at_ms, at_ms, before, place)
        way = abs(place[0] - before[0]) + abs(place[1] - before[1])
        if by_page:
            burst.page_px += way
        else:
            burst.own_px += way
        burst.until_ms, burst.end = at_ms, place

    def finish(self) -> None:
        burst, self._burst = self._burst, None
        if burst is None or burst.own_px < LEAST_PX or burst.own_px < burst.page_px:
            return
        across, down = burst.end[0] - burst.start[0], burst.end[1] - burst.start[1]
        if max(abs(across), abs(down)) < LEAST_PX:
            direction = "up and down"
        elif abs(down) >= abs(across):
            direction = "down" if down > 0 else "up"
        else:
            direction = "right" if across > 0 else "left"
        name = plain(burst.node.attribute("aria-label"), 40)
        place = (
            ""
            if burst.node.type == NodeType.DOCUMENT
            else f" in “{name}”"
            if name
            else f" in a part of the {self._surface}"
        )
        self._tell(
            Entry(
                at_ms=burst.from_ms,
                until_ms=burst.until_ms if burst.until_ms > burst.from_ms else None,
                kind="scroll",
                title=f"Scrolled {direction}{place}",
                window_id=self._window_id,
                properties={"direction": direction, "pixels": round(burst.own_px), "node_id": burst.node.id},
            )
        )


def _place(data: dict[str, Any]) -> tuple[float, float] | None:
    x, y = data.get("x"), data.get("y")
    if not isinstance(x, int | float) or not isinstance(y, int | float) or not (abs(x) < 1e9 and abs(y) < 1e9):
        return None
    return float(x), float(y)
