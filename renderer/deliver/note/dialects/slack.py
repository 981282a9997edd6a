"""A message on Slack: Block Kit. Its rich text is data, so that no `*`, `<!channel>` or address in a recording is read as markup."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from renderer.deliver.note.dialects import plain
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
    words,
)
from renderer.deliver.note.listed import table_lines
from renderer.deliver.note.tidy import clean, tidy, web_url
from renderer.story.words import at_word

Node: TypeAlias = dict[str, Any]

MOST_BLOCKS = 50
_MOST_HEADER = 150
_MOST_TEXT = 3000
_MOST_ALT = 2000
_MOST_FALLBACK = 3000


@dataclass(frozen=True, slots=True)
class SlackNote:
    """`blocks` as Block Kit; `text` for notifications and screen readers, with `<`, `>` and `&` escaped as Slack asks."""

    text: str
    blocks: tuple[Node, ...]


def write(blocks: Sequence[Block], title: str = "") -> SlackNote:
    """`title` makes a header. The last block is small print. At most MOST_BLOCKS: what is more before it is left out."""
    *body, footer = blocks or (Paragraph(()),)
    header = _header(title) if clean(title).strip() else []
    shown = _nodes(body)
    small = _context(footer)
    return SlackNote(
        text=fallback(blocks),
        blocks=(*header, *shown[: MOST_BLOCKS - len(header) - len(small)], *small),
    )


def fallback(blocks: Sequence[Block]) -> str:
    text = at_word(plain.write(blocks[:1], width=_MOST_FALLBACK).strip(), _MOST_FALLBACK // 2)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _header(title: str) -> list[Node]:
    text = at_word(clean(title).strip(), _MOST_HEADER)
    return [{"type": "header", "text": {"type": "plain_text", "text": text, "emoji": False}}]


def _context(footer: Block) -> list[Node]:
    if not isinstance(footer, Paragraph):
        return _nodes([footer])
    text = clean(words(footer.inlines)).strip()
    return [{"type": "context", "elements": [{"type": "plain_text", "text": text, "emoji": False}]}] if text else []


def _nodes(blocks: Iterable[Block]) -> list[Node]:
    """What stands below one heading is one block: blocks are few, and Slack leaves room between them."""
    nodes: list[Node] = []
    joins = False
    for block in blocks:
        url = web_url(block.address) if isinstance(block, Image) else None
        if isinstance(block, Image) and url:
            alt = clean(block.alt).strip()[:_MOST_ALT] or "clip"
            nodes.append({"type": "image", "image_url": url, "alt_text": alt})
            joins = False
        elif parts := _parts(block):
            begins = isinstance(block, Heading | Fold)
            if joins and not begins:
                nodes[-1]["elements"] += parts
            else:
                nodes.append({"type": "rich_text", "elements": parts})
            joins = joins or begins
    return nodes


def _parts(block: Block) -> list[Node]:
    match block:
        case Paragraph(inlines):
            return _section(inlines)
        case Heading(_, inlines):
            return _section((Strong(inlines),))
        case Bullets(items):
            return [_list("bullet", items)]
        case Numbered(items):
            return [_list("ordered", items)]
        case Table():
            return [_list("bullet", table_lines(block))]
        case Quote(inner):
            lines = _joined([_quoted(one) for one in inner])
            elements = _elements(lines)
            return [{"type": "rich_text_quote", "elements": elements}] if elements else []
        case Fold(title, inner):
            return [*_section((Strong((Text(title),)),)), *(part for one in inner for part in _parts(one))]
        case Image(address, name) | Video(address, name) | FileLink(address, name):
            return _section((Link((Text(name or "clip"),), address),))


def _section(inlines: Sequence[Inline]) -> list[Node]:
    elements = _elements(inlines)
    return [{"type": "rich_text_section", "elements": elements}] if elements else []


def _list(style: str, items: Sequence[Sequence[Inline]]) -> Node:
    shown = [section for item in items for section in (_section(item) or _section((Text("–"),)))]
    return {"type": "rich_text_list", "style": style, "elements": shown}


def _quoted(block: Block) -> Sequence[Inline]:
    match block:
        case Paragraph(inlines) | Heading(_, inlines):
            return inlines
        case Bullets(items) | Numbered(items):
            return _joined(items)
        case Quote(inner):
            return _joined([_quoted(one) for one in inner])
        case _:
            return ()


def _joined(lines: Iterable[Sequence[Inline]]) -> list[Inline]:
    joined: list[Inline] = []
    for line in lines:
        joined += [Break(), *line] if joined else line
    return joined


def _elements(inlines: Sequence[Inline], style: tuple[str, ...] = ()) -> list[Node]:
    elements: list[Node] = []
    for one in tidy(inlines, None):
        match one:
            case Text(text):
                elements.append(_styled({"type": "text", "text": text[:_MOST_TEXT]}, style))
            case Code(text):
                elements.append(_styled({"type": "text", "text": text[:_MOST_TEXT]}, (*style, "code")))
            case Break():
                elements.append({"type": "text", "text": "\n"})
            case Strong(inner):
                elements += _elements(inner, (*style, "bold"))
            case Link(inner, url):
                elements.append(_styled({"type": "link", "url": url, "text": words(inner)}, style))
    return elements


def _styled(node: Node, style: tuple[str, ...]) -> Node:
    return {**node, "style": dict.fromkeys(style, True)} if style else node
