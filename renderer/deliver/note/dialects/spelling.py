"""Inlines as a string, with the marks of one syntax."""

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from renderer.deliver.note.document import Break, Code, Inline, Link, Strong, Text
from renderer.deliver.note.tidy import merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """How one syntax spells each kind; each takes plain text, but for `strong` and the text of `link`, which are spelled.

    `words` is told whether a line begins with its text. `bound`: kinds whose marks are not read as marks where they
    touch a letter, and are left out there.
    """

    words: Callable[[str, bool], str]
    code: Callable[[str], str]
    strong: Callable[[str], str]
    link: Callable[[str, str], str]
    line_break: str
    bound: tuple[type[Inline], ...] = (Strong, Code)


def spelled(inlines: Sequence[Inline], marks: Marks, *, begins_line: bool = True) -> str:
    """`inlines` are tidy; a line begins with them, unless said otherwise."""
    inlines = list(merged(_loosened(inlines, marks)))
    parts: list[str] = []
    for place, one in enumerate(inlines):
        begins = isinstance(inlines[place - 1], Break) if place else begins_line
        is_free = not isinstance(one, marks.bound) or _is_free(inlines, place)
        match one:
            case Text(text):
                parts.append(marks.words(text.lstrip(" ") if begins else text, begins))
            case Code(text):
                parts.append(marks.code(text) if is_free else marks.words(text, begins))
            case Break():
                parts.append(marks.line_break)
            case Link(inner, url):
                parts.append(marks.link(spelled(inner, marks, begins_line=False), url))
            case Strong(inner):
                parts.append(_strong(inner, marks, begins_line=begins))
    return "".join(parts)


def _loosened(inlines: Sequence[Inline], marks: Marks) -> Iterator[Inline]:
    for place, one in enumerate(inlines):
        if isinstance(one, Strong) and Strong in marks.bound and not _is_free(inlines, place):
            yield from one.inlines
        else:
            yield one


def _strong(inner: Sequence[Inline], marks: Marks, *, begins_line: bool) -> str:
    text = spelled(inner, marks, begins_line=begins_line)
    core = text.strip(" ")
    if not core or any(isinstance(one, Break) for one in inner):
        return text
    before = " " if text.startswith(" ") else ""
    return f"{before}{marks.strong(core)}{' ' if text.endswith(' ') else ''}"


def _is_free(inlines: Sequence[Inline], place: int) -> bool:
    before = _ends(inlines[place - 1])[1] if place else " "
    after = _ends(inlines[place + 1])[0] if place + 1 < len(inlines) else " "
    return _parts(before) and _parts(after)


def _parts(character: str) -> bool:
    """CommonMark takes what is neither blank nor punctuation for a letter, `×` too."""
    is_ascii_sign = character.isascii() and not character.isalnum()
    return is_ascii_sign or character.isspace() or unicodedata.category(character).startswith("P")


def _ends(one: Inline) -> tuple[str, str]:
    """The first and the last character, a blank for what has none."""
    match one:
        case Text(text):
            return text[:1] or " ", text[-1:] or " "
        case _:
            return " ", " "
