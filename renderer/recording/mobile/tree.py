"""Nodes as rrweb serialises them, and what must be told so that one tree becomes another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from renderer.recording.dom.node import NodeType

DOCUMENT, DOCTYPE, HTML, HEAD, BODY, STYLE, STYLE_TEXT, APP, KEYBOARD, BARS = range(1, 11)
_FIRST_FREE: Final = 100
_MOST_REMEMBERED: Final = 500_000
_LIVE: Final = frozenset({"value", "checked"})
"""What a user changes in a form control: told as rrweb's input event."""


@dataclass(eq=False, slots=True)
class Drawn:
    """An element, or with `tag` "" a text. Never changed once made: what is the same object needs no look."""

    id: int
    tag: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    children: Sequence["Drawn"] = ()
    text: str = ""
    svg: bool = False

    def serialised(self, *, deep: bool) -> dict[str, Any]:
        if not self.tag:
            return {"type": NodeType.TEXT, "textContent": self.text, "id": self.id}
        inside = [child.serialised(deep=True) for child in self.children] if deep else []
        return {
            "type": NodeType.ELEMENT, "tagName": self.tag, "attributes": self.attributes, "childNodes": inside, "id": self.id,
        }  # fmt: skip


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


def changes(old: Sequence[Drawn], new: Sequence[Drawn], parent_id: int) -> Changes:
    """What makes the children `old` of a node into `new`. Ids are unique in each."""
    told = Changes()
    _children(old, new, parent_id, told)
    return told


def _children(old: Sequence[Drawn], new: Sequence[Drawn], parent_id: int, told: Changes) -> None:
    if len(old) == len(new) and all(was is now or _is_same(was, now) for was, now in zip(old, new, strict=True)):
        for was, now in zip(old, new, strict=True):
            if was is not now:
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


def _kept(before: dict[int, tuple[int, Drawn]], new: Sequence[Drawn]) -> set[int]:
    """Those that stay where they are: of what is in both, greedily, what comes in the same order."""
    kept = set()
    last = -1
    for node in new:
        place, was = before.get(node.id, (-1, node))
        if place > last and _is_same(was, node):
            kept.add(node.id)
            last = place
    return kept


def _is_same(was: Drawn, now: Drawn) -> bool:
    return was.id == now.id and was.tag == now.tag and was.attributes.get("type") == now.attributes.get("type")


def _same(was: Drawn, now: Drawn, told: Changes) -> None:
    if was.text != now.text:
        told.texts.append({"id": now.id, "value": now.text})
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
    _children(was.children, now.children, now.id, told)


def _added(node: Drawn, parent_id: int, next_id: int | None) -> Iterator[dict[str, Any]]:
    """The player takes the children of an added node one by one, after it."""
    todo: list[tuple[Drawn, int, int | None]] = [(node, parent_id, next_id)]
    while todo:
        one, parent, following = todo.pop()
        yield {"parentId": parent, "nextId": following, "node": one.serialised(deep=False)}
        todo += [(child, one.id, None) for child in reversed(one.children)]
