"""Fingers: what they touch gets a node, and a touch that ends where it began becomes a tap."""

from typing import Any, Final

from renderer.recording.mobile.screen import Screen
from renderer.recording.mobile.tree import BODY
from renderer.recording.mobile.values import number, objects

_MOUSE_INTERACTION: Final = 2
_CLICK, _TOUCH_START, _TOUCH_END = 2, 7, 9
_TOUCH_POINTER: Final = 2
_TAP_MS: Final = 1000
_TAP_PX: Final = 20
"""A finger that moved further scrolls or draws; Android takes 8 dp for the start of a scroll, fingers lift obliquely."""


class Touches:
    """Mobile recorders tell where fingers go down and up, and of no clicks."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._down: tuple[float, float, float, int] | None = None

    def interaction(self, at_ms: float, data: dict[str, Any]) -> list[dict[str, Any]]:
        """The event's `data` with a node of the document for its target, then that of a click if it ends a tap."""
        x, y = number(data.get("x")), number(data.get("y"))
        node = self._target(data.get("id"), x, y)
        told = [data | {"id": node}]
        kind = data.get("type")
        if kind == _TOUCH_START and x is not None and y is not None:
            self._down = (at_ms, x, y, node)
        elif kind == _TOUCH_END:
            if self._down is not None and x is not None and y is not None:
                since, from_x, from_y, target = self._down
                if at_ms - since <= _TAP_MS and abs(x - from_x) + abs(y - from_y) <= _TAP_PX:
                    click = {"source": _MOUSE_INTERACTION, "type": _CLICK, "id": target, "x": x, "y": y}
                    told.append(click | {"pointerType": _TOUCH_POINTER})
            self._down = None
        return told

    @staticmethod
    def positions(data: dict[str, Any]) -> dict[str, Any]:
        """Places on the screen belong to the whole of it."""
        return data | {"positions": [place | {"id": BODY} for place in objects(data.get("positions"))]}

    def _target(self, name: object, x: float | None, y: float | None) -> int:
        """Recorders that do not know the view write 0, some the window's; the place then tells more."""
        told = self._screen.node_of(name)
        if x is None or y is None:
            return told if told is not None else BODY
        found = self._screen.at(x, y)
        return found if found != BODY or told is None else told
