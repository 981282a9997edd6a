"""What is on the screen: views in the order in which they are painted, changed as the recorder tells."""

from collections.abc import Iterable, Set
from itertools import chain
from typing import Any, Final

from renderer.notices import Notices
from renderer.recording.dom.node import NodeType
from renderer.recording.mobile import tree
from renderer.recording.mobile.dialog import NOTHING, Behind, is_dialog
from renderer.recording.mobile.drawing import chrome
from renderer.recording.mobile.drawing.artist import Artist
from renderer.recording.mobile.drawing.style import RESET
from renderer.recording.mobile.tree import Changes, Drawn, Ids, Words
from renderer.recording.mobile.values import colour, mapping, objects
from renderer.recording.mobile.wireframe import BARS, MOST, Key, Reading, Wireframe, own_id

# Boxes looked at to find what was tapped: some 10 s of it.
_MOST_LOOKS: Final = 20_000_000
# Views passed on the way to those that change; some minute of it. A long session has some ten million.
_MOST_PASSED: Final = 100_000_000
_MOST_LEFT: Final = 8
_OPAQUE: Final = frozenset({"image", "screenshot", "placeholder", "web_view", "status_bar", "navigation_bar"})


class _Left:
    """A screen that another one took the place of."""

    def __init__(
        self, name: str, layers: dict[int, list[Wireframe]], views: dict[Key, Wireframe], *, is_dialog: bool
    ) -> None:
        self.name = name
        self.layers = layers
        self.views = views
        self.is_dialog = is_dialog
        self.tops = {view.key for layer in layers.values() for view in layer}


