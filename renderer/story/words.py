"""How lengths, counts and quotations are written in the story."""

import re

from renderer.timeline.text import ELLIPSIS, plain

MOST_SHOWN = 120
"""Characters in a step's text: two lines of a caption at a readable size."""

_MOST_READ = 2000
_RULES = re.compile(r"^[ \t:|-]{3,}$", re.MULTILINE)
_CELLS = re.compile(r"\|[\s|]*")
_MARKS = re.compile(r"\*\*|__|~~|`+|^[ \t]*#{1,6}[ \t]+", re.MULTILINE)
_SPACE = re.compile(r"\s+(?=\S*\Z)")
# A word that is longer than this is none.
_LONGEST_WORD = 80
_QUOTED = re.compile(r"“([^”]*)”")


def seconds(ms: float) -> str:
    """`6.4 s`, `12 s`, `1 min 5 s`, `2 h 3 min`: as exact as a person needs."""
    if ms < 10_000:
        return f"{max(ms, 100) / 1000:.1f} s"
    total = round(ms / 1000)
    if total < 60:
        return f"{total} s"
    if total < 3600:
        return f"{total // 60} min {total % 60} s"
    return f"{total // 3600} h {total % 3600 // 60} min"


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 click`, `1,352 tokens`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def shorten(text: str, limit: int = MOST_SHOWN) -> str:
    """One harmless line of at most `limit` characters. A quotation that is cut open is closed again: “Why is my inv…”."""
    line = plain(text, limit)
    if line.endswith("…") and line.count("“") > line.count("”"):
        return f"{plain(text, limit - 1).removesuffix('…')}…”"
    return line


def at_word(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, "…" included, that end with a word."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    if not text[limit - 1].isspace():
        space = _SPACE.search(head, max(0, len(head) - _LONGEST_WORD))
        head = head[: space.start()] if space else head
    return head.rstrip().rstrip(",;:") + ELLIPSIS


def prose(text: str) -> str:
    """What a model wrote, without the marks of its Markdown: emphasis, headings, code, the lines of tables."""
    head = text[:_MOST_READ]
    return _MARKS.sub("", _CELLS.sub(" · ", _RULES.sub("", head)))


def quoted(text: str) -> str | None:
    """The first name between typographic quotes, which is how titles name a thing on the page."""
    match = _QUOTED.search(text)
    return match[1] if match else None
