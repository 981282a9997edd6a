"""A comment in Jira's wiki markup (Data Center, and version 2 of the Cloud's API): attachments by name."""

import re
from collections.abc import Sequence

from renderer.deliver.note.dialects.spelling import Marks, spelled
from renderer.deliver.note.document import (
    Block,
    Break,
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
from renderer.deliver.note.tidy import clean, file_name, tidy, web_url

_WIDTH_PX = 640

# Jira takes a backslash before: - # * _ + ? ^ ~ | % { } [ ] ( ) ! @. Between two letters a dash or an underscore is no
# mark, but in an issue's key. Brackets matter in smileys alone: (y), :-).
_MARK = re.compile(
    r"""(?<![^\W_])[-_]|[-_](?![^\W_])|(?<=[A-Z])-(?=\d)|(?<=[A-Z]\d)-(?=\d)|(?<=[A-Z]\d\d)-(?=\d)|[*+^~|{}\[\]!@\#]|\?(?=\?)|(?<=\?)\?
        |\((?=(?:[!?/*+xynXYN-]|\*[a-z]|on|off|flag|flagoff)\))|(?<=[:;-])[()]""",
    re.VERBOSE,
)
# What no backslash stops is an entity: a backslash itself, addresses, what looks like an entity, signs that begin a line.
_ENTITY = re.compile(r"\\|:(?=//|[DP]\b)|(?<=www)\.|&(?=\#?\w)|\b(?<=mailto):", re.IGNORECASE)
_LINE_START = re.compile(r"^(h[1-6]|bq)\.")


def write(blocks: Sequence[Block]) -> str:
    return _written(blocks) + "\n"


def _words(text: str, begins_line: bool) -> str:
    shown = _ENTITY.sub(lambda match: f"\0{ord(match[0])};", text)
    shown = _MARK.sub(r"\\\g<0>", shown).replace("\0", "&#")
    return _LINE_START.sub(r"\1&#46;", shown) if begins_line else shown


_MARKS = Marks(
    words=_words,
    code=lambda text: f"{{{{{_words(text, False)}}}}}",
    strong=lambda text: f"*{text}*",
    link=lambda text, url: f"[{text}|{url}]",
    line_break="\n",
)


def _line(inlines: Sequence[Inline]) -> str:
    return spelled(tidy(inlines, None), _MARKS).strip(" ")


def _one_line(inlines: Sequence[Inline]) -> str:
    return _line([Text(" ") if isinstance(one, Break) else one for one in inlines])


def _written(blocks: Sequence[Block]) -> str:
    return "\n\n".join(text for block in blocks if (text := _block(block)))


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines):
            return _line(inlines)
        case Heading(level, inlines):
            return f"h{min(max(level, 1), 6)}. {_one_line(inlines)}"
        case Bullets(items):
            return "\n".join(f"* {_one_line(item)}" for item in items)
        case Numbered(items):
            return "\n".join(f"# {_one_line(item)}" for item in items)
        case Table(header, rows):
            head = "".join(f"||{_cell(cell)}" for cell in header)
            return "\n".join([f"{head}||", *("".join(f"|{_cell(cell)}" for cell in row) + "|" for row in rows)])
        case Quote(inner):
            return f"{{quote}}\n{_written(inner)}\n{{quote}}"
        case Fold(title, inner):
            return f"h4. {_one_line((Text(title),))}\n\n{_written(inner)}"
        case Image(address, alt):
            return _linked(address, alt) if web_url(address) else f"!{file_name(address)}|width={_WIDTH_PX}!"
        case Video(address, name) | FileLink(address, name):
            return _linked(address, name) if web_url(address) else f"[^{file_name(address)}]"


def _linked(address: str, name: str) -> str:
    return f"[{_words(clean(name).strip(), False)}|{web_url(address)}]"


def _cell(cell: Sequence[Inline]) -> str:
    # An empty cell of no width is read as the start of a header.
    return f" {_one_line(cell)} "
