"""`clip.md`, as `renderer.summary` writes it, read back into blocks: escapes and entities are plain text again."""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from renderer.deliver.note.document import (
    Block,
    Break,
    Bullets,
    Code,
    Fold,
    Heading,
    Inline,
    Numbered,
    Paragraph,
    Quote,
    Strong,
    Table,
    Text,
)

_OPENED = re.compile(r"<details>\s*<summary>(.*?)</summary>\s*", re.DOTALL)
_CLOSED = "</details>"


def _reader() -> MarkdownIt:
    # A summary holds no links: what looks like one was recorded, and stays what it looks like.
    return MarkdownIt("commonmark").enable("table").disable(["link", "image", "autolink", "reference"])


_MARKDOWN: Final = _reader()


def read_summary(markdown: str) -> tuple[Block, ...]:
    """Never fails: what is not understood, HTML above all, is plain text. No block of it links, embeds or mentions."""
    return tuple(_blocks(_Tokens(_MARKDOWN.parse(markdown))))


class _Tokens:
    """The parser's flat list, read once from front to back."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def until(self, kind: str) -> Iterator[Token]:
        """Up to the token of `kind`, which is read too; without one to the end."""
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if _kind(token) == kind:
                return
            yield token


def _kind(token: Token) -> str:
    """The parser's name, but for our folds', which it takes for any HTML."""
    if token.type == "html_block":
        raw = token.content.strip()
        return "fold_close" if raw == _CLOSED else "fold_open" if _OPENED.fullmatch(raw) else token.type
    return token.type


def _blocks(tokens: _Tokens, end: str = "") -> list[Block]:
    blocks: list[Block] = []
    for token in tokens.until(end):
        match _kind(token):
            case "paragraph_open":
                blocks.append(Paragraph(_inlines_until(tokens, "paragraph_close")))
            case "heading_open":
                blocks.append(Heading(int(token.tag[1:]), _inlines_until(tokens, "heading_close")))
            case "bullet_list_open":
                blocks.append(Bullets(_items(tokens, "bullet_list_close")))
            case "ordered_list_open":
                blocks.append(Numbered(_items(tokens, "ordered_list_close")))
            case "blockquote_open":
                blocks.append(Quote(tuple(_blocks(tokens, "blockquote_close"))))
            case "table_open":
                blocks.append(_table(tokens))
            case "fence" | "code_block":
                blocks.append(Paragraph(_lines(token.content, Code)))
            case "fold_open":
                title = html.unescape(_OPENED.sub(r"\1", token.content).strip())
                blocks.append(_fold(title, _blocks(tokens, "fold_close")))
            case "html_block" | "fold_close":
                blocks.append(Paragraph(_lines(token.content.strip(), Text)))
            case _:
                pass  # a rule holds no text
    return blocks


def _fold(title: str, blocks: Sequence[Block]) -> Fold:
    inside: list[Block] = []
    for block in blocks:
        if isinstance(block, Fold):
            inside += [Paragraph((Strong((Text(block.title),)),)), *block.blocks]
        else:
            inside.append(block)
    return Fold(title, tuple(inside))


def _lines(text: str, kind: type[Text] | type[Code]) -> tuple[Inline, ...]:
    inlines: list[Inline] = []
    for line in text.rstrip("\n").split("\n"):
        inlines += [Break(), kind(line)] if inlines else [kind(line)]
    return tuple(inlines)


def _items(tokens: _Tokens, end: str) -> tuple[tuple[Inline, ...], ...]:
    return tuple(_as_line(_blocks(tokens, "list_item_close")) for _ in tokens.until(end))


def _as_line(blocks: Sequence[Block]) -> tuple[Inline, ...]:
    inlines: list[Inline] = []
    for block in blocks:
        if inlines:
            inlines.append(Break())
        match block:
            case Paragraph(inner) | Heading(_, inner):
                inlines += inner
            case Bullets(items) | Numbered(items):
                inlines += _joined(items)
            case Quote(inner_blocks):
                inlines += _as_line(inner_blocks)
            case Table(header, rows):
                inlines += _joined([cell for row in (header, *rows) for cell in row])
            case _:
                pass
    return tuple(inlines)


def _joined(lines: Sequence[tuple[Inline, ...]]) -> Iterator[Inline]:
    for place, line in enumerate(lines):
        if place:
            yield Break()
        yield from line


def _table(tokens: _Tokens) -> Table:
    rows = [
        tuple(_inlines_until(tokens, cell.type.replace("_open", "_close")) for cell in tokens.until("tr_close"))
        for row in tokens.until("table_close")
        if row.type == "tr_open"
    ]
    return Table(rows[0], tuple(rows[1:]))


def _inlines_until(tokens: _Tokens, end: str) -> tuple[Inline, ...]:
    return tuple(
        one for token in tokens.until(end) if token.type == "inline" for one in _inlines(_Tokens(token.children or []))
    )


def _inlines(tokens: _Tokens, end: str = "") -> list[Inline]:
    inlines: list[Inline] = []
    for token in tokens.until(end):
        match token.type:
            case "code_inline":
                inlines.append(Code(token.content))
            case "hardbreak":
                inlines.append(Break())
            case "softbreak":
                inlines.append(Text(" "))
            case "strong_open":
                inlines.append(Strong(tuple(_inlines(tokens, "strong_close"))))
            case _ if token.content:
                inlines.append(Text(token.content))
            case _:
                pass  # emphasis: its text stays
    return inlines
