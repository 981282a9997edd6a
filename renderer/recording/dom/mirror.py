"""A mirror of one window's recorded document: what the player builds in the page, without a browser.

It follows rrweb's player (packages/rrweb/src/replay/index.ts, `applyMutation`) but drops less: an add whose next sibling
never comes is put at the end. What names unknown nodes is passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from renderer.recording.decode.headers import integer
from renderer.recording.dom.node import AttributeValue, Node, NodeType
from renderer.recording.dom.style import merged
from renderer.recording.model import EventType, Source

__all__ = ["AttributeValue", "Change", "Mirror", "Node", "NodeType"]

_PLACELESS: Final = -1  # rrweb before 1.0 wrote it for "not there yet"


@dataclass(frozen=True, slots=True)
class Change:
    """What one event changed.

    `rebuilt`: a full snapshot replaced everything, and the lists are empty. `added`: every new node once, parents before
    children unless they came in another order. `removed`: the nodes taken out, still with all that is below them. A node
    that moves is both: another Node of the same id is added. `attributes`: node and names of what was set or removed.
    `texts`: nodes whose text changed. `inputs`: form controls whose live state was told.
    """

    rebuilt: bool = False
    added: Sequence[Node] = ()
    removed: Sequence[Node] = ()
    attributes: Sequence[tuple[Node, Sequence[str]]] = ()
    texts: Sequence[Node] = ()
    inputs: Sequence[Node] = ()

    def __bool__(self) -> bool:
        return bool(self.rebuilt or self.added or self.removed or self.attributes or self.texts or self.inputs)


NO_CHANGE: Final = Change()


class Mirror:
    """Fed with the parsed `data` of one window's events in order; never raises, whatever they hold.

    `root` is the page's document, None before the first full snapshot. `generation` counts full snapshots. With `longest`
    only so many characters of each text and attribute are kept.
    """

    def __init__(self, longest: int | None = None) -> None:
        self._longest = longest
        self._nodes: dict[int, Node] = {}
        self.root: Node | None = None
        self.generation = 0

    def __len__(self) -> int:
        return len(self._nodes)

    def get(self, node_id: object) -> Node | None:
        """The node of that id that is in the document now."""
        return self._nodes.get(node_id) if type(node_id) is int else self._nodes.get(_id(node_id))

    def apply(self, event_type: int, source: int | None, data: object) -> Change:
        """Full snapshots, mutations and inputs change the mirror; everything else is passed over."""
        if not isinstance(data, dict):
            return NO_CHANGE
        if event_type == EventType.INCREMENTAL:
            if source == Source.MUTATION:
                return self._mutation(data)
            if source == Source.INPUT:
                return self._input(data)
        elif event_type == EventType.FULL_SNAPSHOT and isinstance(data.get("node"), dict):
            return self._snapshot(data["node"])
        return NO_CHANGE

    def _snapshot(self, node: dict[str, Any]) -> Change:
        self._nodes = {}
        self.generation += 1
        self.root = self._build(node, [])
        return Change(rebuilt=True)

    def _input(self, data: dict[str, Any]) -> Change:
        node = self.get(data.get("id"))
        if node is None:
            return NO_CHANGE
        if isinstance(text := data.get("text"), str):
            node.value = self._cut(text)
        if isinstance(checked := data.get("isChecked"), bool):
            node.checked = checked
        return Change(inputs=(node,))

    def _mutation(self, data: dict[str, Any]) -> Change:
        removed = [node for remove in _objects(data.get("removes")) if (node := self._remove(remove))]
        adds = _objects(data.get("adds"))
        added: list[Node] = []
        if adds:
            self._add_all(adds, added, removed)
        texts = []
        for told in _objects(data.get("texts")):
            if (node := self.get(told.get("id"))) is not None:
                node.text = self._cut(_text(told.get("value")))
                texts.append(node)
        attributes = []
        for told in _objects(data.get("attributes")):
            if (node := self.get(told.get("id"))) is not None and isinstance(told.get("attributes"), dict):
                attributes.append((node, self._set(node, told["attributes"])))
        return Change(False, added, removed, attributes, texts)

    def _remove(self, remove: dict[str, Any]) -> Node | None:
        node = self.get(remove.get("id"))
        if node is not None:
            self._drop(node)
        return node

    def _drop(self, node: Node) -> None:
        node.detach()
        self._forget(node)
        for below in node.descendants():
            self._forget(below)

    def _forget(self, node: Node) -> None:
        if self._nodes.get(node.id) is node:
            del self._nodes[node.id]

    def _add_all(self, adds: Sequence[dict[str, Any]], added: list[Node], removed: list[Node]) -> None:
        """In the order given, but each after its parent and its next sibling, wherever in the list those come."""
        waiting: dict[int, list[dict[str, Any]]] = {}
        order = [add for add in adds if isinstance(add.get("node"), dict)]
        self._place_all(order, added, removed, waiting, ("parentId", "nextId"))
        if waiting:  # next siblings that never came: the end of the parent will do, if that is there
            order = [add for adds in waiting.values() for add in adds]
            self._place_all(order, added, removed, {}, ("parentId",))

    def _place_all(
        self,
        adds: Sequence[dict[str, Any]],
        added: list[Node],
        removed: list[Node],
        waiting: dict[int, list[dict[str, Any]]],
        needs: Sequence[str],
    ) -> None:
        todo = list(reversed(adds))
        while todo:
            add = todo.pop()
            parent, following = self.get(add.get("parentId")), self.get(add.get("nextId"))
            if parent is None or (following is None and add.get("nextId") is not None):
                missing = next(
                    (_id(need) for name in needs if (need := add.get(name)) and self.get(need) is None), None
                )
                if missing is not None:
                    waiting.setdefault(missing, []).append(add)
                    continue
            before = len(added)
            if parent is not None:
                self._place(add["node"], parent, following, added, removed)
            if waiting:
                for node in added[before:]:
                    todo.extend(reversed(waiting.pop(node.id, ())))

    def _place(
        self, told: dict[str, Any], parent: Node, following: Node | None, added: list[Node], removed: list[Node]
    ) -> None:
        there = self.get(told.get("id"))
        if there is not None:
            self._drop(there)
            removed.append(there)
            if self._nodes.get(parent.id) is not parent:  # it was below the node that moved
                return
        old = parent.first
        if (
            old is not None and old.type == told.get("type") == NodeType.DOCUMENT
        ):  # a frame shows one document at a time
            self._drop(old)
            removed.append(old)
        if following is not None and following.parent is not parent:
            following = None
        self._build(told, added, parent, following)

    def _build(
        self, told: dict[str, Any], added: list[Node], parent: Node | None = None, before: Node | None = None
    ) -> Node | None:
        """Nodes for a serialised one and all below it; a loop, as the recording says how deep it is."""
        top = self._node(told)
        if top is None:
            return None
        if parent is not None:
            _attach(parent, top, before)
        added.append(top)
        todo = [(child, top) for child in reversed(_objects(told.get("childNodes")))]
        while todo:
            told, above = todo.pop()
            node = self._node(told)
            if node is None:
                continue
            _attach(above, node, None)
            added.append(node)
            children = told.get("childNodes")
            if children:
                todo.extend((child, node) for child in reversed(_objects(children)))
        return top

    def _node(self, told: dict[str, Any]) -> Node | None:
        node_type = told.get("type")
        if type(node_type) is not int or not NodeType.DOCUMENT <= node_type <= NodeType.COMMENT:
            return None
        node = Node(_id(told.get("id")), node_type)
        if node.id > 0:
            self._nodes[node.id] = node
        if node_type == NodeType.ELEMENT:
            node.tag = _text(told.get("tagName"))[:100].lower()
            attributes = told.get("attributes")
            if attributes and isinstance(attributes, dict):
                self._set(node, attributes)
            node.svg = told.get("isSVG") is True
            node.shadow_host = told.get("isShadowHost") is True
            if "-" in node.tag:
                node.custom = told.get("isCustom") is True
        else:
            node.text = self._cut(_text(told.get("textContent")))
        node.shadow = told.get("isShadow") is True
        return node

    def _set(self, node: Node, attributes: Mapping[Any, Any]) -> list[str]:
        names = []
        for name, value in attributes.items():
            if not isinstance(name, str):
                continue
            if isinstance(value, str):
                node.attributes[name] = self._cut(value)
            elif value is None:
                node.attributes.pop(name, None)
            elif isinstance(value, bool | int | float):
                node.attributes[name] = value
            elif name == "style" and isinstance(value, dict):
                node.attributes[name] = self._cut(merged(node.attribute(name), value))
            else:
                continue
            names.append(name)
        return names

    def _cut(self, text: str) -> str:
        return text if self._longest is None else text[: self._longest]


def _attach(parent: Node, child: Node, before: Node | None) -> None:
    parent.insert(child, before)
    if child.shadow:
        parent.shadow_host = True


def _objects(value: object) -> list[dict[str, Any]]:
    if not value:
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _id(value: object) -> int:
    """A node's id; 0 and below are nobody's."""
    found = integer(value)
    return _PLACELESS if found is None or found <= 0 else found
