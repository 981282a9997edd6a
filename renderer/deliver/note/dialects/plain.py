"""Plain text, for a console, an e-mail's text part, Request Tracker and Roundup: wrapped, links in angle brackets."""

import textwrap
from collections.abc import Sequence

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
from renderer.deliver.note.tidy import clean, file_name, tidy, web_url

WIDTH = 78

_MEDIA = (Image, Video, FileLink)


def write(blocks: Sequence[Block], width: int = WIDTH) -> str:
    """Lines of at most `width` characters, but for words that are longer. Timecodes are not linked: they would drown in URLs."""
    parts: list[str] = []
    for place, block in enumerate(blocks):
        if text := "\n".join(_block(block, width)):
            follows = place and isinstance(block, _MEDIA) and isinstance(blocks[place - 1], _MEDIA)
            parts.append(("\n" if follows else "\n\n" if parts else "") + text)
    return "".join(parts) + "\n"


def _block(block: Block, width: int) -> list[str]:
    match block:
        case Paragraph(inlines):
            return _wrapped(_spelled(inlines), width)
        case Heading(_, inlines):
            return _underlined(_spelled(inlines), "=", width)
        case Bullets(items):
            return _items(["- "] * len(items), items, width)
        case Numbered(items):
            room = len(str(len(items)))
            return _items([f"{place:>{room}}. " for place in range(1, len(items) + 1)], items, width)
        case Table():
            return _table(block, width)
        case Quote(inner):
            lines = write(inner, max(20, width - 2)).rstrip("\n").split("\n")
            return [f"> {line}".rstrip() for line in lines]
        case Fold(title, inner):
            return [*_underlined(clean(title).strip(), "-", width), "", *write(inner, width).rstrip("\n").split("\n")]
        case Image(address, name) | Video(address, name) | FileLink(address, name):
            url, shown = web_url(address), clean(name).strip() or "clip"
            return [f"{shown} <{url}>"] if url else [f"Attached: {file_name(address)}"]


def _spelled(inlines: Sequence[Inline]) -> str:
    parts = []
    ready = tidy(inlines, None)
    for place, one in enumerate(ready):
        match one:
            case Text(" · ") if place and isinstance(ready[place - 1], Link):
                parts.append("\n")
            case Text(text) | Code(text):
                parts.append(text)
            case Break():
                parts.append("\n")
            case Strong(inner):
                parts.append(_spelled(inner))
            case Link(inner, url):
                shown = words(inner)
                parts.append(shown if _is_timecode(shown) else f"{shown} <{url}>")
    return "".join(parts).strip(" ")


def _is_timecode(text: str) -> bool:
    return text[:1].isdigit() and not text.strip("0123456789:.")


def _wrapped(text: str, width: int, first: str = "", then: str = "") -> list[str]:
    lines: list[str] = []
    for line in text.split("\n"):
        indent = line[: len(line) - len(line.lstrip("\u00a0"))].replace("\u00a0", " ")
        lines += textwrap.wrap(
            line.lstrip("\u00a0"),
            width,
            initial_indent=(then if lines else first) + indent,
            subsequent_indent=then + indent,
            break_long_words=False,
            break_on_hyphens=False,
        ) or [""]
    return lines if any(lines) else []


def _underlined(text: str, sign: str, width: int) -> list[str]:
    lines = _wrapped(text.replace("\n", " "), width)
    return [*lines, sign * max(map(len, lines))] if lines else []


def _items(signs: Sequence[str], items: Sequence[Sequence[Inline]], width: int) -> list[str]:
    return [
        line
        for sign, item in zip(signs, items, strict=True)
        for line in _wrapped(_spelled(item), width, sign, " " * len(sign)) or [sign.rstrip()]
    ]


def _table(table: Table, width: int) -> list[str]:
    """In columns where they fit; else each row as a line of a list."""
    cells = [[_spelled(cell).replace("\n", " ") for cell in row] for row in (table.header, *table.rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.header))]
    if sum(widths) + 2 * (len(widths) - 1) > width:
        return _items(["- "] * len(table.rows), table_lines(table), width)
    lines = ["  ".join(cell.ljust(room) for cell, room in zip(row, widths, strict=True)).rstrip() for row in cells]
    return [lines[0], "-" * max(map(len, lines)), *lines[1:]] if cells[0][0] else lines[1:]
