"""One node of the recorded document, with its neighbours."""

from collections.abc import Iterator
from typing import Final


class NodeType:
    """rrweb `NodeType` (rrweb-snapshot)."""

    DOCUMENT = 0
    DOCUMENT_TYPE = 1
    ELEMENT = 2
    TEXT = 3
    CDATA = 4
    COMMENT = 5


AttributeValue = str | int | float | bool | None

_UNREAD: Final = frozenset({"script", "style", "noscript", "template", "iframe", "frame"})
_TEXTUAL: Final = (NodeType.TEXT, NodeType.CDATA)


class Node:
    """A node as rrweb recorded it. Neighbours are linked, so that lists of a million siblings cost no more than short ones.

    `id` is rrweb's, 0 where the recording gives none. `tag` is in lower case, "" for what is no element. `text` is that
    of text, CDATA and comment nodes. `shadow` marks a child that lives in its parent's shadow root; the parent's
    `shadow_host` is then set. `custom` marks an element of a class that the page defined (`customElements`). A document in
    a frame is the frame element's child. `value` and `checked` are the live state of a form control since an input event
    told it, None before (then the attributes hold).
    """

    __slots__ = (
        "attributes",
        "checked",
        "custom",
        "first",
        "id",
        "last",
        "next",
        "parent",
        "previous",
        "shadow",
        "shadow_host",
        "svg",
        "tag",
        "text",
        "type",
        "value",
    )

    def __init__(self, node_id: int, node_type: int, tag: str = "", text: str = "") -> None:
        self.id = node_id
        self.type = node_type
        self.tag = tag
        self.text = text
        self.attributes: dict[str, AttributeValue] = {}
        self.parent: Node | None = None
        self.first: Node | None = None
        self.last: Node | None = None
        self.previous: Node | None = None
        self.next: Node | None = None
        self.shadow = False
        self.shadow_host = False
        self.custom = False
        self.svg = False
        self.value: str | None = None
        self.checked: bool | None = None

    def __repr__(self) -> str:
        return f"<Node {self.id} {self.tag or self.type}>"

    @property
    def children(self) -> list["Node"]:
        """All children, those in the shadow root too, in order; a new list."""
        return list(self.iter_children())

    def iter_children(self) -> Iterator["Node"]:
        child = self.first
        while child is not None:
            yield child
            child = child.next

    @property
    def is_element(self) -> bool:
        return self.type == NodeType.ELEMENT

    def elements(self, *, shadow: bool = False) -> Iterator["Node"]:
        """Children that are elements: those outside the shadow root, or those in it."""
        return (child for child in self.iter_children() if child.type == NodeType.ELEMENT and child.shadow == shadow)

    def ancestors(self) -> Iterator["Node"]:
        """Parent first; through shadow roots, and through frames up to the page's own document."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def descendants(self) -> Iterator["Node"]:
        """In document order, this node not included; into shadow roots and frames."""
        node = self.first
        while node is not None:
            yield node
            node = node.first or node.following(within=self)

    def following(self, *, within: "Node | None" = None) -> "Node | None":
        """The next node in document order that is no descendant of this one, None at the end of `within`."""
        node: Node | None = self
        while node is not None and node is not within:
            if node.next is not None:
                return node.next
            node = node.parent
        return None

    def attribute(self, name: str) -> str:
        """An attribute's value as text, "" where there is none."""
        value = self.attributes.get(name)
        return value if isinstance(value, str) else "" if value is None or value is False else str(value)

    def text_content(self, limit: int, *, nodes: int = 10_000) -> str:
        """Text below (or of) this node, `limit` characters at most; without scripts, styles, templates and frames.

        Looks at `nodes` nodes at most. Pieces are put together as they are: the blanks are the document's own.
        """
        if self.type in _TEXTUAL:
            return self.text[:limit]
        parts: list[str] = []
        left = limit
        node = self.first if self.tag not in _UNREAD else None
        while node is not None and left > 0 and nodes > 0:
            nodes -= 1
            if node.type in _TEXTUAL:
                parts.append(node.text[:left])
                left -= len(parts[-1])
            inner = node.first if node.tag not in _UNREAD else None
            node = inner or node.following(within=self)
        return "".join(parts)

    def insert(self, child: "Node", before: "Node | None" = None) -> None:
        """Put a node that has no parent under this one, at the end or before one of the children."""
        child.parent = self
        child.next = before
        child.previous = self.last if before is None else before.previous
        if child.previous is None:
            self.first = child
        else:
            child.previous.next = child
        if before is None:
            self.last = child
        else:
            before.previous = child

    def detach(self) -> None:
        """Take this node, with all below it, from its parent."""
        parent = self.parent
        if parent is None:
            return
        if self.previous is None:
            parent.first = self.next
        else:
            self.previous.next = self.next
        if self.next is None:
            parent.last = self.previous
        else:
            self.next.previous = self.previous
        self.parent = self.previous = self.next = None
