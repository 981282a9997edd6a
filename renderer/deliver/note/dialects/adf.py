"""A comment as Atlassian Document Format, for version 3 of Jira Cloud's API. Its text is data: nothing in it is markup."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from renderer.deliver.note.document import (
    Block,
    Break,
    Bullets,
    Code,
    FileLink,
    Fold,
    Heading,
    Image,
    Inline,
    Link,
    Numbered,
    Paragraph,
    Quote,
    Strong,
    Table,
    Text,
    Video,
)
from renderer.deliver.note.tidy import clean, tidy, web_url

Node: TypeAlias = dict[str, Any]

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def write(blocks: Sequence[Block]) -> Node:
    """The document. A media's UUID as address of an image or a video shows it in the comment, a URL is a link."""
    return {"type": "doc", "version": 1, "content": _nodes(blocks) or [_paragraph([])]}


def _nodes(blocks: Sequence[Block]) -> list[Node]:
    return [node for block in blocks for node in _block(block)]


def _block(block: Block) -> list[Node]:
    match block:
        case Paragraph(inlines):
            return [_paragraph(inlines)]
        case Heading(level, inlines):
            return [{"type": "heading", "attrs": {"level": min(max(level, 1), 6)}, "content": _inlines(inlines)}]
        case Bullets(items):
            return [_list("bulletList", items)]
        case Numbered(items):
            return [_list("orderedList", items)]
        case Table(header, rows):
            lines = [_row("tableHeader", header), *(_row("tableCell", row) for row in rows)]
            return [{"type": "table", "content": lines}]
        case Quote(inner):
            return [_quote(inner)]
        case Fold(title, inner):
            return [_fold(clean(title).strip(), inner)]
        case Image(address, name) | Video(address, name):
            return [_media(address)] if _UUID.fullmatch(address) else [_linked(address, name)]
        case FileLink(address, name):
            return [_linked(address, name)]


def _paragraph(inlines: Sequence[Inline]) -> Node:
    return {"type": "paragraph", "content": _inlines(inlines)}


def _list(kind: str, items: Sequence[Sequence[Inline]]) -> Node:
    return {"type": kind, "content": [{"type": "listItem", "content": [_paragraph(item)]} for item in items]}


def _row(kind: str, cells: Sequence[Sequence[Inline]]) -> Node:
    return {
        "type": "tableRow",
        "content": [{"type": kind, "attrs": {}, "content": [_paragraph(cell)]} for cell in cells],
    }


def _quote(blocks: Sequence[Block]) -> Node:
    """A quote holds paragraphs and lists alone."""
    allowed = {"paragraph", "bulletList", "orderedList"}
    inside = [node for node in _nodes(blocks) if node["type"] in allowed]
    return {"type": "blockquote", "content": inside or [_paragraph([])]}


def _fold(title: str, blocks: Sequence[Block]) -> Node:
    return {"type": "expand", "attrs": {"title": title}, "content": _nodes(blocks) or [_paragraph([])]}


def _media(uuid: str) -> Node:
    media = {"type": "media", "attrs": {"type": "file", "id": uuid.lower(), "collection": ""}}
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}


def _linked(address: str, name: str) -> Node:
    shown = Text(name or address)
    return _paragraph([Link((shown,), address)] if web_url(address) else [Text("Attached: "), shown])


def _inlines(inlines: Sequence[Inline], marks: tuple[Node, ...] = ()) -> list[Node]:
    nodes: list[Node] = []
    for one in tidy(inlines, None):
        match one:
            case Text(text):
                nodes.append(_text(text, marks))
            case Code(text):
                # Code may be a link, and nothing else besides.
                nodes.append(_text(text, (*(mark for mark in marks if mark["type"] == "link"), {"type": "code"})))
            case Break():
                nodes.append({"type": "hardBreak"})
            case Strong(inner):
                nodes += _inlines(inner, (*marks, {"type": "strong"}))
            case Link(inner, url):
                nodes += _inlines(inner, (*marks, {"type": "link", "attrs": {"href": url}}))
    return nodes


def _text(text: str, marks: tuple[Node, ...]) -> Node:
    return {"type": "text", "text": text, **({"marks": list(marks)} if marks else {})}
