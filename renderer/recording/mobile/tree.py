"""Nodes as rrweb serialises them, and what must be told so that one tree becomes another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from renderer.recording.dom.node import NodeType

DOCUMENT, DOCTYPE, HTML, HEAD, BODY, STYLE, STYLE_TEXT, APP, KEYBOARD, BARS = range(1, 11)
_FIRST_FREE: Final = 100
_MOST_REMEMBERED: Final = 500_000
_LIVE: Final = frozenset({"value", "checked"})
"""What a user changes in a form control: told as rrweb's input event."""


# `gc=False`: nodes hold no circles, and a collector that looks for them took a third of the time.
class Words(msgspec.Struct, eq=False, gc=False, tag_field="type", tag=NodeType.TEXT, rename={"text": "textContent"}):
    """A text, encoded as rrweb writes it."""

    id: int
    text: str


class Drawn(
    msgspec.Struct,
    eq=False,
    gc=False,
    tag_field="type",
    tag=NodeType.ELEMENT,
    rename={"tag": "tagName", "children": "childNodes"},
):
    """An element, encoded as rrweb writes it. Never changed once made: what is the same object needs no look."""

    id: int
    tag: str
    attributes: dict[str, Any] = {}
    children: Sequence["Node"] = ()


Node = Drawn | Words


class Ids:
    """rrweb's ids: a view and its parts keep theirs through snapshots, as long as half a million are remembered."""

    def __init__(self) -> None:
        self._known: dict[tuple[object, str], int] = {}
        self._next = _FIRST_FREE

    def of(self, key: object, part: str = "") -> int:
        found = self._known.get((key, part))
        if found is None:
            found = self._known[key, part] = self._next
            self._next += 1
        return found

    def known(self, key: object, part: str = "") -> int | None:
        return self._known.get((key, part))

    def forget_many(self) -> None:
        """Before a full snapshot, which names everything anew."""
        if len(self._known) > _MOST_REMEMBERED:
            self._known.clear()


@dataclass(slots=True)
class Changes:
    """The lists of an rrweb mutation, and the input events that follow it."""

    removes: list[dict[str, Any]] = field(default_factory=list)
    adds: list[dict[str, Any]] = field(default_factory=list)
    attributes: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    inputs: list[dict[str, Any]] = field(default_factory=list)

    def extend(self, other: "Changes") -> None:
        for name in ("removes", "adds", "attributes", "texts", "inputs"):
            getattr(self, name).extend(getattr(other, name))

    def mutation(self) -> dict[str, Any] | None:
        if not (self.removes or self.adds or self.attributes or self.texts):
            return None
        return {
            "source": 0, "texts": self.texts, "attributes": self.attributes, "removes": self.removes, "adds": self.adds,
        }  # fmt: skip


def changes(old: Sequence[Node], new: Sequence[Node], parent_id: int) -> Changes:
    """What makes the children `old` of a node into `new`. Ids are unique in each."""
    told = Changes()
    _children(old, new, parent_id, told)
    return told


def _children(old: Sequence[Node], new: Sequence[Node], parent_id: int, told: Changes) -> None:
    if len(old) == len(new):
        anew = [pair for pair in zip(old, new, strict=True) if pair[0] is not pair[1]]
        for was, now in anew:
            if not _is_same(was, now):
                break
        else:
            for was, now in anew:
                _same(was, now, told)
            return
    before = {node.id: (place, node) for place, node in enumerate(old)}
    kept = _kept(before, new)
    told.removes += [{"parentId": parent_id, "id": node.id} for node in old if node.id not in kept]
    following: int | None = None
    pending = []
    for node in reversed(new):  # from the end, so that the next sibling is always there
        if node.id in kept:
            pending.append((before[node.id][1], node))
        else:
            told.adds += _added(node, parent_id, following)
        following = node.id
    for was, now in reversed(pending):
        if was is not now:
            _same(was, now, told)


def _kept(before: dict[int, tuple[int, Node]], new: Sequence[Node]) -> set[int]:
    """Those that stay where they are: of what is in both, greedily, what comes in the same order."""
    kept = set()
    last = -1
    for node in new:
        place, was = before.get(node.id, (-1, node))
        if place > last and _is_same(was, node):
            kept.add(node.id)
            last = place
    return kept


def _is_same(was: Node, now: Node) -> bool:
    if was.id != now.id:
        return False
    if isinstance(was, Words) or isinstance(now, Words):
        return type(was) is type(now)
    if was.tag != now.tag:
        return False
    return was.tag != "input" or was.attributes.get("type") == now.attributes.get("type")


def _same(was: Node, now: Node, told: Changes) -> None:
    if isinstance(was, Drawn) and isinstance(now, Drawn):
        if was.attributes != now.attributes:
            _attributes(was, now, told)
        if was.children or now.children:
            _children(was.children, now.children, now.id, told)
    elif isinstance(was, Words) and isinstance(now, Words) and was.text != now.text:
        told.texts.append({"id": now.id, "value": now.text})


def _attributes(was: Drawn, now: Drawn, told: Changes) -> None:
    differing: dict[str, Any] = {name: None for name in was.attributes if name not in now.attributes}
    differing |= {name: value for name, value in now.attributes.items() if was.attributes.get(name) != value}
    if now.tag in {"input", "textarea", "select"} and _LIVE & differing.keys():
        told.inputs.append(
            {
                "source": 5,
                "id": now.id,
                "text": str(now.attributes.get("value") or ""),
                "isChecked": now.attributes.get("checked") is True,
            }
        )
        differing = {name: value for name, value in differing.items() if name not in _LIVE}
    if differing:
        told.attributes.append({"id": now.id, "attributes": differing})


def _added(node: Node, parent_id: int, next_id: int | None) -> Iterator[dict[str, Any]]:
    """The player takes the children of an added node one by one, after it."""
    todo: list[tuple[Node, int, int | None]] = [(node, parent_id, next_id)]
    while todo:
        one, parent, following = todo.pop()
        if isinstance(one, Words):
            yield {"parentId": parent, "nextId": following, "node": one}
            continue
        yield {"parentId": parent, "nextId": following, "node": Drawn(one.id, one.tag, one.attributes)}
        todo += [(child, one.id, None) for child in reversed(one.children)]
