"""A realistic note, and text that would like to be live in one."""

from collections.abc import Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import cmarkgfm
from cmarkgfm.cmark import Options
from hypothesis import strategies as st

from renderer.deliver.note.compose import NoteFacts, compose
from renderer.deliver.note.document import (
    Block,
    Break,
    Bullets,
    Code,
    FileLink,
    Fold,
    Heading,
    Image,
    Inline,
    Link,
    Media,
    Numbered,
    Paragraph,
    Quote,
    Strong,
    Table,
    Text,
    Video,
    words,
)

DEMO = (Path(__file__).parent / "demo.md").read_text(encoding="utf-8")
MARKER = "renderer-dlv_01kb7x2m9qv4s8"
REPLAY = "https://eu.posthog.com/project/7/replay/01a20950"
TIME_MAP = ((0, 26_298, 1.0), (14_120, 49_742, 1.0))
BY_URL: tuple[Media, ...] = (
    Image("https://files.example/a/demo.gif?s=1&t=2", "What the clip shows"),
    Video("https://files.example/a/demo.mp4", "demo.mp4"),
)
BY_NAME: tuple[Media, ...] = (
    Image("demo.gif", "What the clip shows"),
    Video("demo.mp4", "demo.mp4"),
    FileLink("demo.md", "demo.md"),
)

HOSTILE = [
    "</details></summary></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)> <b>bold</b> <!-- comment",
    "[click](https://evil.example/a) ![pixel](https://evil.example/p.png) [a][b] [[wiki]] [^1]",
    "https://evil.example/x www.evil.example evil.com mail@evil.example <https://evil.example>",
    "@everyone @org/team #123 GH-12 owner/repo#5 !45 ~bug %3 &7 $x$ 1a2b3c4d5e6f",
    "| a | b |\n|---|---|\n| `c` | d |",
    "`code` ``more`` ```\nfence\n``` ~~~ ~~gone~~ **bold** _it_ *it* __b__",
    "/close",
    "# heading",
    "> quote",
    "- [x] done",
    "1. one",
    "---",
    "===",
    "+++ fold",
    "javascript:alert(1) data:text/html,x :tada: \\ \\[ \\` &lt;script&gt; &#60;b&#62; &copy;",
    "$$x$$ $`x`$ \\(x\\) {{template}} {% tag %} ${x} {{toc}} {{collapse(x)",
    "!pixel.png! !https://evil.example/p.png! [^clip.mp4] [~admin] {quote} {color:red}x{color} ABC-123 h1. x bq. y",
    '"text":https://evil.example ==<b>raw</b>== @code@ r12 commit:abc user:admin <pre> <notextile>x</notextile> HTML(x)',
    "<!channel> <!here> <@U123> <#C123> *bold* _it_ ~no~ `c`",
    "p. text fn1. text h2. text (y) :-) ;) ??cite?? ----",
    "}}",
]
PIECES = st.sampled_from(
    [*" \n`*_~|[](){}<>!#@$%^&+-=:/.\\\"'", "@a", "#1", "://", "www.", "`` ", "**", "{{", "![", "](", "a", "é", "1."]
)
TEXTS = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=25).map("".join), st.sampled_from(HOSTILE))
INLINES = st.lists(
    st.one_of(
        TEXTS.map(Text),
        TEXTS.map(Code),
        st.lists(TEXTS.map(Text), max_size=2).map(lambda inner: Strong(tuple(inner))),
        st.just(Break()),
        st.builds(Link, st.tuples(TEXTS.map(Text)), st.just("javascript:alert(1)")),
    ),
    max_size=5,
).map(tuple)


def note(media: tuple[Media, ...] = BY_URL, summary: str = DEMO, **other: Any) -> tuple[Block, ...]:
    facts: dict[str, Any] = {
        "summary": summary,
        "replay_url": REPLAY,
        "moment_ms": 32_500,
        "time_map": TIME_MAP,
        "watch_url": "https://renderer.example/watch/cl_1?s=abc",
        "watch_says": "until 2026-12-27",
        "media": media,
        "marker": MARKER,
        "provenance": "renderer 0.1.0",
    }
    return compose(NoteFacts(**{**facts, **other}))


def everywhere(inlines: tuple[Inline, ...]) -> tuple[Block, ...]:
    """The same text in every place that a note has for text."""
    return (
        Paragraph(inlines),
        Heading(3, inlines),
        Bullets((inlines, inlines)),
        Numbered((inlines,)),
        Table((inlines, (Text("b"),)), ((inlines, inlines),)),
        Quote((Paragraph(inlines), Bullets((inlines,)))),
        Fold(words(inlines), (Paragraph(inlines),)),
    )


def told(blocks: Iterable[Block]) -> Iterator[str]:
    """The text of a note, in its order."""
    for block in blocks:
        match block:
            case Paragraph(inlines) | Heading(_, inlines):
                yield words(inlines)
            case Bullets(items) | Numbered(items):
                yield from map(words, items)
            case Table(header, rows):
                yield from (words(cell) for row in (header, *rows) for cell in row)
            case Quote(inner):
                yield from told(inner)
            case Fold(title, inner):
                yield title
                yield from told(inner)
            case _:
                pass


class Page(HTMLParser):
    """Tags and text of HTML; a tag that is not closed in its turn is an error."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = self.outside_code = ""
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in {"br", "img", "hr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.text += data
        self.outside_code += "" if "code" in self.open else data + "\n"


def page_of(markdown: str) -> Page:
    """As GitHub's own renderer makes it."""
    return Page(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))


def squeezed(text: str) -> str:
    return "".join(text.split())
