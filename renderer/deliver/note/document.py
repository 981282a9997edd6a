"""What a note is made of, before any ticket system's markup. Text here is plain: each dialect escapes it for itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Code:
    text: str


@dataclass(frozen=True, slots=True)
class Break:
    pass


@dataclass(frozen=True, slots=True)
class Strong:
    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Link:
    """Only what is not http or https is written without the link."""

    inlines: "tuple[Inline, ...]"
    url: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Heading:
    level: int
    inlines: "tuple[Inline, ...]"


@dataclass(frozen=True, slots=True)
class Bullets:
    items: "tuple[tuple[Inline, ...], ...]"


@dataclass(frozen=True, slots=True)
class Numbered:
    items: "tuple[tuple[Inline, ...], ...]"


@dataclass(frozen=True, slots=True)
class Table:
    """`header` and each of `rows` are cells, as many in each."""

    header: "tuple[tuple[Inline, ...], ...]"
    rows: "tuple[tuple[tuple[Inline, ...], ...], ...]"


@dataclass(frozen=True, slots=True)
class Quote:
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Fold:
    """Closed at first, where the ticket system can; a section with a title elsewhere. Folds are not inside one another."""

    title: str
    blocks: "tuple[Block, ...]"


@dataclass(frozen=True, slots=True)
class Image:
    """`address`: a URL, or what the ticket system calls it: an attachment's name, a media UUID, a cid."""

    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class Video:
    address: str
    name: str


@dataclass(frozen=True, slots=True)
class FileLink:
    address: str
    name: str


Inline: TypeAlias = Text | Code | Break | Strong | Link
Media: TypeAlias = Image | Video | FileLink
Block: TypeAlias = Paragraph | Heading | Bullets | Numbered | Table | Quote | Fold | Image | Video | FileLink


def words(inlines: Iterable[Inline]) -> str:
    """As somebody reads it, on one line."""
    parts = []
    for one in inlines:
        if isinstance(one, Text | Code):
            parts.append(one.text)
        else:
            parts.append(" " if isinstance(one, Break) else words(one.inlines))
    return "".join(parts)
