"""What a model wrote in Markdown, without its marks: paragraphs, rows and code to be read, cut where a word ends."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from renderer.story.words import at_word, prose
from renderer.summary.markdown import code, inline
from renderer.timeline.text import plain

_MOST_READ = 20_000
_LINE = 2_000
_FENCE = re.compile(r"\s{0,3}(?:```|~~~)")
_RULE = re.compile(r"[ \t:|\-]*-{2}[ \t:|\-]*")
_ITEM = re.compile(r"^\s*[*+\-]\s+(?=\S)")
_SPAN = re.compile(r"`([^`]+)`")
_SENTENCE = re.compile(r"[.!?…][\"'”’)]*(?=\s)")
_LEAST_SENTENCE = 0.4
_INDENT = "\u00a0"


@dataclass(slots=True)
class Block:
    """Lines that belong together; of code as they were, of text without marks but those of code."""

    kind: Literal["text", "code"]
    lines: list[str] = field(default_factory=list)


def beginning(text: str, limit: int) -> str:
    """The first words of an answer as one line: whole sentences where some fit."""
    said = " ".join(line for block in blocks(text[:_MOST_READ]) if block.kind == "text" for line in block.lines)
    line = plain(prose(said or text), _LINE)
    if len(line) <= limit:
        return line
    ends = [match.end() for match in _SENTENCE.finditer(line, 0, limit)]
    return line[: ends[-1]] if ends and ends[-1] >= limit * _LEAST_SENTENCE else at_word(line, limit)


def blocks(text: str) -> Iterator[Block]:
    block = Block("text")
    fenced = False
    for line in text.splitlines():
        if _FENCE.match(line):
            fenced = not fenced
            if block.lines:
                yield block
            block = Block("code" if fenced else "text")
        elif fenced:
            block.lines.append(line)
        elif not line.strip():
            if block.lines:
                yield block
            block = Block("text")
        elif not _RULE.fullmatch(line):
            block.lines.append(_ITEM.sub("• ", line, count=1) if "|" not in line else _cells(line))
    if block.lines:
        yield block


def quotation(text: str, limit: int) -> str:
    """The answer as a quotation of Markdown, harmless; lines stay lines, code is code."""
    parts = []
    for block in blocks(at_word(text[:_MOST_READ], limit)):
        show = _code if block.kind == "code" else _words
        lines = [shown for line in block.lines if (shown := show(line))]
        if lines:
            # Two blanks break the line where Markdown is drawn and are not seen where it is not.
            parts.append("  \n".join(f"> {line}" for line in lines))
    return "\n>\n".join(parts)


def _cells(line: str) -> str:
    return " · ".join(cell for part in line.strip().strip("|").split("|") if (cell := part.strip()))


def _code(line: str) -> str:
    shown = code(line, _LINE)
    indent = len(line) - len(line.lstrip())
    return f"`{_INDENT * min(indent, 40)}{shown[1:]}" if shown else ""


def _words(line: str) -> str:
    parts = []
    for place, part in enumerate(_SPAN.split(line)):
        if place % 2:
            parts.append(code(part, _LINE))
            continue
        shown = inline(prose(part), _LINE)
        before = " " if part[:1].isspace() and place else ""
        parts.append(f"{before}{shown}{' ' if shown and part[-1:].isspace() else ''}")
    return "".join(parts).strip()
