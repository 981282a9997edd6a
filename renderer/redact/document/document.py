"""Serialised documents and their changes, with what is hidden hidden: the second reading of a window."""

from collections.abc import Sequence
from typing import Any, Final

from renderer.recording.decode.headers import integer
from renderer.recording.dom.node import NodeType
from renderer.redact.document.attributes import Attributes
from renderer.redact.document.coverage import Generation
from renderer.redact.text import markup
from renderer.redact.text.same_signs import key
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values

_NODE: Final = frozenset({"attributes", "childNodes", "textContent", "tagName"})
_NODE_NUMBERS: Final = frozenset(
    {"type", "id", "rootId", "isStyle", "isSVG", "isShadow", "isShadowHost", "isCustom", "needBlock"}
)
_IDS: Final = frozenset({"id", "parentId", "nextId", "previousId", "isShadow"})
_INPUT: Final = frozenset({"source", "id", "isChecked", "userTriggered"})


class Document:
    """Rewrites in place. `dropped`: ids that the player will not know, as they are below a blocked element."""

    def __init__(self, scrub: Scrub, urls: Urls, values: Values, attributes: Attributes) -> None:
        self._scrub = scrub
        self._urls = urls
        self._values = values
        self._attributes = attributes
        self._now = Generation()
        self._dropped: set[int] = set()
        self._boxed: set[int] = set()
        """Canvases where text is masked: what is drawn on them is a text like any other, in a picture that cannot be read."""

    def begin(self, generation: Generation) -> None:
        self._now = generation
        self._dropped = set()
        self._boxed = set()

    def is_hidden(self, node_id: object) -> bool:
        """Whether the player does not know this node, or knows a box alone."""
        own = integer(node_id)
        return own is not None and (own in self._dropped or own in self._boxed or own in self._now.blocked)

    def tree(self, node: dict[str, Any], parent_id: int | None = None) -> None:
        """A serialised node with all that is below it."""
        above = self._now.tags.get(parent_id or 0, "")
        masked = parent_id in self._now.masked or parent_id in self._now.inside
        todo = [(node, above, masked, parent_id in self._now.fields)]
        while todo:
            told, tag, masked, field = todo.pop()
            own = integer(told.get("id")) or 0
            self._dropped.discard(own)
            if own in self._now.known:  # what is above it has been reckoned with, exceptions too
                masked = own in self._now.masked or own in self._now.inside
                field = own in self._now.fields
            if told.get("type") == NodeType.ELEMENT:
                tag = self._element(told, own, masked, field)
            else:
                told.pop("attributes", None)
                told.pop("tagName", None)
            if "textContent" in told:
                self._text_node(told, own, tag, masked or field)
            if "childNodes" in told:
                children = told["childNodes"] = list(_objects(told["childNodes"]))
                todo += [(child, tag, masked, field) for child in children]
            self._values.others(told, _NODE, _NODE_NUMBERS)

    def _element(self, told: dict[str, Any], own: int, masked: bool, field: bool) -> str:
        tag = told.get("tagName")
        if not isinstance(tag, str) or self._scrub.finder.matches(tag):
            tag = told["tagName"] = "x-hidden"
        tag = tag.lower()
        attributes = told.get("attributes")
        if not isinstance(attributes, dict):
            attributes = {}
        if tag == "canvas" and (masked or own in self._now.inside):
            self._boxed.add(own)
        if own in self._now.blocked or own in self._boxed:
            self._drop_below(told)
            told["attributes"] = self._attributes.boxed(tag, attributes)
            told["childNodes"] = []
            told["needBlock"] = True
            self._scrub.counts["blocked_elements"] += 1
        else:
            told["attributes"] = self._attributes.of(
                own, tag, attributes, masked=masked, field=field, pictures=own not in self._now.inside
            )
        return tag

    def _drop_below(self, told: dict[str, Any]) -> None:
        todo = list(_objects(told.get("childNodes")))
        while todo:
            child = todo.pop()
            self._dropped.add(integer(child.get("id")) or 0)
            todo += _objects(child.get("childNodes"))

    def _text_node(self, told: dict[str, Any], own: int, parent_tag: str, hidden: bool) -> None:
        text = told.get("textContent")
        if not isinstance(text, str):
            if "textContent" in told:
                told["textContent"] = self._values.walk(text)
            return
        if text:
            style = told.get("isStyle") is True or parent_tag == "style"
            told["textContent"] = self.text(own, text, hidden=hidden, style=style)

    def text(self, own: int, text: str, *, hidden: bool, style: bool = False) -> str:
        """A text of the page, of the same length; a style sheet keeps to its language."""
        if style:
            return markup.style(text, self._scrub, self._urls.loaded)
        if hidden:
            return self._scrub.whole(text, "masked_text")
        return self._scrub.text(text, [*self._attributes.spans.get(key(own, "", text), ())])

    def mutation(self, data: dict[str, Any]) -> None:
        now = self._now
        adds = []
        for add in _objects(data.get("adds")):
            parent, node = integer(add.get("parentId")), add.get("node")
            if parent is not None and (parent in self._dropped or parent in self._boxed or parent in now.blocked):
                if isinstance(node, dict):
                    self._dropped.add(integer(node.get("id")) or 0)
                    self._drop_below(node)
                continue
            if isinstance(node, dict):
                self.tree(node, parent)
                adds.append(self._rest(add, {"node"}))
        removes = [
            self._rest(remove, set())
            for remove in _objects(data.get("removes"))
            if integer(remove.get("id")) not in self._dropped
        ]
        texts = []
        for told in _objects(data.get("texts")):
            own = integer(told.get("id")) or 0
            if own in self._dropped:
                continue
            if isinstance(told.get("value"), str):
                hidden = own not in now.known or own in now.masked or own in now.fields or own in now.inside
                told["value"] = self.text(own, told["value"], hidden=hidden, style=own in now.styles)
                texts.append(self._rest(told, {"value"}))
            elif told.get("value") is None:
                texts.append(self._rest(told, set()))
        attributes = []
        for told in _objects(data.get("attributes")):
            own = integer(told.get("id")) or 0
            if own in self._dropped:
                continue
            if isinstance(told.get("attributes"), dict):
                told["attributes"] = self._attributes_of(own, told["attributes"])
                attributes.append(self._rest(told, {"attributes"}))
        data |= {"adds": adds, "removes": removes, "texts": texts, "attributes": attributes}

    def _attributes_of(self, own: int, told: dict[str, Any]) -> dict[str, Any]:
        now = self._now
        if own in now.blocked or own in self._boxed:
            return self._attributes.boxed_change(told)
        unknown = own not in now.known
        return self._attributes.of(
            own,
            now.tags.get(own, ""),
            told,
            masked=unknown or own in now.masked or own in now.inside,
            field=unknown or own in now.fields,
            pictures=not unknown and own not in now.inside,
        )

    def input(self, data: dict[str, Any]) -> bool:
        """What was typed; False when the player does not know where."""
        own, text = integer(data.get("id")) or 0, data.get("text")
        if self.is_hidden(own):
            return False
        self._values.others(data, {"text"} if isinstance(text, str) else set(), _INPUT)
        if isinstance(text, str) and text:
            now = self._now
            if own not in now.known or own in now.masked or own in now.fields or own in now.inside:
                if "isChecked" not in data or text != "on":
                    data["text"] = self._scrub.whole(text, "masked_inputs")
            else:
                data["text"] = self._scrub.text(text, [*self._attributes.spans.get(key(own, "value", text), ())])
        return True

    def _rest(self, told: dict[str, Any], done: set[str]) -> dict[str, Any]:
        self._values.others(told, done, _IDS)
        return told


def _objects(value: object) -> Sequence[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
