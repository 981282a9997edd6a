"""The first reading of a window: what is to be hidden where, before anything is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from renderer.errors import RedactionError
from renderer.recording.decode.headers import integer
from renderer.recording.dom.mirror import Change, Mirror
from renderer.recording.dom.node import Node, NodeType
from renderer.recording.model import EventType, Source
from renderer.redact.document.around import line_of
from renderer.redact.document.coverage import Coverage, Generation
from renderer.redact.policy.rules import Rules
from renderer.redact.text.masks import Span
from renderer.redact.text.patterns import Finder
from renderer.redact.text.same_signs import Key, SameSigns, key

# Elements judged again because something beside them changed; some 20 s of it.
_MOST_JUDGED: Final = 20_000_000
_LONGEST_LINE: Final = 20_000
_UNREAD: Final = frozenset({"style", "script", "noscript", "template"})
_TEXT: Final = (NodeType.TEXT, NodeType.CDATA)


@dataclass(frozen=True, slots=True)
class Found:
    """`generations[n]`: what is hidden between the n-th full snapshot and the next (0: before the first). `spans`: parts of
    texts and attribute values by their state; patterns find those that stand in one text without help.
    """

    generations: Sequence[Generation]
    spans: Mapping[Key, Sequence[Span]]


class Survey:
    """Fed with the parsed `data` of one window's events in order."""

    def __init__(self, rules: Rules, finder: Finder) -> None:
        self._rules = rules
        self._finder = finder
        self._mirror = Mirror()
        self._coverage = Coverage(rules)
        self._generations: list[Generation] = []
        self._signs = SameSigns()
        self._asked: set[Key] = set()
        self._judged = 0

    def read(self, event_type: int, source: int | None, data: Any) -> None:
        if not isinstance(data, dict):
            return
        self._rules.forget()
        if event_type == EventType.FULL_SNAPSHOT:
            self._snapshot(data)
        elif source == Source.MUTATION:
            self._mutation(data)
        elif source == Source.INPUT:
            self._input(data)

    def conclude(self) -> Found:
        return Found([*self._generations, self._coverage.conclude()], self._signs.conclude())

    def _snapshot(self, data: dict[str, Any]) -> None:
        before, self._mirror = self._mirror, Mirror()
        change = self._mirror.apply(EventType.FULL_SNAPSHOT, None, data)
        if not change.rebuilt:
            self._mirror = before
            return
        self._generations.append(self._coverage.conclude())
        self._coverage = Coverage(self._rules)
        root = self._mirror.root
        nodes = [root, *root.descendants()] if root is not None else []
        for node in nodes:
            self._coverage.placed(node)
        for node in nodes:
            self._line(node)
            old = before.get(node.id) if len(before) else None
            if old is not None and old.type == node.type and old.tag == node.tag:
                self._again(old, node)
        # Nothing is placed in the new document that the mirror did not take: the player builds it from the same tree.

    def _again(self, old: Node, new: Node) -> None:
        """The recorder takes the whole document anew now and then; ids stay, so what is typed meanwhile goes on."""
        pairs = [("", old.text, new.text)] if new.type in _TEXT else [("value", _value(old), _value(new))]
        for name, before, after in pairs:
            if before and after and (before.startswith(after) or after.startswith(before)):
                self._became(new.id, name, before, after)

    def _mutation(self, data: dict[str, Any]) -> None:
        mirror = self._mirror
        texts = [(node, node.text) for told in _objects(data.get("texts")) if (node := mirror.get(told.get("id")))]
        attributes = []
        for told in _objects(data.get("attributes")):
            node = mirror.get(told.get("id"))
            if node is not None and isinstance(told.get("attributes"), dict):
                attributes.append(
                    (node, {name: node.attribute(name) for name in told["attributes"] if isinstance(name, str)})
                )
        change = mirror.apply(EventType.INCREMENTAL, Source.MUTATION, data)
        self._rules.forget()
        for node in change.added:
            self._coverage.placed(node)
        self._lost(data)
        for node, before in texts:
            self._became(node.id, "", before, node.text)
        for node, values in attributes:
            for name, before in values.items():
                if isinstance(node.attributes.get(name), str) or before:
                    self._became(node.id, name, before, node.attribute(name))
        for node in (*change.added, *change.texts):
            self._line(node)
        if change.removed and change.added:
            self._rendered_anew(data, change)
        self._judge_again(change)

    def _input(self, data: dict[str, Any]) -> None:
        node = self._mirror.get(data.get("id"))
        text = data.get("text")
        if node is None or not isinstance(text, str):
            return
        before = _value(node)
        self._mirror.apply(EventType.INCREMENTAL, Source.INPUT, data)
        self._became(node.id, "value", before, text)

    def _became(self, node_id: int, field: str, before: str, after: str) -> None:
        if before == after:
            return
        old, new = key(node_id, field, before), key(node_id, field, after)
        self._ask(old, before)
        self._ask(new, after)
        self._signs.next_state(old, before, new, after)

    def _ask(self, state: Key, text: str) -> None:
        if state not in self._asked:
            self._asked.add(state)
            self._signs.found(state, self._finder.spans(text, count=False))

    def _line(self, node: Node) -> None:
        """Patterns that begin in one element and end in the next."""
        if node.type not in _TEXT or not node.text or (node.parent is not None and node.parent.tag in _UNREAD):
            return
        line, own = line_of(node)
        if len(line) == 1 or len(node.text) > _LONGEST_LINE:
            return
        texts = [one.text for one in line]
        if own:
            texts[0] = texts[0][-256:]
        cut = len(line[0].text) - len(texts[0])
        if own + 1 < len(line):
            texts[-1] = texts[-1][:256]
        spans = self._finder.spans("".join(texts), count=False)
        if not spans:
            return
        position = 0
        for number, one in enumerate(line):
            length = len(texts[number])
            shift = position - (cut if number == 0 else 0)
            inside = [
                (max(low, position) - shift, min(high, position + length) - shift)
                for low, high in spans
                if low < position + length and high > position
            ]
            self._signs.found(key(one.id, "", one.text), inside)
            position += length

    def _rendered_anew(self, data: dict[str, Any], change: Change) -> None:
        """Texts that were taken out of an element, and those that were put into it by the same event."""
        gone = {node.id: node for node in change.removed}
        came = {node.id for node in change.added}
        under: dict[int, list[Node]] = {}
        for told in _objects(data.get("removes")):
            node, parent = gone.get(integer(told.get("id")) or 0), integer(told.get("parentId"))
            if node is not None and parent is not None:
                under.setdefault(parent, []).append(node)
        for parent_id, nodes in under.items():
            place = self._mirror.get(parent_id)
            if place is None:
                continue
            before = _texts(nodes)
            after = _texts(child for child in place.iter_children() if child.id in came)
            if before and after:
                for state, text in (*before, *after):
                    self._ask(state, text)
                self._signs.replaced(before, after)

    def _lost(self, data: dict[str, Any]) -> None:
        for add in _objects(data.get("adds")):
            node, parent = add.get("node"), integer(add.get("parentId"))
            if not isinstance(node, dict) or self._mirror.get(node.get("id")) is not None:
                continue
            todo: list[tuple[dict[str, Any], int | None]] = [(node, parent)]
            while todo:
                one, above = todo.pop()
                own = integer(one.get("id"))
                if own is not None and own > 0:
                    self._coverage.lost(own, above)
                todo += [(child, own) for child in _objects(one.get("childNodes"))]

    def _judge_again(self, change: Change) -> None:
        reach = self._rules.reach
        changed = [node for node, names in change.attributes if not self._rules.names.isdisjoint(_lower(names))]
        tops: dict[int, Node] = {}
        if reach >= 3:
            if (changed or change.added or change.removed) and self._mirror.root is not None:
                tops[0] = self._mirror.root
        elif reach == 2:
            around = [*changed, *change.added]
            tops = {parent.id: parent for node in around if (parent := node.parent) is not None}
            tops |= {told.id: told for told in change.texts if told.parent is not None}
        elif reach == 1:
            tops = {node.id: node for node in changed}
        else:
            for node in changed:
                self._coverage.judge(node)
            return
        for top in tops.values():
            if top.is_element:
                self._coverage.judge(top)
            for node in top.descendants():
                self._judged += 1
                if node.is_element:
                    self._coverage.judge(node)
        if self._judged > _MOST_JUDGED:
            raise RedactionError(
                "redaction_too_slow",
                "selectors with :has(), :nth-child() or + cost too much on this recording; write the policy without them, or, if they "
                'are the recorder\'s, with selectors.recorder = "ignore"',
            )


def _texts(nodes: Iterable[Node]) -> list[tuple[Key, str]]:
    found: list[tuple[Key, str]] = []
    left = _LONGEST_LINE
    for top in nodes:
        for node in (top, *top.descendants()):
            if node.type in _TEXT and node.text and (node.parent is None or node.parent.tag not in _UNREAD):
                found.append((key(node.id, "", node.text), node.text))
                left -= len(node.text)
                if left < 0:
                    return []
    return found


def _value(node: Node) -> str:
    return node.value if node.value is not None else node.attribute("value")


def _lower(names: Iterable[str]) -> Iterable[str]:
    return (name.lower() for name in names)


def _objects(value: object) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
