"""The text around a text: what stands before and after it on the same line of the page, in elements of its own."""

from collections.abc import Sequence
from typing import Final

from renderer.recording.dom.node import Node, NodeType

# Elements that do not begin a line of their own. What a style sheet makes of them is not known here.
INLINE: Final = frozenset(
    {
        "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "font", "i", "ins", "kbd",
        "label", "mark", "q", "s", "samp", "slot", "small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
    }
)  # fmt: skip
_FAR: Final = 128
_MOST_NODES: Final = 40
_TEXT: Final = (NodeType.TEXT, NodeType.CDATA)


def line_of(node: Node) -> tuple[Sequence[Node], int]:
    """Text nodes of the line that `node` (a text) is part of, and which of them it is; `_FAR` signs to either side at most."""
    before = _side(node, forward=False)
    before.reverse()
    return [*before, node, *_side(node, forward=True)], len(before)


def _side(node: Node, *, forward: bool) -> list[Node]:
    found: list[Node] = []
    left, looked = _FAR, _MOST_NODES
    current: Node | None = node
    while left > 0 and looked > 0:
        current = _step(current, forward)
        if current is None:
            break
        looked -= 1
        if current.type in _TEXT and current.text:
            found.append(current)
            left -= len(current.text)
    return found


def _step(node: Node | None, forward: bool) -> Node | None:
    """The next leaf on the line, None at its end."""
    while node is not None:
        beside = node.next if forward else node.previous
        if beside is not None:
            return _leaf(beside, forward)
        parent = node.parent
        if parent is None or parent.tag not in INLINE:
            return None
        node = parent
    return None


def _leaf(node: Node, forward: bool) -> Node | None:
    while node.is_element:
        if node.tag not in INLINE:
            return None
        inner = node.first if forward else node.last
        if inner is None:
            return node
        node = inner
    return node
