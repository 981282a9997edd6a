"""What a recorder sent of a view, read leniently: numbers that are some, a style, and views inside it."""

from collections.abc import Iterable
from typing import Any, Final
from weakref import ref

import msgspec

from renderer.notices import Notices
from renderer.recording.mobile.values import mapping, number, objects

TYPES: Final = frozenset(
    {"text", "image", "screenshot", "rectangle", "placeholder", "web_view", "input", "div", "radio_group"}
    | {"status_bar", "navigation_bar"}
)
BARS: Final = frozenset({"status_bar", "navigation_bar"})
MOST: Final = 20_000
"""Views on one screen; the largest that were seen have a few hundred."""

# Deeper ones are put beside their parents, which changes nothing: places are those on the screen.
_DEEPEST: Final = 100

Key = tuple[int | str, int]
"""A view's id as sent, and which one it is of those on the screen that share it."""


class Wireframe(msgspec.Struct, eq=False, weakref=True):
    """One view and the views inside it.

    `x`, `y`, `width`, `height` are in the screen's CSS pixels from its upper left corner, not the parent's; sizes None: its
    content's. `told` is the object as sent. `drawn` holds the node that it became; see `tree`. `former` is what was there under
    its key until it is drawn.
    """

    key: Key
    type: str
    told: dict[str, Any]
    x: float
    y: float
    width: float | None
    height: float | None
    full_width: bool = False
    holder: "ref[Wireframe] | None" = None
    children: list["Wireframe"] = []
    drawn: Any = None
    former: "Wireframe | None" = None

    @property
    def parent(self) -> "Wireframe | None":
        """Weakly held: in a circle every screen that is left would wait for the collector, which took a third of the time."""
        return self.holder() if self.holder is not None else None

    @parent.setter
    def parent(self, parent: "Wireframe | None") -> None:
        self.holder = ref(parent) if parent is not None else None

    @property
    def style(self) -> dict[str, Any]:
        return mapping(self.told.get("style"))

    def below(self) -> Iterable["Wireframe"]:
        """This one and all inside it, in the order in which they are painted."""
        todo = [self]
        while todo:
            one = todo.pop()
            yield one
            if one.children:
                todo.extend(reversed(one.children))


def own_id(value: object) -> int | str | None:
    """An id is a whole number; React Native and hand-made recordings send texts too."""
    if type(value) is int:
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**63 else None
    return value if isinstance(value, str) and 0 < len(value) <= 200 else None


def _without_children(told: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in told.items() if name != "childWireframes"}


class Reading:
    """One event's views. `room`: so many more may come on the screen. Ids that come again within it are told apart by number;
    `nameless` counts those without an id.
    """

    def __init__(self, notices: Notices, room: int = MOST, nameless: int = 0) -> None:
        self._notices = notices
        self._room = room
        self._seen: dict[int | str, int] = {}
        self.nameless = nameless

    def all(self, told: object) -> list[Wireframe]:
        """Views with all inside them, in order."""
        tops: list[Wireframe] = []
        # The list that a view goes into, the view that it is in, and how deep.
        todo: list[tuple[dict[str, Any], list[Wireframe], Wireframe | None, int]] = [
            (one, tops, None, 0) for one in reversed(objects(told))
        ]
        while todo:
            one, into, parent, depth = todo.pop()
            inside = objects(one["childWireframes"]) if "childWireframes" in one else []
            made = self._one(one, parent, bool(inside))
            if made is None:
                continue
            into.append(made)
            if not inside:
                continue
            if depth >= _DEEPEST:
                self._notices.add("mobile_nested_deep", "views nested more than 100 deep were put beside their parents")
                todo += [(child, into, parent, depth) for child in reversed(inside)]
            else:
                todo += [(child, made.children, made, depth + 1) for child in reversed(inside)]
        return tops

    def one(self, told: object) -> Wireframe | None:
        return next(iter(self.all([told])), None)

    def _one(self, told: dict[str, Any], parent: Wireframe | None, holds_others: bool) -> Wireframe | None:
        kind = told.get("type", "div") or "div"
        if not isinstance(kind, str) or kind not in TYPES:
            self._notices.add("mobile_unknown_type", "views of a mobile recording of an unknown type were left out")
            if not holds_others:
                return None
            kind, told = "div", {name: value for name, value in told.items() if name != "style"}
        if self._room <= 0:
            self._notices.add("mobile_too_many_views", f"views past the first {MOST:,} on a screen were left out")
            return None
        self._room -= 1
        width = told.get("width")
        return Wireframe(
            self._key(told.get("id")),
            kind,
            _without_children(told) if "childWireframes" in told else told,
            number(told.get("x")) or 0.0,
            number(told.get("y")) or 0.0,
            number(width, 0),
            number(told.get("height"), 0),
            width == "100vw",
            ref(parent) if parent is not None else None,
        )

    def _key(self, told: object) -> Key:
        name = own_id(told)
        if name is None:
            self.nameless += 1
            return ("", self.nameless)
        number_of = self._seen[name] = self._seen.get(name, -1) + 1
        return (name, number_of)
