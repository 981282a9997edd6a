"""Inlines made ready for a dialect: one line of harmless characters, and as code what a ticket system would make live.

GitHub, GitLab and Redmine look for mentions and references in what they rendered: escaping does not stop them, code does.
"""

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from renderer.deliver.note.document import Break, Code, Inline, Link, Strong, Text
from renderer.timeline.text import plain

LIVE = re.compile(
    r"""://|www\.|@|[#!&%~^]["\w]|\$(?!\d)|\S\$|\bGH-\d|\b(?=[0-9a-f]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{7,}\b|:[+\w-]+:
        |\b(?:mailto|xmpp|javascript|data|tel):|[\w-]\.(?:com|net|org|io|dev|app|de|eu|uk|co|ai|me|cn|ru|info|xyz)\b""",
    re.VERBOSE | re.IGNORECASE,
)
"""Addresses, @mentions, #12, !12, ~label, GH-12, hashes of commits, :emoji:, $mathematics$."""

_TOKEN = re.compile(r"[^\s<>“”|]+")
_ACTION = re.compile(r"\s*(/\w\S*)")
_INDENT = "\u00a0"
_URL_SAFE = ":/?#@$&+,;=%-._~"


def tidy(inlines: Iterable[Inline], live: re.Pattern[str] | None = LIVE) -> tuple[Inline, ...]:
    """Neighbours of one kind become one, bold is not inside bold; words that `live` finds become code, None finds none."""
    ready = list(merged(_cleaned(inlines)))
    while ready and isinstance(ready[-1], Break):
        ready.pop()
    if live is None:
        return tuple(ready)
    parts: list[Inline] = []
    for place, one in enumerate(ready):
        if isinstance(one, Text):
            begins = place == 0 or isinstance(ready[place - 1], Break)
            parts += _guarded(one.text, live, begins_line=begins)
        elif isinstance(one, Strong):
            parts.append(Strong(tidy(one.inlines, live)))
        else:
            parts.append(one)
    return tuple(merged(parts))


def clean(text: str) -> str:
    """One line without control characters and turned directions; the blank at either end stays, as does code's indentation."""
    core = plain(text, len(text) + 1)
    if not core:
        return " " if text and text[0].isspace() else ""
    indent = len(text) - len(text.lstrip(_INDENT))
    before = _INDENT * indent or (" " if text[0].isspace() else "")
    return f"{before}{core}{' ' if text[-1].isspace() else ''}"


def web_url(url: str) -> str | None:
    """`url` with nothing in it that any markup reads, None when it is not of the web."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return None
    return quote(url.strip(), safe=_URL_SAFE)


def file_name(name: str) -> str:
    """An attachment's name, as a ticket system finds it again, without what ends a name in markup."""
    return re.sub(r"""[\s!|\[\]{}()<>"'`*^\\]+""", "_", clean(name)) or "clip"


def _cleaned(inlines: Iterable[Inline]) -> Iterator[Inline]:
    for one in inlines:
        match one:
            case Text(text):
                yield Text(clean(text))
            case Code(text):
                yield Code(clean(text).rstrip())
            case Strong(inner):
                yield Strong(tuple(merged(_flat(_cleaned(inner)))))
            case Link(inner, url):
                shown = tuple(merged(_unlinked(_cleaned(inner))))
                address = web_url(url)
                if address and shown:
                    yield Link(shown, address)
                else:
                    yield from shown
            case Break():
                yield one


def _flat(inlines: Iterable[Inline]) -> Iterator[Inline]:
    for one in inlines:
        if isinstance(one, Strong):
            yield from one.inlines
        else:
            yield one


def _unlinked(inlines: Iterable[Inline]) -> Iterator[Inline]:
    for one in _flat(inlines):
        if isinstance(one, Link):
            yield from _unlinked(one.inlines)
        elif isinstance(one, Break):
            yield Text(" ")
        else:
            yield one


def merged(inlines: Iterable[Inline]) -> Iterator[Inline]:
    """Neighbours of one kind as one: two code spans side by side would be a third thing in Markdown."""
    last: Inline | None = None
    for one in inlines:
        if (isinstance(one, Text | Code) and not one.text) or (isinstance(one, Strong) and not one.inlines):
            continue
        if isinstance(last, Text) and isinstance(one, Text):
            last = Text(last.text + one.text)
        elif isinstance(last, Code) and isinstance(one, Code):
            last = Code(last.text + one.text)
        elif isinstance(last, Strong) and isinstance(one, Strong):
            last = Strong(tuple(merged((*last.inlines, *one.inlines))))
        else:
            if last is not None:
                yield last
            last = one
    if last is not None:
        yield last


def _guarded(text: str, live: re.Pattern[str], *, begins_line: bool) -> Iterator[Inline]:
    at = 0
    action = _ACTION.match(text) if begins_line else None
    for token in _TOKEN.finditer(text):
        is_action = action is not None and token.start() == action.start(1)
        if live.search(token[0]) or is_action:
            shown = token[0].rstrip(",;.!?") or token[0]
            if token.start() > at:
                yield Text(text[at : token.start()])
            yield Code(shown)
            at = token.start() + len(shown)
    if at < len(text):
        yield Text(text[at:])
