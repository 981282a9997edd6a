"""What an element is to its user: a button, a field, a picture; from its tag, type and ARIA role."""

from typing import Final

from renderer.recording.dom.mirror import Node

BUTTON: Final = "button"
LINK: Final = "link"
FIELD: Final = "field"
CHECKBOX: Final = "checkbox"
RADIO: Final = "radio"
SELECT: Final = "select"
SLIDER: Final = "slider"
FILE: Final = "file"
PICTURE: Final = "picture"

_BY_ROLE: Final = {
    "button": BUTTON,
    "link": LINK,
    "tab": "tab",
    "menuitem": "menu item",
    "menuitemcheckbox": "menu item",
    "menuitemradio": "menu item",
    "option": "option",
    "treeitem": "option",
    "gridcell": "cell",
    "checkbox": CHECKBOX,
    "switch": "switch",
    "radio": RADIO,
    "textbox": FIELD,
    "searchbox": FIELD,
    "combobox": SELECT,
    "listbox": SELECT,
    "slider": SLIDER,
    "spinbutton": FIELD,
}
_BY_TAG: Final = {
    "button": BUTTON,
    "summary": BUTTON,
    "label": "label",
    "option": "option",
    "select": SELECT,
    "textarea": FIELD,
    "area": LINK,
}
_BY_TYPE: Final = {
    "button": BUTTON,
    "submit": BUTTON,
    "reset": BUTTON,
    "image": BUTTON,
    "checkbox": CHECKBOX,
    "radio": RADIO,
    "range": SLIDER,
    "file": FILE,
    "hidden": "",
}
_PLAIN: Final = {
    "img": PICTURE,
    "picture": PICTURE,
    "svg": PICTURE,
    "video": "video",
    "audio": "audio player",
    "canvas": "drawing",
    "iframe": "embedded page",
    "frame": "embedded page",
    "object": "embedded page",
    "embed": "embedded page",
}
_EDITABLE: Final = frozenset({"", "true", "plaintext-only"})


def role_of(node: Node) -> str:
    """The role of what reacts to a click or a key by itself, "" for anything else."""
    role = node.attribute("role").strip().lower()
    if role in _BY_ROLE and not (role in {"combobox", "listbox"} and is_text_input(node)):
        return _BY_ROLE[role]
    if node.tag == "a":
        return LINK if "href" in node.attributes or _is_handled(node) else ""
    if node.tag == "input":
        return _BY_TYPE.get(input_type(node), FIELD)
    if node.tag in _BY_TAG:
        return _BY_TAG[node.tag]
    if is_editable(node):
        return FIELD
    return BUTTON if _is_handled(node) else ""


def plain_role_of(node: Node) -> str:
    """A picture, a video, a drawing, an embedded page; "" for anything else."""
    return _PLAIN.get(node.tag, "")


def input_type(node: Node) -> str:
    return node.attribute("type").strip().lower() or "text"


def is_text_input(node: Node) -> bool:
    return node.tag == "textarea" or (node.tag == "input" and input_type(node) not in _BY_TYPE)


def is_editable(node: Node) -> bool:
    value = node.attributes.get("contenteditable")
    return value is True or (isinstance(value, str) and value.strip().lower() in _EDITABLE)


def _is_handled(node: Node) -> bool:
    """Shown as something to click: rrweb keeps handlers in attributes and inline styles, nothing else tells of them."""
    style = node.attributes.get("style")
    return "onclick" in node.attributes or (isinstance(style, str) and "cursor: pointer" in style)
