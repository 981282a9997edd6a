"""The name by which a person knows an element: what is written on it or said of it, as a browser tells a screen reader."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from renderer.recording.dom.mirror import Node, NodeType
from renderer.timeline.recorded import roles
from renderer.timeline.recorded.lookup import Lookup
from renderer.timeline.recorded.roles import plain_role_of, role_of
from renderer.timeline.text import plain

NAME_CHARACTERS: Final = 60
_READ_CHARACTERS: Final = 400
_READ_NODES: Final = 400
_CLIMB: Final = 16
_NEAR: Final = 6

_BLOCKS: Final = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "button",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
    }
    | {"form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "option", "p", "pre"}
    | {"section", "summary", "table", "tbody", "td", "th", "tr", "ul"}
)
# What holds a text of its own, rather than other things.
_WRITTEN: Final = frozenset(
    {"p", "span", "h1", "h2", "h3", "h4", "h5", "h6", "li", "td", "th", "dt", "dd", "strong", "em", "b", "i", "code"}
    | {"pre", "blockquote", "small", "a", "figcaption", "legend", "caption", "mark", "time"}
)
# A little text somewhere on an almost empty page is no name of the rest.
_WHOLE: Final = frozenset({"html", "body"})
_UNREAD: Final = frozenset({"script", "style", "noscript", "template", "iframe", "frame", "select", "textarea"})
_HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "legend", "caption"})
_PLACES: Final = frozenset({"dialog", "form", "section", "article", "fieldset", "aside", "nav", "table", "header"})
# Fonts that draw words as icons: what is written is not what is seen.
_ICON_FONT: Final = re.compile(r"material-(?:icons|symbols)", re.IGNORECASE)
_PRIVATE: Final = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
# What is left of a text that was masked, by the recorder or by a policy.
_MASKED: Final = re.compile(r"[\s*•●∙·█▇■▪_.…xX-]*[*•●█▇■▪][\s*•●∙·█▇■▪_.…xX-]*")
_ARTICLES: Final = {"option": "an option", "audio player": "an audio player"} | {
    "embedded page": "an embedded page",
    "field": "a text field",
    "select": "a list",
    "radio": "an option",
    "file": "a file field",
    "label": "a label",
}


@dataclass(frozen=True, slots=True)
class Target:
    """What was clicked or typed in. `name` is "" where nothing tells it; `phrase` always says something: `“Send”`."""

    node: Node | None
    name: str
    role: str
    phrase: str
    tag: str = ""


def nowhere(lookup: Lookup) -> Target:
    return Target(None, "", "", f"something on the {lookup.surface}")


def target_of(node: Node | None, lookup: Lookup) -> Target:
    """The element that a click on `node` is meant for, and its name."""
    if node is not None and node.type != NodeType.ELEMENT:
        node = node.parent
    if node is None or node.type != NodeType.ELEMENT:
        return nowhere(lookup)
    if "rr_width" in node.attributes and node.first is None:  # a blocked element: rrweb kept its size alone
        return Target(node, "", "hidden", "a hidden area", node.tag)
    own = _meant(node)
    role = role_of(own) if own is not None else ""
    if own is None:
        own = _labelled(node) or node
        role = plain_role_of(own)
    name = name_of(own, lookup, role)
    return Target(own, name, role, _phrase(own, name, role, lookup.surface), own.tag)


def name_of(node: Node, lookup: Lookup, role: str) -> str:
    """At most NAME_CHARACTERS characters, "" when nothing tells a name."""
    for candidate in _candidates(node, lookup, role):
        name = plain(_PRIVATE.sub("", candidate[:_READ_CHARACTERS]), NAME_CHARACTERS)
        if name and not _MASKED.fullmatch(name):
            return name
    return ""


def _candidates(node: Node, lookup: Lookup, role: str) -> Iterator[str]:
    """In the order of the accessible name computation (W3C accname), then what sighted users go by."""
    yield " ".join(read(other) for name in _ids(node) if (other := lookup.by_id(name)) is not None)
    yield node.attribute("aria-label")
    if node.tag in {"input", "textarea", "select"} or role in {roles.FIELD, roles.SELECT}:
        yield from _field_names(node, lookup, role)
    elif role != roles.FIELD:
        yield node.attribute("alt")
        text = read(node)
        is_part = node.tag not in _WHOLE and len(text.strip()) <= NAME_CHARACTERS and not _holds_controls(node)
        if role or node.tag in _WRITTEN or is_part:
            yield text
    yield node.attribute("title")
    yield node.attribute("data-tooltip")


def _field_names(node: Node, lookup: Lookup, role: str) -> Iterator[str]:
    if role == roles.BUTTON:
        yield node.attribute("value")
        yield node.attribute("alt")
        yield {"submit": "Submit", "reset": "Reset"}.get(roles.input_type(node), "")
    if (own_id := node.attribute("id")) and (label := lookup.label_for(own_id)) is not None:
        yield read(label)
    wrapping = next((above for above in islice(node.ancestors(), _NEAR) if above.tag == "label"), None)
    if wrapping is not None:
        yield read(wrapping)
    yield node.attribute("placeholder")
    yield node.attribute("aria-placeholder")
    yield node.attribute("data-placeholder")
    if node.tag == "div" and node.first is not None:  # editors write the placeholder into the first paragraph
        yield next((below.attribute("data-placeholder") for below in islice(node.elements(), 1)), "")
    yield node.attribute("title")
    name = node.attribute("name")
    if re.fullmatch(r"[A-Za-z][A-Za-z _-]{1,30}", name):
        yield name.replace("_", " ").replace("-", " ")


def _ids(node: Node) -> list[str]:
    return node.attribute("aria-labelledby")[:200].split()[:4]


def read(node: Node) -> str:
    """What is written in an element, pictures by their alternative text; a bounded part of it."""
    parts: list[str] = []
    length = 0
    here: Node | None = node.first if node.tag not in _UNREAD else None
    for _ in range(_READ_NODES):
        if here is None or length >= _READ_CHARACTERS:
            break
        told = _told_of(here)
        if told:
            parts.append(f" {told[:_READ_CHARACTERS]} ")
            length += len(told)
        elif here.type == NodeType.TEXT:
            parts.append(here.text[:_READ_CHARACTERS])
            length += len(parts[-1])
        elif here.tag in _BLOCKS or (here.previous is not None and here.previous.type == NodeType.ELEMENT):
            parts.append(" ")  # two elements without a text between them: flex or grid cells, mostly
        inner = None if told or _is_unread(here) else here.first
        here = inner or _next(here, node, parts)
    return "".join(parts)


def _next(node: Node, within: Node, parts: list[str]) -> Node | None:
    """The next node in document order, a blank where a block ends."""
    here: Node | None = node
    while here is not None and here is not within:
        if here.tag in _BLOCKS:
            parts.append(" ")
        if here.next is not None:
            return here.next
        here = here.parent
    return None


def _told_of(node: Node) -> str:
    if node.type != NodeType.ELEMENT or _is_unread(node):
        return ""
    return node.attribute("aria-label") or (node.attribute("alt") if node.tag == "img" else "")


def _is_unread(node: Node) -> bool:
    if node.tag in _UNREAD or node.attributes.get("aria-hidden") in {"true", True}:
        return True
    return bool(_ICON_FONT.search(node.attribute("class")[:200]))


def _meant(node: Node) -> Node | None:
    """The node itself or the nearest one around it that reacts to clicks."""
    for here in (node, *islice(node.ancestors(), _CLIMB)):
        if here.type == NodeType.ELEMENT and role_of(here):
            return here
    return None


def _labelled(node: Node) -> Node | None:
    """The picture or video that a part of it was clicked of."""
    return next((here for here in (node, *islice(node.ancestors(), _NEAR)) if plain_role_of(here)), None)


def _phrase(node: Node, name: str, role: str, surface: str) -> str:
    if role in {roles.PICTURE, "video", "drawing", "embedded page", "audio player"} and name:
        return f"the {role} “{name}”"
    if name:
        return f"“{name}”" if role else f"the text “{name}”"
    said = _ARTICLES.get(role, f"a {role}") if role else f"an area of the {surface}"
    place = _place(node)
    return f"{said} in “{place}”" if place else said


def _holds_controls(node: Node) -> bool:
    return any(role_of(below) for below in islice(node.descendants(), 40) if below.type == NodeType.ELEMENT)


def _place(node: Node) -> str:
    """The name of what stands around a nameless element: a dialog's label, a form's heading."""
    for above in islice(node.ancestors(), _CLIMB):
        if above.tag in {"body", "html", "main"} or above.type != NodeType.ELEMENT:
            break
        name = above.attribute("aria-label")
        if not name and (above.tag in _PLACES or above.attribute("role") in {"dialog", "group", "region"}):
            heading = next((below for below in islice(above.descendants(), 60) if below.tag in _HEADINGS), None)
            name = read(heading) if heading is not None else ""
        place = plain(name[:_READ_CHARACTERS], 40)
        if place and not _MASKED.fullmatch(place):
            return place
    return ""
