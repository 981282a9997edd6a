"""Recorded text made harmless in Markdown, in HTML, and to the machinery of ticket systems behind them.

A ticket is read by people and by bots: a name on a page must not close our tags, break a table, mention a colleague, link
to an issue, load a picture or run a quick action. GitHub and GitLab look for mentions and references after Markdown was
rendered, so escaping with backslashes does not stop them; code does.
"""

import re
from collections.abc import Iterable, Sequence

from renderer.timeline.text import plain

# What a renderer or a bot would make live: addresses, e-mail and @mentions, #12, !12, ~label, GH-12, hashes of commits, :emoji:,
# $mathematics$. A quick action (/close) and a heading need the start of a line.
_LIVE = re.compile(
    r"""://|www\.|@|[#!&%~^]["\w]|\$(?!\d)|\S\$|\bGH-\d|\b(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}\b|:[+\w-]+:
        |\b(?:mailto|xmpp|javascript|data):|[\w-]\.(?:com|net|org|io|dev|app|de|eu|uk|co|ai|me|cn|ru|info|xyz)\b""",
    re.VERBOSE | re.IGNORECASE,
)
_TOKEN = re.compile(r"[^\s<>“”|]+")
_ESCAPED = re.compile(r"[\\`~|]|\*(?=\S)|(?<=\S)\*|(?<![^\W_])_|_(?![^\W_])")
# Brackets alone are no link: nothing of ours defines references. Escaped everywhere, `[app] started` would be hard to read as text.
_LINKS = re.compile(r"\]\s*[(\[:]|\[[\[^]")
_BRACKETS = re.compile(r"[\[\]]")
_LINE_START = re.compile(r"^(\d+(?=[.)])|(?=[#+=/*-]))")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def inline(text: object, limit: int = 200) -> str:
    """Words for a line, a list item or a cell; what could become live is set as code."""
    line = plain(text, limit)
    parts: list[str] = []
    at, has_links = 0, _LINKS.search(line) is not None
    for token in _TOKEN.finditer(line):
        if _LIVE.search(token[0]):
            live = token[0].rstrip(",;.!?") or token[0]
            parts += [_words(line[at : token.start()], has_links=has_links), code(live, limit)]
            at = token.start() + len(live)
    parts.append(_words(line[at:], has_links=has_links))
    return _LINE_START.sub(r"\1\\", "".join(parts))


def _words(text: str, *, has_links: bool) -> str:
    escaped = _ESCAPED.sub(r"\\\g<0>", text)
    return (_BRACKETS.sub(r"\\\g<0>", escaped) if has_links else escaped).translate(_ENTITIES)


def code(text: object, limit: int = 200) -> str:
    """A code span. Angle brackets, which need an entity that code does not know, are percent-encoded as in an address."""
    line = plain(text, limit).replace("<", "%3C").replace(">", "%3E").replace("|", "%7C").replace("`", "%60")
    return f"`{line}`" if line else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """`rows` are cells that were made harmless; columns that are empty in every row are left out."""
    rows = list(rows)
    used = [column for column in range(len(head)) if any(row[column] for row in rows)]
    lines = [
        [head[column] for column in used],
        ["---"] * len(used),
        *([row[column] for column in used] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def details(title: str, body: str) -> str:
    """Folded where HTML is known (GitHub, GitLab, Zendesk's articles), plain text elsewhere. The blank lines let Markdown in."""
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>"


_DETAILS = re.compile(r"<details>\n<summary>(.*?)</summary>\n.*?\n</details>", re.DOTALL)


def visible_bytes(markdown: str) -> int:
    """Bytes of what is seen before anything is unfolded."""
    return len(_DETAILS.sub(r"\1", markdown).encode())
