"""Which nodes of one generation of the document are hidden: all that ever were below something that was ever to be hidden."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from renderer.recording.dom.node import Node, NodeType
from renderer.redact.policy.rules import Rules

_STYLE: Final = "style"


@dataclass(slots=True)
class Generation:
    """Ids from one full snapshot to the next.

    `masked`: their text, and what is typed into them. `blocked`: replaced by a box; `inside`: what was ever below those.
    `fields`: whose value, options and text are masked. `styles`: texts of style elements. `known`: everything.
    """

    masked: set[int] = field(default_factory=set)
    blocked: set[int] = field(default_factory=set)
    inside: set[int] = field(default_factory=set)
    fields: set[int] = field(default_factory=set)
    styles: set[int] = field(default_factory=set)
    known: set[int] = field(default_factory=set)
    tags: dict[int, str] = field(default_factory=dict)


class Coverage:
    """Gathers while the recording is read, and concludes at its end: nothing is seen before the class arrives that hides it."""

    def __init__(self, rules: Rules) -> None:
        self._rules = rules
        self._below: dict[int, list[int]] = {}
        self._mask: set[int] = set()
        self._firm: set[int] = set()
        self._block: set[int] = set()
        self._firm_block: set[int] = set()
        self._shown: set[int] = set()
        self._fields: set[int] = set()
        self._now = Generation()

    def placed(self, node: Node) -> None:
        """A node has come to its place in the document."""
        own = node.id
        if own <= 0:
            return
        now = self._now
        now.known.add(own)
        parent = node.parent
        if parent is not None and parent.id > 0:
            self._below.setdefault(parent.id, []).append(own)
        if node.is_element:
            now.tags[own] = node.tag
            self.judge(node)
        elif parent is not None and parent.tag == _STYLE and node.type != NodeType.COMMENT:
            now.styles.add(own)

    def lost(self, node_id: int, parent_id: int | None) -> None:
        """A node that has no place the mirror knows of: what it is below of cannot be told, so it is hidden."""
        self._now.known.add(node_id)
        self._firm.add(node_id)
        if parent_id is not None:
            self._below.setdefault(parent_id, []).append(node_id)

    def judge(self, node: Node) -> None:
        """Ask all rules about an element as it is now; what was once to be hidden stays hidden."""
        rules, own = self._rules, node.id
        if own <= 0:
            return
        shown = bool(rules.show) and rules.show.matches(node)
        if shown:
            self._shown.add(own)
        else:
            self._shown.discard(own)
        if rules.mask.matches(node):
            self._mask.add(own)
        if rules.block.matches(node):
            self._block.add(own)
        if rules.firm_mask.matches(node):
            self._firm.add(own)
        if rules.firm_block.matches(node):
            self._firm_block.add(own)
        if rules.hides_field(node, shown=shown):
            self._fields.add(own)

    def conclude(self) -> Generation:
        now = self._now
        now.masked = self._all_below(self._firm) | self._all_below(self._mask - self._shown, self._shown)
        now.blocked = self._firm_block | (self._block - self._shown)
        now.inside = self._all_below(now.blocked) - now.blocked
        now.fields = self._all_below(self._fields)
        return now

    def _all_below(self, roots: Iterable[int], but: frozenset[int] | set[int] = frozenset()) -> set[int]:
        found = set(roots)
        todo = list(found)
        while todo:
            for child in self._below.get(todo.pop(), ()):
                if child not in found and child not in but:
                    found.add(child)
                    todo.append(child)
        return found
