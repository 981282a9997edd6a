"""Finding elements that others name by `id` and `for`, within a budget: the document and the clicks are the recording's."""

from renderer.recording.dom import Mirror, Node

# About three seconds of looking in a window; a session of 500 clicks in a page of 5,000 nodes takes a twentieth.
_BUDGET_NODES = 20_000_000


class Lookup:
    """Elements of one window's mirror by id, and labels by what they are for. `changed()` after every change."""

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._budget = _BUDGET_NODES
        self._by_id: dict[str, Node] | None = None
        self._labels: dict[str, Node] = {}

    def changed(self) -> None:
        self._by_id = None

    def by_id(self, name: str) -> Node | None:
        return self._index().get(name)

    def label_for(self, name: str) -> Node | None:
        self._index()
        return self._labels.get(name)

    def _index(self) -> dict[str, Node]:
        if self._by_id is None:
            self._by_id, self._labels = {}, {}
            if self._mirror.root is not None and self._budget > 0:
                self._walk(self._mirror.root)
        return self._by_id

    def _walk(self, root: Node) -> None:
        assert self._by_id is not None
        for node in root.descendants():
            self._budget -= 1
            if self._budget <= 0:
                return
            if node.attributes:
                if isinstance(name := node.attributes.get("id"), str):
                    self._by_id.setdefault(name, node)
                if node.tag == "label" and isinstance(target := node.attributes.get("for"), str):
                    self._labels.setdefault(target, node)