class Screen:
    """One window's screen. Bars lie over everything, the keyboard below them and over the app.

    Android takes a full snapshot of each window (an activity, a dialog) once; when the user comes back to it, only what has
    changed meanwhile is told. So screens that were left are kept, and one is shown again when it changes. A dialog lies over the
    last screen that was none, as it was then.

    The keyboard stays through full snapshots of the same screen: recorders tell when it opens and closes, and only then.
    """

    def __init__(self, notices: Notices) -> None:
        self.name = ""
        self._notices = notices
        self._ids = Ids()
        self._artist = Artist(self._ids, notices)
        self._layers: dict[int, list[Wireframe]] = {tree.APP: [], tree.BARS: []}
        self._keyboard: list[Drawn] = []
        self._drawn_keyboard: list[Drawn] = []
        self._drawn: dict[int, tuple[Drawn, ...]] = {}
        self._views: dict[Key, Wireframe] = {}
        self._left: list[_Left] = []
        self._is_dialog = False
        self._behind = NOTHING
        self._nameless = 0
        self._looks = 0
        self._passed = 0

    def replace(self, told: object, name: str = "", screen_px: tuple[float, float] | None = None) -> dict[str, Any]:
        """A full snapshot's wireframes as the document that rrweb is to build. `name`: of the screen, kept with it; `screen_px`:
        the width and height of the device's screen, None where they are not known.
        """
        self._ids.forget_many()
        tops = Reading(self._notices).all(told)
        every = [view for top in tops for view in top.below()]
        self._leave({view.key for view in tops})
        self._turn({view.key for view in every}, is_dialog=is_dialog(tops, screen_px))
        self.name = name
        bars = [view for view in every if view.type in BARS]
        for bar in bars:
            self._detach(bar, tops)
        self._layers = {tree.APP: tops, tree.BARS: bars}
        before, self._views = self._views, {view.key: view for view in every}
        if before:
            for view in every:
                view.former = before.get(view.key)
        self._drawn = self._draw()
        return self.document()

    def document(self) -> dict[str, Any]:
        """All that is on the screen now, as rrweb serialises it."""
        self._drawn_keyboard = self._keyboard
        return _document(self._drawn, self._keyboard)

    def change(self, data: dict[str, Any]) -> Changes:
        """What an incremental event's `removes`, `adds` and `updates` make of the screen, as rrweb tells it."""
        removes = objects(data.get("removes"))
        puts = [*objects(data.get("adds")), *objects(data.get("updates"))]
        top_views = sum(map(len, self._layers.values())) + len(self._behind.drawn)
        self._passed += (1 + len(removes) + len(puts)) * top_views
        if self._passed > _MOST_PASSED:
            self._notices.add(
                "mobile_too_many_changes", "changes were left out, as those before them passed a hundred million views"
            )
            return Changes()
        self._come_back(removes, puts)
        for one in removes:
            view = self._find(one.get("id"))
            if view is not None:
                self._remove(view)
        for one in puts:
            self._put(one.get("parentId"), one.get("wireframe"))
        if not self._behind.keys.isdisjoint(
            self._views
        ):  # a view that was behind is in the dialog: no id may come twice
            self._behind = NOTHING
        return self._told()

    def type(self, payload: object, screen_height: float | None) -> Changes:
        """The keyboard opens or closes."""
        key = chrome.keyboard(mapping(payload), screen_height, self._ids)
        self._keyboard = [key] if key is not None else []
        return self._told()

    def node_of(self, name: object) -> int | None:
        """The rrweb id of the view that was sent under this id."""
        view = self._find(name)
        return view.drawn.id if view is not None and view.drawn is not None else None

    def at(self, x: float, y: float) -> int:
        """The rrweb id of what a finger meets: the smallest view there that nothing opaque covers; the body's where there is none."""
        if self._looks > _MOST_LOOKS:
            return tree.BODY
        best: Wireframe | None = None
        smallest = float("inf")
        for view in self._all():
            self._looks += 1
            width, height = view.width or 0.0, view.height or 0.0
            if not (view.x <= x < view.x + width and view.y <= y < view.y + height):
                continue
            covers = view.type in _OPAQUE or colour(view.style.get("backgroundColor")) is not None
            if covers or width * height <= smallest:
                best, smallest = view, width * height
        # A picture of the whole screen is no button.
        if best is None or best.drawn is None or best.type == "screenshot":
            return tree.BODY
        found: int = best.drawn.id
        return found

    def _all(self) -> Iterable[Wireframe]:
        return (view for layer in self._layers.values() for top in layer for view in top.below())

    def _draw(self) -> dict[int, tuple[Drawn, ...]]:
        drawn = {layer: self._artist.all(views) for layer, views in self._layers.items()}
        return drawn | {tree.APP: (*self._behind.drawn, *drawn[tree.APP])} if self._behind.drawn else drawn

    def _turn(self, keys: Set[Key], *, is_dialog: bool) -> None:
        """To a screen with these views, while the one before it is still there."""
        behind = self._behind
        if not self._is_dialog:
            behind = Behind(tuple(chain.from_iterable(self._drawn.values())), self._views.keys())
        self._behind = behind if is_dialog and behind.keys.isdisjoint(keys) else NOTHING
        self._is_dialog = is_dialog

    def _leave(self, tops: set[Key]) -> None:
        """Another screen comes, or the same anew: these are the views in it that nothing is around."""
        now = _Left(self.name, self._layers, self._views, is_dialog=self._is_dialog)
        if now.tops and now.tops.isdisjoint(tops):
            self._left.append(now)
            self._keyboard = []
        self._left = [one for one in self._left if one.tops.isdisjoint(tops)][-_MOST_LEFT:]

    def _come_back(self, removes: list[dict[str, Any]], puts: list[dict[str, Any]]) -> None:
        told = [one.get(name) for one in removes for name in ("id", "parentId")]
        for one in puts:
            told += (one.get("parentId"), mapping(one.get("wireframe")).get("id"))
        keys = {(name, 0) for one in told if (name := own_id(one)) is not None}
        if not keys.isdisjoint(self._views):
            return
        found = next((one for one in reversed(self._left) if not keys.isdisjoint(one.views)), None)
        if found is not None:
            self._leave(found.tops)
            self._turn(found.views.keys(), is_dialog=found.is_dialog)
            self.name, self._layers, self._views = found.name, found.layers, found.views

    def _told(self) -> Changes:
        told = tree.changes(self._drawn_keyboard, self._keyboard, tree.KEYBOARD)
        self._drawn_keyboard = self._keyboard
        now = self._draw()
        for layer, drawn in now.items():
            told.extend(tree.changes(self._drawn.get(layer, ()), drawn, layer))
        self._drawn = now
        return told

    def _find(self, name: object) -> Wireframe | None:
        own = own_id(name)
        return self._views.get((own, 0)) if own is not None else None

    def _put(self, parent_id: object, told: object) -> None:
        reading = Reading(self._notices, MOST - len(self._views), self._nameless)
        view = reading.one(told)
        self._nameless = reading.nameless
        if view is None:
            return
        below = list(view.below()) if view.children else [view]
        former = {one.key: self._views[one.key] for one in below if one.key in self._views}
        there = self._views.get(view.key)
        layer = self._layers[tree.BARS if view.type in BARS else tree.APP]
        parent = self._find(parent_id) if view.type not in BARS and view.type != "screenshot" else None
        if there is not None and (parent is None or parent is there.parent or _is_in(parent, there)):
            parent, siblings = there.parent, self._siblings(there)
            place = siblings.index(there)
            del siblings[place]
            self._forget(there)
        else:
            if there is not None:
                self._remove(there)
            if view.type == "screenshot":  # of the whole screen: nothing of what was there is seen any more
                for old in [*layer]:
                    self._remove(old)
                self._behind, self._is_dialog = NOTHING, False
            siblings = parent.children if parent is not None else layer
            place = len(siblings)
        for one in below:
            elsewhere = self._views.get(one.key)
            if elsewhere is None:
                continue
            if _is_in(parent, elsewhere):  # it would hold itself
                self._nameless += 1
                one.key = ("", self._nameless)
                self._notices.add("mobile_view_in_itself", "views that would hold themselves were drawn a second time")
                continue
            if self._siblings(elsewhere) is siblings and siblings.index(elsewhere) < place:
                place -= 1
            self._remove(elsewhere)
        siblings.insert(place, view)
        view.parent = parent
        for one in below:
            one.former = former.get(one.key)
            self._views[one.key] = one
        _stale(parent)

    def _siblings(self, view: Wireframe) -> list[Wireframe]:
        if view.parent is not None:
            return view.parent.children
        return next((layer for layer in self._layers.values() if view in layer), [])

    def _remove(self, view: Wireframe) -> None:
        _stale(view.parent)
        self._detach(view, self._siblings(view))
        self._forget(view)

    def _forget(self, view: Wireframe) -> None:
        for one in view.below():
            if self._views.get(one.key) is one:
                del self._views[one.key]

    @staticmethod
    def _detach(view: Wireframe, tops: list[Wireframe]) -> None:
        siblings = view.parent.children if view.parent is not None else tops
        if view in siblings:
            siblings.remove(view)
        view.parent = None


