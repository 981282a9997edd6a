"""A recorded element as cssselect2 wants to see one; it was written for trees of ElementTree."""

from collections.abc import Iterator
from functools import cached_property
from typing import Final

from renderer.recording.dom.node import Node

_SVG: Final = "http://www.w3.org/2000/svg"
_HTML: Final = "http://www.w3.org/1999/xhtml"


class Attributes:
    """What cssselect2 calls `etree_element`: attributes by their names in lower case, the tag, whether there is text."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @cached_property
    def attrib(self) -> dict[str, str]:
        return {name.lower(): self._node.attribute(name) for name in self._node.attributes}

    def get(self, name: str, default: str | None = None) -> str | None:
        return self.attrib.get(name, default)

    @property
    def tag(self) -> str:
        return f"{{{_SVG if self._node.svg else _HTML}}}{self._node.tag}"

    @property
    def text(self) -> str:
        return self._node.text_content(1, nodes=100)

    def iter(self, _: str) -> Iterator["Attributes"]:
        """<meta http-equiv=content-language>, which no page has any more."""
        return iter(())


class Siblings:
    """The elements among a node's children, in the light tree or in its shadow root, and which of them is which."""

    def __init__(self, parent: Node, *, shadow: bool) -> None:
        self.nodes = [node for node in parent.iter_children() if node.is_element and node.shadow == shadow]
        self.index = {id(node): number for number, node in enumerate(self.nodes)}
        self.attributes = [Attributes(node) for node in self.nodes]


# By parent and tree; kept while the document stays as it is, so that a list of n elements costs n and not n².
Families = dict[tuple[int, bool], Siblings]


class Element:
    """Compared by what it stands for. A shadow root's child has the host for its parent: what is said of the host holds for
    it; a frame's document begins anew.
    """

    in_html_document: Final = True
    transport_content_language: Final = None

    def __init__(self, node: Node, families: Families) -> None:
        self.node = node
        self._families = families

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and other.node is self.node

    def __hash__(self) -> int:
        return id(self.node)

    @cached_property
    def etree_element(self) -> Attributes:
        return Attributes(self.node)

    @property
    def local_name(self) -> str:
        return self.node.tag

    @property
    def namespace_url(self) -> str:
        return _SVG if self.node.svg else _HTML

    @property
    def id(self) -> str | None:
        return self.etree_element.get("id")

    @cached_property
    def classes(self) -> set[str]:
        return set(self.node.attribute("class").split())

    @property
    def parent(self) -> "Element | None":
        parent = self.node.parent
        return Element(parent, self._families) if parent is not None and parent.is_element else None

    @property
    def ancestors(self) -> Iterator["Element"]:
        parent = self.node.parent
        while parent is not None and parent.is_element:
            yield Element(parent, self._families)
            parent = parent.parent

    @property
    def previous(self) -> "Element | None":
        return next(iter(self.previous_siblings), None)

    @property
    def previous_siblings(self) -> Iterator["Element"]:
        node = self.node.previous
        while node is not None:
            if node.is_element and node.shadow == self.node.shadow:
                yield Element(node, self._families)
            node = node.previous

    @property
    def etree_siblings(self) -> list[Attributes]:
        family = self._family()
        return family.attributes if family is not None else [self.etree_element]

    @property
    def index(self) -> int:
        family = self._family()
        return family.index[id(self.node)] if family is not None else 0

    def _family(self) -> Siblings | None:
        parent, shadow = self.node.parent, self.node.shadow
        if parent is None:
            return None
        family = self._families.get((id(parent), shadow))
        if family is None:
            family = self._families[id(parent), shadow] = Siblings(parent, shadow=shadow)
        return family

    @property
    def etree_children(self) -> list[Attributes]:
        return [child.etree_element for child in self.iter_children()]

    def iter_children(self) -> Iterator["Element"]:
        return (Element(child, self._families) for child in self.node.iter_children() if child.is_element)

    def iter_subtree(self) -> Iterator["Element"]:
        yield self
        for node in self.node.descendants():
            if node.is_element:
                yield Element(node, self._families)

    def iter_next_siblings(self) -> Iterator["Element"]:
        node = self.node.next
        while node is not None:
            if node.is_element and node.shadow == self.node.shadow:
                yield Element(node, self._families)
            node = node.next

    def iter_siblings(self) -> Iterator["Element"]:
        family = self._family()
        return (Element(node, self._families) for node in (family.nodes if family is not None else [self.node]))

    @property
    def lang(self) -> str:
        for element in (self, *self.ancestors):
            if (told := element.etree_element.get("lang")) is not None:
                return told.lower()
        return ""

    @property
    def in_disabled_fieldset(self) -> bool:
        return any(
            element.local_name == "fieldset" and element.etree_element.get("disabled") is not None
            for element in self.ancestors
        )
