"""HTML for what takes it: Zendesk, Freshdesk, Zammad, Intercom, e-mail. Only few tags; all text is escaped."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from renderer.deliver.note.dialects.spelling import Marks, spelled
from renderer.deliver.note.document import (
    Block,
    Bullets,
    FileLink,
    Fold,
    Heading,
    Image,
    Inline,
    Numbered,
    Paragraph,
    Quote,
    Table,
    Text,
    Video,
)
from renderer.deliver.note.listed import table_lines
from renderer.deliver.note.tidy import clean, tidy, web_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Subset:
    """`headings`: the tags from the highest level on, of which the summary's third is the first. Tables and quotes that are
    not allowed become lists and paragraphs. `images` from other places than the web: a cid of e-mail, an inline token.
    """

    strong: str = "strong"
    headings: tuple[str, str] = ("h3", "h4")
    tables: bool = True
    quotes: bool = True
    folds: bool = False
    table_attributes: str = ""


FULL = Subset()
FOLDING = Subset(folds=True)
INTERCOM = Subset(strong="b", headings=("h2", "h2"), tables=False, quotes=False)
MAIL = Subset(table_attributes=' border="1" cellpadding="4" cellspacing="0"')


def write(blocks: Sequence[Block], subset: Subset = FULL) -> str:
    return "\n".join(text for block in blocks if (text := _block(block, subset))) + "\n"


def title_html(title: str) -> str:
    """A line of its own inside of tags."""
    return _line((Text(title),), FULL)


def escaped(text: str) -> str:
    return html.escape(text, quote=True)


def _line(inlines: Sequence[Inline], subset: Subset) -> str:
    marks = Marks(
        words=lambda text, _: html.escape(text, quote=False),
        code=lambda text: f"<code>{html.escape(text, quote=False)}</code>",
        strong=lambda text: f"<{subset.strong}>{text}</{subset.strong}>",
        link=lambda text, url: f'<a href="{escaped(url)}">{text}</a>',
        line_break="<br>",
        bound=(),
    )
    return spelled(tidy(inlines), marks).strip()


def _block(block: Block, subset: Subset) -> str:
    match block:
        case Paragraph(inlines):
            line = _line(inlines, subset)
            return f"<p>{line}</p>" if line else ""
        case Heading(level, inlines):
            return _heading(level, _line(inlines, subset), subset)
        case Bullets(items):
            return _list("ul", [_line(item, subset) for item in items])
        case Numbered(items):
            return _list("ol", [_line(item, subset) for item in items])
        case Table(header, rows):
            if not subset.tables:
                return _list("ul", [_line(line, subset) for line in table_lines(block)])
            return _table(header, rows, subset)
        case Quote(inner):
            shown = write(inner, subset).strip()
            return f"<blockquote>\n{shown}\n</blockquote>" if subset.quotes else shown
        case Fold(title, inner):
            return _fold(title, inner, subset)
        case Image(address, alt):
            return (
                f'<p><img src="{escaped(web_url(address) or clean(address).strip())}" alt="{escaped(clean(alt))}"></p>'
            )
        case Video(address, name) | FileLink(address, name):
            url, shown = web_url(address), escaped(clean(name).strip())
            return f'<p><a href="{escaped(url)}">{shown}</a></p>' if url else f"<p>Attached: {shown}</p>"


def _heading(level: int, line: str, subset: Subset) -> str:
    tag = subset.headings[0 if level <= 3 else 1]
    return f"<{tag}>{line}</{tag}>"


def _list(tag: str, items: Sequence[str]) -> str:
    lines = "\n".join(f"<li>{item}</li>" for item in items)
    return f"<{tag}>\n{lines}\n</{tag}>"


def _table(header: Sequence[Sequence[Inline]], rows: Sequence[Sequence[Sequence[Inline]]], subset: Subset) -> str:
    lines = [_row("th", header, subset), *(_row("td", row, subset) for row in rows)]
    return f"<table{subset.table_attributes}>\n<tbody>\n{chr(10).join(lines)}\n</tbody>\n</table>"


def _row(tag: str, cells: Sequence[Sequence[Inline]], subset: Subset) -> str:
    return f"<tr>{''.join(f'<{tag}>{_line(cell, subset)}</{tag}>' for cell in cells)}</tr>"


def _fold(title: str, inner: Sequence[Block], subset: Subset) -> str:
    shown, line = write(inner, subset).strip(), title_html(title)
    if subset.folds:
        return f"<details>\n<summary>{line}</summary>\n{shown}\n</details>"
    return f"{_heading(4, line, subset)}\n{shown}"
