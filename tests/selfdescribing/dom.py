"""A small model of a recorded page: nodes with rrweb ids, so that a full snapshot can be taken at any moment of a session."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

Json = dict[str, Any]

DOCUMENT, DOCTYPE, ELEMENT, TEXT = 0, 1, 2, 3  # rrweb NodeType


@dataclass(eq=False)
class Node:
    """A node of the page. `id` is 0 until a Session has taken it in; `flags` go into the serialized node as they are."""

    kind: int
    tag: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    children: list["Node"] = field(default_factory=list)
    shadow: list["Node"] = field(default_factory=list)
    text: str = ""
    flags: Json = field(default_factory=dict)
    document: "Node | None" = None
    parent: "Node | None" = None
    id: int = 0

    def __post_init__(self) -> None:
        for child in (*self.children, *self.shadow):
            child.parent = self
        if self.document:
            self.document.parent = self

    def with_shadow(self, *nodes: "Node") -> Self:
        """The same element as the host of a shadow tree."""
        self.shadow.extend(nodes)
        for node in nodes:
            node.parent = self
        return self

    def tree(self) -> Iterator["Node"]:
        """This node and all below it in the order in which rrweb numbers them; embedded documents are not part of it."""
        yield self
        for child in (*self.children, *self.shadow):
            yield from child.tree()

    def frames(self) -> Iterator["Node"]:
        """Elements of this tree that embed a document."""
        return (node for node in self.tree() if node.document is not None)

    def serialized(self, root_id: int | None = None, *, in_shadow: bool = False) -> Json:
        """As rrweb-snapshot writes it; `root_id` is the embedded document's."""
        common: Json = {"id": self.id, **({"rootId": root_id} if root_id else {}), **self.flags}
        if in_shadow:
            common["isShadow"] = True
        if self.kind == TEXT:
            style = {"isStyle": True} if self.parent and self.parent.tag == "style" else {}
            return {"type": TEXT, "textContent": self.text, **style, **common}
        if self.kind == DOCTYPE:
            return {"type": DOCTYPE, "name": "html", "publicId": "", "systemId": "", **common}
        children = [child.serialized(root_id) for child in self.children]
        children += [child.serialized(root_id, in_shadow=True) for child in self.shadow]
        if self.kind == DOCUMENT:
            return {"type": DOCUMENT, "childNodes": children, **common}
        host = {"isShadowHost": True} if self.shadow else {}
        svg = {"isSVG": True} if self.tag in _SVG else {}
        return {
            "type": ELEMENT, "tagName": self.tag, "attributes": dict(self.attributes), "childNodes": children, **host, **svg, **common,
        }  # fmt: skip


_SVG = frozenset({"svg", "rect", "circle", "image", "use", "g", "animate", "set", "path", "foreignObject"})


def el(tag: str, attributes: Json | None = None, *children: Node | str, **more: Any) -> Node:
    """An element. Strings become text nodes; keyword arguments become attributes (`class_` is `class`)."""
    named = {name.rstrip("_"): value for name, value in more.items()}
    nodes = [text(child) if isinstance(child, str) else child for child in children]
    return Node(ELEMENT, tag, {**(attributes or {}), **named}, nodes)


def text(value: str) -> Node:
    return Node(TEXT, text=value)


def document(*body: Node | str, css: str = "", head: tuple[Node, ...] = (), **body_attributes: Any) -> Node:
    """A whole HTML document."""
    style = (el("style", None, css),) if css else ()
    html = el("html", None, el("head", None, *style, *head), el("body", None, *body, **body_attributes))
    return Node(DOCUMENT, children=[Node(DOCTYPE), html])


def frame(inner: Node | None, **attributes: Any) -> Node:
    """An iframe; None is one whose content was not recorded."""
    return Node(ELEMENT, "iframe", {name.rstrip("_"): value for name, value in attributes.items()}, document=inner)
