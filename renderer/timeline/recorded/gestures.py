"""Clicks, double clicks, context menus, taps and marked text, each with the name of what it was done to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

from renderer.recording.dom.mirror import Mirror, Node
from renderer.timeline.model import Value
from renderer.timeline.recorded import roles
from renderer.timeline.recorded.lookup import Lookup
from renderer.timeline.recorded.marked import marked_text
from renderer.timeline.recorded.names import Target, nowhere, target_of
from renderer.timeline.text import plain


class Interaction:
    """rrweb `MouseInteractions`."""

    MOUSE_UP = 0
    MOUSE_DOWN = 1
    CLICK = 2
    CONTEXT_MENU = 3
    DOUBLE_CLICK = 4
    FOCUS = 5
    BLUR = 6
    TOUCH_START = 7
    TOUCH_END = 9


Position = tuple[int | None, int | None]
_TOUCH: Final = 2  # rrweb `PointerTypes`
_ECHO_MS: Final = 50
"""A click on a label comes again on its field, at once and without a press of its own."""
_DOUBLE_MS: Final = 1000
_EFFECT_MS: Final = 500
_PRESS_MS: Final = 10_000
_MARKED_PX: Final = 5
_MOST: Final = 20_000
"""Clicks of one window that are looked into; naming one costs up to 100 µs."""


@dataclass(slots=True)
class Click:
    """One gesture. `alive`: something on the page answered it. `pressed_ms` is when the button went down, if that is known."""

    at_ms: int
    action: str
    target: Target
    x: int | None
    y: int | None
    pressed_ms: int
    by: str = "mouse"
    text: str = ""
    alive: bool = False
    until_ms: int | None = None
    facts: dict[str, Value] = field(default_factory=dict)


class Gestures:
    """Turns mouse interactions of one window into clicks; a click told may still become a double click."""

    def __init__(self, mirror: Mirror, lookup: Lookup, tell: Callable[[Click], None]) -> None:
        self._mirror = mirror
        self._lookup = lookup
        self._tell = tell
        self._count = 0
        self._down_ms: int | None = None
        self._down_at: Position = (None, None)
        self._ranges: object = None
        self._last: Click | None = None
        self.focused: Node | None = None
        self.saw_focus = False
        self.pressed: Node | None = None
        self._clicked_ms: int | None = None
        self._saw_click = False

    def interaction(self, at_ms: int, data: dict[str, Any]) -> None:
        kind = data.get("type")
        node = self._mirror.get(data.get("id"))
        if kind in (Interaction.MOUSE_DOWN, Interaction.TOUCH_START):
            self._down_ms, self._down_at, self._ranges = at_ms, _position(data), None
            self.pressed = node
        elif kind == Interaction.MOUSE_UP:
            self._up(at_ms, node, data)
        elif kind == Interaction.CLICK:
            self._clicked_ms, self._saw_click = at_ms, True
            self._click(at_ms, node, data)
        elif kind == Interaction.CONTEXT_MENU:
            self._new(at_ms, "context menu", node, data)
        elif kind == Interaction.DOUBLE_CLICK:
            self._double(at_ms, node, data)
        elif kind == Interaction.FOCUS:
            self.focused, self.saw_focus = node, True
        elif kind == Interaction.BLUR and node is self.focused:
            self.focused = None

    def take_click(self, at_ms: int) -> bool:
        """Whether a click is the cause of what happens at `at_ms`: one click, one effect. True where none are recorded."""
        caused = not self._saw_click or (self._clicked_ms is not None and at_ms - self._clicked_ms <= _EFFECT_MS)
        self._clicked_ms = None
        return caused

    def selection(self, data: dict[str, Any]) -> None:
        """What is marked between press and release decides between a click and marking text."""
        self._ranges = data.get("ranges")

    def _up(self, at_ms: int, node: Node | None, data: dict[str, Any]) -> None:
        if self._ranges is not None and _is_far(self._down_at, _position(data)):
            text = marked_text(self._mirror, self._ranges)
            if text.strip():
                self._new(at_ms, "select", node, data, text)

    def _click(self, at_ms: int, node: Node | None, data: dict[str, Any]) -> None:
        last = self._last
        if last is not None and at_ms - last.at_ms <= _ECHO_MS and self._down_ms is None:
            return
        self._new(at_ms, "tap" if data.get("pointerType") == _TOUCH else "click", node, data)

    def _has_focus(self, target: Target) -> bool:
        """Enter and space click what has the focus; Enter in a field clicks the button of its form."""
        if self.focused is None or target.node is None:
            return False
        if self.focused is target.node:
            return True
        form = _form(target.node)
        return form is not None and _form(self.focused) is form

    def _double(self, at_ms: int, node: Node | None, data: dict[str, Any]) -> None:
        last = self._last
        if last is not None and last.action in {"click", "tap", "double click"} and at_ms - last.at_ms <= _DOUBLE_MS:
            last.action, last.until_ms = "double click", at_ms
        else:
            self._new(at_ms, "double click", node, data)

    def _new(self, at_ms: int, action: str, node: Node | None, data: dict[str, Any], text: str = "") -> None:
        self._count += 1
        if self._count > _MOST:
            return
        pressed_ms = at_ms
        if self._down_ms is not None and at_ms - self._down_ms <= _PRESS_MS:
            pressed_ms = self._down_ms
        self._down_ms, self._ranges = None, None
        target = target_of(node, self._lookup) if action != "select" else nowhere(self._lookup)
        x, y = _position(data)
        click = Click(at_ms, action, target, x, y, pressed_ms, text=text)
        if data.get("pointerType") == _TOUCH:
            click.by = "touch"
        elif x == 0 and y == 0 and pressed_ms == at_ms:  # nothing was pressed: Enter, space, or a script's click()
            click.by = "keyboard" if self._has_focus(target) else "script or keyboard"
        click.facts = _facts(target, x, y, node)
        if text:
            click.facts |= {"target": "text", "text": plain(text, 200)}
        self._last = click
        self._tell(click)


def title_of(click: Click) -> str:
    phrase = click.target.phrase
    if click.action == "select":
        return f"Marked “{plain(click.text, 80)}”"
    if click.action == "context menu":
        return f"Opened the context menu of {phrase}"
    if click.action == "double click":
        return f"Double-clicked {phrase}"
    if click.by == "keyboard":
        return f"Pressed {phrase} with the keyboard"
    if click.by == "script or keyboard":
        return f"{phrase[:1].upper()}{phrase[1:]} was pressed without the mouse"
    if click.target.role == roles.FIELD:
        return f"Clicked into {phrase}"
    return f"Tapped {phrase}" if click.action == "tap" else f"Clicked {phrase}"


def _facts(target: Target, x: int | None, y: int | None, clicked: Node | None) -> dict[str, Value]:
    facts: dict[str, Value] = {"target": target.phrase, "name": target.name, "role": target.role, "tag": target.tag}
    if x is not None and y is not None:
        facts |= {"x": x, "y": y}
    if clicked is not None:
        facts["node_id"] = clicked.id
    if target.node is not None and (selector := _selector(target.node)):
        facts["selector"] = selector
    return facts


def _selector(node: Node) -> str:
    """For whoever looks the element up in the page's source."""
    for name in ("data-testid", "data-test", "data-attr"):
        if value := plain(node.attribute(name), 80):
            return f'{plain(node.tag, 30)}[{name}="{value}"]'
    own_id = plain(node.attribute("id"), 80)
    return f"{plain(node.tag, 30)}#{own_id}" if own_id else ""


def _position(data: dict[str, Any]) -> Position:
    x, y = data.get("x"), data.get("y")
    if isinstance(x, int | float) and isinstance(y, int | float) and abs(x) < 1e6 and abs(y) < 1e6:
        return round(x), round(y)
    return None, None


def _is_far(down: Position, up: Position) -> bool:
    (from_x, from_y), (to_x, to_y) = down, up
    if from_x is None or from_y is None or to_x is None or to_y is None:
        return False
    return abs(from_x - to_x) + abs(from_y - to_y) > _MARKED_PX


def _form(node: Node) -> Node | None:
    return next((here for here in (node, *islice(node.ancestors(), 200)) if here.tag == "form"), None)
