"""Finding elements that others name by `id` and `for`, within a budget: the document and the clicks are the recording's."""

from typing import Final

from renderer.recording.dom.mirror import Change, Mirror, Node
from renderer.timeline.recorded.surface import PAGE

# Three seconds of looking through documents. A window needs one look for each full snapshot, and seldom another.
_BUDGET_NODES: Final = 10_000_000
_STALE: Final = 10_000


class Lookup:
    """Elements of one window's mirror by id, and labels by what they are for.

    Read when first asked for, then kept by the changes. Holds numbers, so that removed nodes can go.
    `surface`: what the window shows, in a word, a "page" or an app's "screen".
    """

    def __init__(self, mirror: Mirror, surface: str = PAGE) -> None:
        self._mirror = mirror
        self.surface = surface
        self._budget = _BUDGET_NODES
        self._is_read = False
        self._by_id: dict[str, int] = {}
        self._labels: dict[str, int] = {}

    def changed(self, change: Change) -> None:
        if not self._is_read:
            return
        if change.rebuilt or len(self._by_id) + len(self._labels) > 2 * len(self._mirror) + _STALE:
            self._is_read = False
            return
        for node in change.added:
            if node.attributes:
                self._take(node)
        for node, names in change.attributes:
            if "id" in names or "for" in names:
                self._take(node)

    def by_id(self, name: str) -> Node | None:
        return self._find(self._by_id, "id", name)

    def label_for(self, name: str) -> Node | None:
        return self._find(self._labels, "for", name)

    def _find(self, index: dict[str, int], attribute: str, name: str) -> Node | None:
        if self._is_read:
            node_id = index.get(name)
            node = self._mirror.get(node_id)
            if node is not None and node.attributes.get(attribute) == name:
                return node
            if node_id is None:
                return None
        self._read()  # never yet, or another element has that id now
        return self._mirror.get(index.get(name))

    def _read(self) -> None:
        self._by_id.clear()
        self._labels.clear()
        self._is_read = True
        if self._mirror.root is None:
            return
        for node in self._mirror.root.descendants():
            self._budget -= 1
            if self._budget <= 0:
                return
            if node.attributes:
                self._take(node)

    def _take(self, node: Node) -> None:
        """The first of an id is the one that counts, as in a browser; of an id that was taken before, the one still there."""
        if isinstance(name := node.attributes.get("id"), str):
            self._put(self._by_id, name, node)
        if node.tag == "label" and isinstance(name := node.attributes.get("for"), str):
            self._put(self._labels, name, node)

    def _put(self, index: dict[str, int], name: str, node: Node) -> None:
        if self._mirror.get(index.get(name)) is None:
            index[name] = node.id
