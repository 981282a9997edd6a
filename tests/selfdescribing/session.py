"""Builds rrweb recordings of pages that paint their own session time, event by event.

Every call takes the session time at which it happened; times must not fall. What is painted is known from `painted`, so a test
can say for any moment which time must be seen.
"""

import gzip
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tests.selfdescribing.clockface import ClockFace
from tests.selfdescribing.dom import TEXT, Json, Node, document

START_MS = 1_760_000_000_000
POINTER_BATCH_MS = 500
FRAME_LAG_MS = 7

# rrweb IncrementalSource and MouseInteractions, by name
MUTATION, MOUSE_MOVE, INTERACTION, SCROLL, RESIZE, INPUT, TOUCH_MOVE = 0, 1, 2, 3, 4, 5, 6
STYLE_RULE, FONT, DRAG, STYLE_DECLARATION, SELECTION, ADOPTED = 8, 10, 12, 13, 14, 15
MOUSE_UP, MOUSE_DOWN, CLICK, FOCUS, BLUR, TOUCH_START, TOUCH_END = 0, 1, 2, 5, 6, 7, 9

Place = tuple[int, float, float]
"""A pointer position: session time, x, y."""


class Session:
    """A page with a clock face on top and `body` below it. `every_ms` None: the time is painted only by `paint` (an idle page)."""

    def __init__(
        self,
        *body: Node | str,
        css: str = "",
        width: int = 320,
        height: int = 180,
        every_ms: int | None = 40,
        page: Node | None = None,
        **body_attributes: Any,
    ) -> None:
        self.width, self.height = width, height
        self.events: list[Json] = []
        self.painted: list[int] = []
        self.face = ClockFace(width)
        self._every_ms = every_ms
        self._next_id = 1
        self._at = 0
        self._offset = (0, 0)
        self._adopted: dict[int, Json] = {}
        self.page = page or document(self.face.node, *body, css=self.face.css + css, **body_attributes)
        self._number(self.page)
        self._emit(0, 4, {"href": "http://session.test/", "width": width, "height": height})
        if page is None:
            self._face_shows(0)
        self._snapshot(0)

    # Time

    def until(self, at_ms: int) -> "Session":
        """Let time pass: the clock face ticks on a busy page."""
        if at_ms < self._at:
            raise ValueError(f"{at_ms} ms lies before {self._at} ms, where the session already is")
        while self._every_ms and self.painted and self.painted[-1] + self._every_ms <= at_ms:
            self._paint(self.painted[-1] + self._every_ms)
        self._at = at_ms
        return self

    def paint(self, at_ms: int) -> None:
        """Paint this very time, once."""
        self.until(at_ms)
        if self.painted[-1] != at_ms:
            self._paint(at_ms)

    def end(self, at_ms: int) -> "Session":
        """The recording's last event, which shows nothing."""
        self.until(at_ms)
        self._emit(at_ms, 5, {"tag": "end", "payload": {}})
        return self

    def shown_at(self, session_ms: int) -> int:
        """The newest time that was painted at or before `session_ms`."""
        return self.painted[bisect_right(self.painted, session_ms) - 1]

    # What happens to the page

    def checkout(self, at_ms: int) -> None:
        """A periodic full snapshot, as rrweb's checkoutEveryNms takes them: constructed style sheets are told again after it."""
        self.until(at_ms)
        self._emit(at_ms, 4, {"href": "http://session.test/", "width": self.width, "height": self.height})
        self._snapshot(at_ms)
        for adopted in self._adopted.values():
            self.incremental(at_ms, ADOPTED, **adopted)

    def navigate(self, at_ms: int, *body: Node | str, css: str = "") -> None:
        """Another page in the same window: a snapshot of it, and nothing of the old one."""
        self.until(at_ms)
        self._adopted.clear()
        self._offset = (0, 0)
        self.face = ClockFace(self.width)
        self.page = document(self.face.node, *body, css=self.face.css + css)
        self._number(self.page)
        self._emit(at_ms, 4, {"href": "http://session.test/next", "width": self.width, "height": self.height})
        self._face_shows(at_ms)
        self._snapshot(at_ms)

    def add(self, at_ms: int, node: Node, parent: Node | None = None, before: Node | None = None) -> Node:
        self.until(at_ms)
        parent = parent or self.body
        node.parent = parent
        index = parent.children.index(before) if before else len(parent.children)
        parent.children.insert(index, node)
        self._number(node)
        self._mutate(at_ms, adds=list(_adds(node, before)))
        for holder in node.frames():
            self._attach(at_ms, holder)
        return node

    def remove(self, at_ms: int, node: Node) -> None:
        self.until(at_ms)
        assert node.parent
        node.parent.children.remove(node)
        self._mutate(at_ms, removes=[{"parentId": node.parent.id, "id": node.id}])

    def set(self, at_ms: int, node: Node, **attributes: Any) -> None:
        """Attributes by name (`class_` is `class`); None takes one away."""
        self.until(at_ms)
        named = {name.rstrip("_"): value for name, value in attributes.items()}
        node.attributes.update(named)
        for name, value in named.items():
            if value is None:
                del node.attributes[name]
        self._mutate(at_ms, attributes=[{"id": node.id, "attributes": named}])

    def say(self, at_ms: int, node: Node, value: str) -> None:
        """Change a text node."""
        self.until(at_ms)
        assert node.kind == TEXT
        node.text = value
        self._mutate(at_ms, texts=[{"id": node.id, "value": value}])

    def incremental(self, at_ms: int, source: int, **data: Any) -> None:
        """Any other incremental event."""
        self.until(at_ms)
        self._emit(at_ms, 3, {"source": source, **data})

    def resize(self, at_ms: int, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.incremental(at_ms, RESIZE, width=width, height=height)

    def scroll(self, at_ms: int, node: Node, y: int, x: int = 0) -> None:
        """Later snapshots know the position, except for documents (rrweb keeps theirs in `initialOffset`)."""
        if node.tag:
            node.attributes |= {"rr_scrollTop": y} if y else {}
        self._offset = (x, y) if node is self.page else self._offset
        self.incremental(at_ms, SCROLL, id=node.id, x=x, y=y)

    def input(self, at_ms: int, node: Node, value: str, *, checked: bool = False) -> None:
        if node.attributes.get("type") in ("checkbox", "radio"):
            node.attributes["checked"] = checked
        else:
            node.attributes["value"] = value
        self.incremental(at_ms, INPUT, id=node.id, text=value, isChecked=checked, userTriggered=True)

    def select(self, at_ms: int, node: Node, start: int, end: int) -> None:
        ranges = [{"start": node.id, "startOffset": start, "end": node.id, "endOffset": end}]
        self.incremental(at_ms, SELECTION, ranges=ranges)

    def adopt(self, at_ms: int, node: Node, style_id: int, *rules: str) -> None:
        """A constructed style sheet of a document or of a shadow host."""
        styles = [{"styleId": style_id, "rules": [{"rule": rule, "index": index} for index, rule in enumerate(rules)]}]
        self._adopted[node.id] = {"id": node.id, "styleIds": [style_id], "styles": styles}
        self.incremental(at_ms, ADOPTED, **self._adopted[node.id])

    # The user's hand

    def moves(self, places: Sequence[Place], over: Node | None = None) -> None:
        """Pointer positions, sent as rrweb does: in batches of 500 ms with offsets back from the batch's own time."""
        target = (over or self.body).id
        batch: list[Place] = []
        for place in places:
            if batch and place[0] > batch[0][0] + POINTER_BATCH_MS:
                self._flush(batch, target)
                batch = []
            batch.append(place)
        self._flush(batch, target)

    def move(self, at_ms: int, x: float, y: float, over: Node | None = None) -> None:
        self.moves([(at_ms, x, y)], over)

    def _flush(self, batch: Iterable[Place], target: int) -> None:
        batch = list(batch)
        at_ms = batch[-1][0]
        self.until(at_ms)
        positions = [{"x": x, "y": y, "id": target, "timeOffset": at - at_ms} for at, x, y in batch]
        self._emit(at_ms, 3, {"source": MOUSE_MOVE, "positions": positions})

    def interact(self, at_ms: int, kind: int, node: Node, x: float | None = None, y: float | None = None) -> None:
        place = {} if x is None else {"x": x, "y": y}
        self.incremental(at_ms, INTERACTION, type=kind, id=node.id, **place)

    def click(self, at_ms: int, x: float, y: float, node: Node | None = None) -> None:
        for kind in (MOUSE_DOWN, MOUSE_UP, CLICK):
            self.interact(at_ms, kind, node or self.body, x, y)

    # Result

    @property
    def body(self) -> Node:
        return self.page.children[-1].children[-1]

    @property
    def duration_ms(self) -> int:
        return max(int(event["timestamp"]) for event in self.events) - START_MS

    def json(self) -> bytes:
        """Sorted by time, as recorders write it."""
        return json.dumps(sorted(self.events, key=lambda event: event["timestamp"])).encode()

    def write(self, path: Path) -> Path:
        path.write_bytes(gzip.compress(self.json(), 1) if path.suffix == ".gz" else self.json())
        return path

    # Events

    def _emit(self, at_ms: int, kind: int, data: Json) -> None:
        self.events.append({"type": kind, "timestamp": START_MS + at_ms, "data": data})

    def _mutate(self, at_ms: int, **lists: list[Json]) -> None:
        data: Json = {"texts": [], "attributes": [], "removes": [], "adds": []} | lists
        self._emit(at_ms, 3, {"source": MUTATION, **data})

    def _snapshot(self, at_ms: int) -> None:
        x, y = self._offset
        self._emit(at_ms, 2, {"node": self.page.serialized(), "initialOffset": {"left": x, "top": y}})
        # rrweb serializes embedded documents in a timer of their own, some ms after the page.
        for holder in self.page.frames():
            self._attach(at_ms + FRAME_LAG_MS, holder)

    def _attach(self, at_ms: int, holder: Node) -> None:
        assert holder.document
        if not holder.document.id:
            self._number(holder.document)
        node = holder.document.serialized(holder.document.id)
        del node["rootId"]
        adds = [{"parentId": holder.id, "nextId": None, "node": node}]
        self._emit(
            at_ms,
            3,
            {"source": MUTATION, "texts": [], "attributes": [], "removes": [], "adds": adds, "isAttachIframe": True},
        )
        for inner in holder.document.frames():
            self._attach(at_ms, inner)

    def _paint(self, at_ms: int) -> None:
        attributes, texts = self._face_shows(at_ms)
        self._mutate(at_ms, attributes=attributes, texts=texts)

    def _face_shows(self, at_ms: int) -> tuple[list[Json], list[Json]]:
        self.painted.append(at_ms)
        return self.face.show(at_ms)

    def _number(self, root: Node) -> None:
        for node in root.tree():
            node.id = self._next_id
            self._next_id += 1


def _adds(node: Node, before: Node | None, *, in_shadow: bool = False) -> Iterator[Json]:
    """rrweb lists a subtree from the top, each node without its children and later siblings first."""
    assert node.parent
    alone = node.serialized(_root(node), in_shadow=in_shadow)
    if "childNodes" in alone:
        alone["childNodes"] = []
    yield {"parentId": node.parent.id, "nextId": before.id if before else None, "node": alone}
    for children, shadow in ((node.children, False), (node.shadow, True)):
        following = None
        for child in reversed(children):
            yield from _adds(child, following, in_shadow=shadow)
            following = child


def _root(node: Node) -> int | None:
    """The id of the embedded document that holds the node, or None in the outermost one."""
    while node.parent is not None:
        if node.parent.document is node:
            return node.id
        node = node.parent
    return None
