"""The part of the published ADF schema (@atlaskit/adf-schema, json-schema/v1/full.json) that a note uses, no looser than it."""

from typing import Any


def _node(
    kind: str, content: dict[str, Any] | None = None, attrs: dict[str, Any] | None = None, **more: Any
) -> dict[str, Any]:
    properties: dict[str, Any] = {"type": {"const": kind}, **more}
    required = ["type", *more]
    if content is not None:
        properties["content"] = content
        required.append("content")
    if attrs is not None:
        properties["attrs"] = {
            "type": "object",
            "properties": attrs,
            "required": list(attrs),
            "additionalProperties": False,
        }
        if attrs:
            required.append("attrs")
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _many(*kinds: str, least: int = 1) -> dict[str, Any]:
    return {"type": "array", "minItems": least, "items": {"anyOf": [{"$ref": f"#/$defs/{kind}"} for kind in kinds]}}


_LINK = _node("link", attrs={"href": {"type": "string", "pattern": "^https?://"}})
_IN_QUOTE = ("paragraph", "bulletList", "orderedList")
_IN_EXPAND = (*_IN_QUOTE, "heading", "table", "blockquote", "mediaSingle")


def _text(*marks: dict[str, Any]) -> dict[str, Any]:
    node = _node("text", text={"type": "string", "minLength": 1})
    node["properties"]["marks"] = {"type": "array", "uniqueItems": True, "items": {"anyOf": list(marks)}}
    return node


ADF: dict[str, Any] = {
    **_node("doc", _many(*_IN_EXPAND, "expand"), version={"const": 1}),
    "$defs": {
        "text": {"anyOf": [_text(_LINK, _node("strong")), _text(_LINK, _node("code"))]},
        "hardBreak": _node("hardBreak"),
        "paragraph": _node("paragraph", _many("text", "hardBreak", least=0)),
        "heading": _node("heading", _many("text", "hardBreak", least=0), {"level": {"enum": [1, 2, 3, 4, 5, 6]}}),
        "listItem": _node("listItem", _many("paragraph")),
        "bulletList": _node("bulletList", _many("listItem")),
        "orderedList": _node("orderedList", _many("listItem")),
        "blockquote": _node("blockquote", _many(*_IN_QUOTE)),
        "expand": _node("expand", _many(*_IN_EXPAND), {"title": {"type": "string"}}),
        "tableHeader": _node("tableHeader", _many("paragraph"), {}),
        "tableCell": _node("tableCell", _many("paragraph"), {}),
        "tableRow": _node("tableRow", _many("tableHeader", "tableCell")),
        "table": _node("table", _many("tableRow")),
        "media": _node(
            "media",
            attrs={
                "type": {"const": "file"},
                "id": {"type": "string", "minLength": 1},
                "collection": {"type": "string"},
            },
        ),
        "mediaSingle": _node("mediaSingle", {**_many("media"), "maxItems": 1}, {"layout": {"const": "center"}}),
    },
}
