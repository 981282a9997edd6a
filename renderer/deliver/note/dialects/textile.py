"""A note on Redmine in Textile. Marks in recorded text are entities, which Redmine's Textile reads as letters."""

import re
from collections.abc import Sequence

from renderer.deliver.note.dialects.redmine import REDMINE_LIVE, collapsed
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

# A dash or an underscore between two letters is no mark; a bracket after capitals makes an abbreviation.
_MARK = re.compile(
    r"""(?<![^\W_])[-_]|[-_](?![^\W_])|[*+^~@%?"!|\#\[\]{}<>&=\\`]|://|(?<=[A-Z0-9])\(|^\(|\.(?=\s)""", re.VERBOSE
)
_CODE_MARK = re.compile(r"[^\w\s/.,;:]|_|://")


def write(blocks: Sequence[Block]) -> str:
    """Textile as Redmine has it (RedCloth 3 with its own macros), not as later versions of Textile."""
    return _written(blocks) + "\n"


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0][0])};{match[0][1:]}"


def _words(text: str, begins_line: bool) -> str:
    return re.sub(
        _MARK,
        lambda match: match[0] if match[0] == "." and not _is_prefix(match, begins_line) else _entity(match),
        text,
    )


def _is_prefix(match: re.Match[str], begins_line: bool) -> bool:
    """`h1. ` and `bq. ` at the start of a line."""
    return begins_line and match.string[: match.start()].isalnum()


def _code(text: str) -> str:
    return f"@{_CODE_MARK.sub(_entity, text)}@"


_MARKS = Marks(
    words=_words,
    code=_code,
    strong=lambda text: f"*{text}*",
    link=lambda text, url: f'"{text}":{url}',
    line_break="\n",
)


def _line(inlines: Sequence[Inline]) -> str:
    return spelled(tidy(inlines, REDMINE_LIVE), _MARKS).strip(" ")


def _one_line(inlines: Sequence[Inline]) -> str:
    return _line([Text(" ") if isinstance(one, Break) else one for one in inlines])


def _written(blocks: Sequence[Block]) -> str:
    return "\n\n".join(text for block in blocks if (text := _block(block)))


def _block(block: Block) -> str:
    match block:
        case Paragraph(inlines):
            line = _line(inlines)
            return f"p. {line}" if line else ""
        case Heading(level, inlines):
            return f"h{min(max(level, 1), 6)}. {_one_line(inlines)}"
        case Bullets(items):
            return "\n".join(f"* {_item(item)}" for item in items)
        case Numbered(items):
            return "\n".join(f"# {_item(item)}" for item in items)
        case Table(header, rows):
            head = "".join(f"|_. {_one_line(cell)} " for cell in header)
            return "\n".join([f"{head}|", *("".join(f"| {_one_line(cell)} " for cell in row) + "|" for row in rows)])
        case Quote(inner):
            return "\n".join(f"> {line}".rstrip() for line in _written(inner).split("\n"))
        case Fold(title, inner):
            return collapsed(clean(title).strip(), _written(inner))
        case Image(address, _):
            return f"p. !{web_url(address) or file_name(address)}!"
        case Video(address, name) | FileLink(address, name):
            url = web_url(address)
            shown = _words(clean(name).strip(), False)
            return f'p. "{shown}":{url}' if url else f"p. attachment:{file_name(address)}"


def _item(item: Sequence[Inline]) -> str:
    # A line of a list that does not begin with its sign would end it.
    return _one_line(item) or "&#32;"
