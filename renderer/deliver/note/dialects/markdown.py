"""Markdown without HTML, and the writer that GitHub's, GitLab's, Linear's and Redmine's share."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
    Strong,
    Table,
    Text,
    Video,
)
from renderer.deliver.note.tidy import LIVE, clean, file_name, tidy, web_url

_ESCAPED = re.compile(r"[\\`~|\[\]]|\*(?! )|(?<! )\*|(?<![^\W_])_|_(?![^\W_])|!$")
_LINE_START = re.compile(r"^(\d+(?=[.)](?:\s|$))|(?=[#+=/*:-]))")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Flavour:
    """What one ticket system does in its own way. `fold` takes a plain title and a body of Markdown; `video` and `file` an
    address as it was given and a plain name. `live`: what this system makes a link or a mention.
    """

    fold: Callable[[str, str], str]
    video: Callable[[str, str], str]
    file: Callable[[str, str], str]
    live: re.Pattern[str] = LIVE


def write(blocks: Sequence[Block], flavour: Flavour | None = None) -> str:
    """CommonMark with tables; nothing but media and links of ours is live."""
    return _written(blocks, flavour or GENERIC) + "\n"


def words(text: str, begins_line: bool = False) -> str:
    escaped = _ESCAPED.sub(r"\\\g<0>", text).translate(_ENTITIES)
    return _LINE_START.sub(r"\1\\", escaped) if begins_line else escaped


def code(text: str) -> str:
    """A code span that ends where `text` does, whatever backticks are in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    # CommonMark takes one blank away at either end, when both ends have one.
    needs_room = "`" in (text[0], text[-1]) or (text[0] == text[-1] == " " and text.strip(" "))
    return f"{fence} {text} {fence}" if needs_room else f"{fence}{text}{fence}"


def link(address: str, name: str, mark: str = "") -> str:
    """With `mark` "!" an image. What is no URL is an attachment's name or a path within the ticket system."""
    return f"{mark}[{words(clean(name)).strip()}]({_address(address)})"


def image(address: str, name: str) -> str:
    return link(address, name, "!")


def titled(title: str, body: str) -> str:
    """A fold where nothing folds."""
    return f"#### {line((Text(title),))}\n\n{body}"


def _address(address: str) -> str:
    return web_url(address) or "/".join(file_name(part) if part else "" for part in address.split("/"))


GENERIC = Flavour(fold=titled, video=link, file=link)

_MARKS = Marks(
    words=words,
    code=code,
    strong=lambda text: f"**{text}**",
    link=lambda text, url: f"[{text}]({url})",
    line_break="  \n",
    bound=(Strong,),
)


def line(inlines: Sequence[Inline], live: re.Pattern[str] = LIVE) -> str:
    """Recorded text on a line of Markdown, nothing of it live."""
    return spelled(tidy(inlines, live), _MARKS)


def _one_line(inlines: Sequence[Inline], live: re.Pattern[str]) -> str:
    return line([Text(" ") if isinstance(one, Break) else one for one in inlines], live).strip()


def _written(blocks: Sequence[Block], flavour: Flavour) -> str:
    return "\n\n".join(text for block in blocks if (text := _block(block, flavour).strip("\n")))


def _block(block: Block, flavour: Flavour) -> str:
    live = flavour.live
    match block:
        case Paragraph(inlines):
            return line(inlines, live)
        case Heading(level, inlines):
            return f"{'#' * min(max(level, 1), 6)} {_one_line(inlines, live)}"
        case Bullets(items):
            return "\n".join(_item("- ", item, live) for item in items)
        case Numbered(items):
            return "\n".join(_item(f"{place}. ", item, live) for place, item in enumerate(items, start=1))
        case Table(header, rows):
            lines = [_row(header, live), f"|{' --- |' * len(header)}", *(_row(row, live) for row in rows)]
            return "\n".join(lines)
        case Quote(inner):
            return "\n".join(
                f"> {line}".rstrip(" ") if not line else f"> {line}" for line in _written(inner, flavour).split("\n")
            )
        case Fold(title, inner):
            return flavour.fold(clean(title).strip(), _written(inner, flavour))
        case Image(address, alt):
            return image(address, alt)
        case Video(address, name):
            return flavour.video(address, name)
        case FileLink(address, name):
            return flavour.file(address, name)


def _item(sign: str, item: Sequence[Inline], live: re.Pattern[str]) -> str:
    return sign + line(item, live).replace("\n", "\n" + " " * len(sign))


def _row(cells: Sequence[Sequence[Inline]], live: re.Pattern[str]) -> str:
    # In a table a bar ends the cell even in code; a backslash keeps it, and is taken away there as well.
    shown = (re.sub(r"(?<!\\)\|", r"\\|", _one_line(cell, live)) for cell in cells)
    return f"| {' | '.join(shown)} |"
