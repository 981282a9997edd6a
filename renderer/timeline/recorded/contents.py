"""Whether there is anything to see or read in a window's document, found by a search that stops at the first thing."""

import re
from typing import Final

from renderer.recording.dom.mirror import Change, Mirror, Node, NodeType

_MOST_NODES: Final = 5_000
"""Of one search. A page of so many elements without a text or a picture is drawn by its style sheets: it is not called blank."""

_NEAR_NODES: Final = 200
_DEPTH: Final = 1_000
# Half a second for each window. A page needs a few dozen nodes at each full snapshot, and seldom more.
_BUDGET_NODES: Final = 1_000_000
# The mirror keeps so much of a text: the rest of one that begins with as many blanks is not known.
_LONG: Final = 1_000

_UNSEEN: Final = frozenset({"head", "script", "style", "noscript", "template", "title", "link", "meta"})
_SEEN: Final = frozenset(
    {"img", "picture", "svg", "canvas", "video", "iframe", "frame", "object", "embed", "progress", "meter"}
    | {"input", "button", "select", "textarea"}
)
_TEXTS: Final = (NodeType.TEXT, NodeType.CDATA)
_PAGE: Final = frozenset({"html", "body"})
_NOTHING: Final = " \t\r\n\f\v\u00a0\u200b\u200c\u200d\u2060\ufeff"
_PICTURE: Final = re.compile(r"background(?:-image)?\s*:[^;]*(?:url\(|gradient\(|image-set\()", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|clip\s*:\s*rect\(\s*[01](?:px)?\b)", re.IGNORECASE)
_DOT: Final = re.compile(r"(?:^|;)\s*(?:width|height)\s*:\s*[01](?:px)?\s*(?:!|;|$)", re.IGNORECASE)
_DOTS: Final = frozenset({"0", "1", "0px", "1px"})
# Drawn by style sheets alone, which nobody reads here; but a page that shows that it is loading is not blank.
_LOADER: Final = re.compile(r"spin|load(?:er|ing)|skeleton|shimmer|progress|splash", re.IGNORECASE)
_SHOWING: Final = frozenset({"style", "hidden", "open", "type", "width", "height"})


class Contents:
    """Follows one window's mirror: call `look` after a full snapshot, and after a change that `lost` or `gained` asks it for.

    In doubt there is something: in a document too large to search, and once the budget is spent (`is_spent`).
    """

    def __init__(self, mirror: Mirror) -> None:
        self._mirror = mirror
        self._budget = _BUDGET_NODES
        self._found: Node | None = None
        self._around: dict[Node, None] = {}
        """What was found and all above it, itself first."""
        self._hidden: set[Node] = set()
        self._added = 0
        """Nodes since the last look."""

    @property
    def is_spent(self) -> bool:
        return self._budget <= 0

    def look(self) -> bool:
        """Whether anything is there: first of all around what was there before."""
        around, self._around, self._found = self._around, {}, None
        self._hidden.clear()
        self._added = 0
        root = self._mirror.root
        if root is None or self._budget <= 0:
            return True
        is_whole = False
        for near in around:
            if self._is_there(near):
                if near is not root and self._is_shown(near):
                    self._found, _ = self._search(near, _NEAR_NODES)
                break
        if self._found is None:
            self._hidden.clear()
            self._found, is_whole = self._search(root, _MOST_NODES)
        here = self._found
        left = _DEPTH
        while here is not None and left > 0:
            self._around[here] = None
            here = here.parent
            left -= 1
        self._budget -= _DEPTH - left
        return self._found is not None or not is_whole or self._budget <= 0

    def lost(self, change: Change) -> bool:
        """Whether `change` took away, hid or emptied what was found."""
        found = self._found
        if found is None:  # there was too much to search
            return bool(change.removed)
        if change.removed and self._mirror.get(found.id) is not found and not self._is_there(found):
            return True
        if change.texts and found in change.texts:
            return not _may_count(found)
        if change.attributes:
            around = self._around
            for node, names in change.attributes:
                if node not in around or _SHOWING.isdisjoint(names):
                    continue
                if _is_hidden(node) or (node is found and not _may_count(node)):
                    return True
        return False

    def gained(self, change: Change) -> bool:
        """Whether `change` may have brought something to a document without anything."""
        self._added += len(change.added)
        return (
            self._added >= _MOST_NODES
            or any(_may_count(node) for nodes in (change.added, change.texts) for node in nodes)
            or any(_may_count(node) for node, _ in change.attributes)
            or any(node in self._hidden and not _is_hidden(node) for node, _ in change.attributes)
        )

    def _search(self, top: Node, most: int) -> tuple[Node | None, bool]:
        """The first thing below `top` that is shown, and whether all of it was looked at; notes what is hidden."""
        node = top.first
        left = most
        while node is not None and left > 0:
            left -= 1
            inner = node.first
            if node.type != NodeType.ELEMENT:
                if _is_text(node):
                    break
            elif _is_hidden(node):
                inner = None
                if node.tag not in _UNSEEN:
                    self._hidden.add(node)
            elif _is_something(node):
                break
            node = inner or node.following(within=top)
        else:
            self._budget -= most - left
            return None, node is None
        self._budget -= most - left
        return node, False

    def _is_there(self, node: Node) -> bool:
        """In the document still. What the recording gives no id is there as long as what is around it."""
        here: Node | None = node
        for _ in range(_DEPTH):
            if here is None or here.id > 0:
                break
            here = here.parent
        return here is not None and self._mirror.get(here.id) is here

    def _is_shown(self, node: Node) -> bool:
        here: Node | None = node
        for _ in range(_DEPTH):
            if here is None:
                return True
            if _is_hidden(here):
                return False
            here = here.parent
        return False


def _is_hidden(node: Node) -> bool:
    """With all that is in it. By what is written on the element itself: style sheets are not read."""
    if node.type != NodeType.ELEMENT:
        return False
    if node.tag in _UNSEEN:
        return True
    attributes = node.attributes
    if node.tag == "dialog" and "open" not in attributes:
        return True
    if not attributes:
        return False
    if "hidden" in attributes and attributes["hidden"] is not False:
        return True
    style = attributes.get("style")
    # The words first, as styles are read for each step of an animation.
    return isinstance(style, str) and ("none" in style or "clip" in style) and _HIDDEN.search(style) is not None


def _may_count(node: Node) -> bool:
    """Something to see or to read, were it not in something hidden."""
    if node.type == NodeType.ELEMENT:
        return not _is_hidden(node) and _is_something(node)
    return _is_text(node) and (node.parent is None or node.parent.tag not in _UNSEEN)


def _is_text(node: Node) -> bool:
    text = node.text
    return node.type in _TEXTS and bool(text) and (bool(text.strip(_NOTHING)) or len(text) >= _LONG)


def _is_something(node: Node) -> bool:
    """An element that is something to see, whatever is in it."""
    attributes = node.attributes
    if node.tag in _SEEN:
        return not (node.tag == "input" and attributes.get("type") == "hidden") and not _is_dot(node)
    if node.custom and not node.shadow_host and node.first is None:
        return True  # what is in a closed shadow root is not recorded
    if not attributes or node.tag in _PAGE:
        return False
    if "rr_width" in attributes:  # kept out of the recording, all but its size
        return attributes["rr_width"] not in _DOTS and attributes.get("rr_height") not in _DOTS
    style = attributes.get("style")
    if isinstance(style, str) and _PICTURE.search(style):
        return True
    return any(_LOADER.search(node.attribute(name)[:200]) for name in ("class", "id", "role"))


def _is_dot(node: Node) -> bool:
    """Counters of visits, and frames and drawings that only hold something, are this small."""
    attributes = node.attributes
    if str(attributes.get("width")) in _DOTS or str(attributes.get("height")) in _DOTS:
        return True
    style = attributes.get("style")
    return isinstance(style, str) and _DOT.search(style) is not None