def _is_in(view: Wireframe | None, outer: Wireframe) -> bool:
    while view is not None:
        if view is outer:
            return True
        view = view.parent
    return False


def _stale(view: Wireframe | None) -> None:
    """What is in it has changed: it and all around it are drawn anew."""
    while view is not None:
        view.drawn = None
        view = view.parent


def _document(drawn: dict[int, tuple[Drawn, ...]], keyboard: list[Drawn]) -> dict[str, Any]:
    style = Drawn(tree.STYLE, "style", {}, [Words(tree.STYLE_TEXT, RESET)])
    layers = [
        chrome.layer(tree.APP, drawn[tree.APP]),
        chrome.layer(tree.KEYBOARD, keyboard),
        chrome.layer(tree.BARS, drawn[tree.BARS]),
    ]
    html = Drawn(
        tree.HTML,
        "html",
        {"class": "wf-screen"},
        [Drawn(tree.HEAD, "head", {}, [style]), Drawn(tree.BODY, "body", {}, layers)],
    )
    doctype = {"type": NodeType.DOCUMENT_TYPE, "name": "html", "publicId": "", "systemId": "", "id": tree.DOCTYPE}
    return {"type": NodeType.DOCUMENT, "childNodes": [doctype, html], "id": tree.DOCUMENT}
