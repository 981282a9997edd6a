"""Nothing that was recorded becomes live in a ticket: judged by GitHub's own renderer, and by what it leaves to its bots."""

import re
from html.parser import HTMLParser
from typing import Any

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.story.steps import choose_steps
from renderer.summary.answer import quotation
from renderer.summary.markdown import code, details, inline, table, visible_bytes
from renderer.summary.write import MOST_VISIBLE_BYTES, write_summary
from renderer.timeline.model import Environment, PagePlace, Timeline
from tests.unit.story_fixtures import W, call, entry, plan, timeline
from tests.unit.summary_fixtures import manifest

HOSTILE = [
    "</details></summary></table><script>alert(1)</script>",
    "<img src=x onerror=alert(1)> <b>bold</b> <!-- comment",
    "[click](https://evil.example/a) ![pixel](https://evil.example/p.png) [a][b] [[wiki]] [^1]",
    "https://evil.example/x www.evil.example evil.com mail@evil.example <https://evil.example>",
    "@everyone @org/team #123 GH-12 owner/repo#5 !45 ~bug %3 &7 $x$ 1a2b3c4d5e6f",
    "| a | b |\n|---|---|\n| `c` | d |",
    "`code` ``more`` ```\nfence\n``` ~~~ ~~gone~~ **bold** _it_ *it* __b__",
    "/close\n# heading\n> quote\n- [x] done\n1. one\n---\n===",
    "\u202e\u2066gnp.exe\x00\x1b[31m\u200b\ufeff",
    "javascript:alert(1) data:text/html,x :tada: \\ \\[ \\` &lt;script&gt; &#60;b&#62; &copy;",
    "$$x$$ $`x`$ \\(x\\) {{template}} {% tag %} ${x}",
    "w" * 5000 + " " + "🎉" * 3000,
]
MENTION = re.compile(r"(?<![\w`])@\w|(?<!\w)#\d|://|www\.|\bGH-\d|\w#\d|(?<![\w&])!\d|~\w")
TAGS = {
    *("p", "br", "ul", "ol", "li", "strong", "code", "h3", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
}


class Page(HTMLParser):
    """Tags, and the text outside of code."""

    def __init__(self, markdown: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.all = ""
        self.headings: list[str] = []
        self.feed(cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE))
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.open.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_data(self, data: str) -> None:
        self.all += data
        if self.open and self.open[-1] in {"h3", "summary"}:
            self.headings.append(data)
        if "code" not in self.open:
            self.words += data + "\n"


def check_harmless(markdown: str) -> Page:
    page = Page(markdown)
    assert set(page.tags) <= TAGS, set(page.tags) - TAGS
    assert page.attributes == []
    assert page.open == []
    assert MENTION.search(page.words) is None, MENTION.search(page.words)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2066-\u2069\ufeff]", markdown)
    assert not re.search(r"^\s*/\w", markdown, re.MULTILINE), "a quick action of GitLab"
    return page


def nasty(text: str) -> tuple[Timeline, dict[str, Any]]:
    """A session in which everything that can be text is `text`."""
    kinds: list[Any] = ["page_load", "navigation", "click", "rage_click", "input", "exception", "custom", "tab"]
    entries = [entry(at * 1000, kind, f"Clicked “{text}” {text}") for at, kind in enumerate(kinds)]
    entries += [
        entry(9000, "console", text, level="error"),
        entry(9500, "feedback", text, satisfied=False, text=text),
        entry(10_000, "request", text, level="error", method=text, url=text, status=text, duration_ms=3),
        entry(11_000, "request", text, level="error"),
    ]
    words = {"prompt": text, "answer": text, "model": text, "finish_reason": text, "trace_id": text, "error": text}
    told = timeline(
        entries,
        [
            call(1, 12_000, 13_000, feedback_text=text, satisfied=False, tools_called=(text,), **words),
            call(2, 14_000, 15_000, status="failed", **words),
        ],
    )
    around = Environment(
        browser=text, os=text, device=text, viewport_px=(1280, 720), language=text, app=text, person=text
    )
    told = Timeline(
        duration_ms=told.duration_ms,
        entries=told.entries,
        calls=told.calls,
        places=(PagePlace(at_ms=0, window_id=W, url=text, title=text),),
        environment=around,
    )
    return told, {
        "warnings": [{"code": "x", "message": text, "count": 2}] * 9,
        "redaction": {"policy": text, "digest": text, "counts": {text: 3}},
        "clock_offsets": [{"source": text, "offset_ms": 5, "evidence": 2}],
        "files": [{"kind": "mp4", "path": f"/x/{text}", "bytes": 1, "sha256": "ab", "given_up": [text]}],
        "versions": dict.fromkeys(("renderer", "rrweb", "chromium", "ffmpeg"), text),
    }


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_session_gives_a_harmless_summary(text: str) -> None:
    told, other = nasty(text)
    shown = plan()
    summary = write_summary(manifest(shown, told, **other), told, choose_steps(told, shown))
    page = check_harmless(summary)
    assert page.tags.count("details") == page.tags.count("summary")
    sections = [
        re.sub(r" \(\d+\)$", "", heading) for heading in page.headings if not re.match(r"\d+ \w+ more", heading)
    ]
    assert sections == [
        "What happened",
        # A message of nothing but what cannot be seen has no step, and what has none is not a repetition.
        "Errors and warnings" if "Errors and warnings" in sections else "Errors",
        "Failed requests",
        "LLM calls",
        "What was asked and answered, and the calls' traces",
        "About this clip",
        "Where this comes from: recording, versions, checksums",
    ], "no section was swallowed or added"
    assert visible_bytes(summary) <= MOST_VISIBLE_BYTES
    assert len(summary.encode()) < 30_000


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
@pytest.mark.parametrize(
    "form", ["{}", "```\n{}\n```", "`{}` x", "| {} | b |\n|---|---|\n| c | {} |", "- {}\n- {}", "# {}"]
)
def test_a_hostile_answer_is_a_harmless_quotation(form: str, text: str) -> None:
    page = check_harmless(f"before\n\n{quotation(form.format(text, text), 1500)}\n\nafter\n")
    assert page.tags.count("blockquote") <= 1
    assert not {"ul", "ol", "table", "details", "h3"} & set(page.tags)
    assert page.words.startswith("before\n")
    assert page.words.rstrip().endswith("\nafter")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_table_keeps_its_columns(text: str) -> None:
    page = check_harmless(table(("A", "B"), [[inline(text), code(text)], ["x", inline(text)]]))
    assert (page.tags.count("tr"), page.tags.count("td")) == (3, 4)


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab1 \\`*_[]()<>#@!|~&$:;/.-+=\"'{}“”\n\t\u202eé") | st.characters(), max_size=80)
)
def test_any_text_comes_out_as_itself_and_dead(text: str) -> None:
    line = inline(text)
    page = check_harmless(f"1. {line}\n2. `0:04` {line}\n\n| A |\n| --- |\n| {line} |\n")
    assert page.tags.count("li") == 2
    if not re.search(r"[<>|`%]", text):
        # What is shown is what was recorded; only these are changed where they stand in code.
        plain_words = "".join(line_ for line_ in page.all.split())
        assert "".join(inline_plain(text).split()) in plain_words


def inline_plain(text: str) -> str:
    from renderer.timeline.text import plain

    return plain(text, 200)


WORDS = {
    "Clicked “Start conversation”": "Clicked “Start conversation”",
    "model_overloaded (503), 5 * 3 = 15, it's 50% off": "model_overloaded (503), 5 * 3 = 15, it's 50% off",
    "Console warning: [nora] no source": "Console warning: [nora] no source",
    "paid $40.35, not $41": "paid $40.35, not $41",
    "see https://x.example/?a=<b>": "see `https://x.example/?a=`&lt;b&gt;",
    "ask “@ops” about #12": "ask “`@ops`” about `#12`",
    "[a](b) **c**": "\\[a\\](b) \\*\\*c\\*\\*",
    "# title": "\\# title",
    "2. two": "2\\. two",
    "POST /api/feedback failed with 500": "POST /api/feedback failed with 500",
    "claude-3-5-sonnet-20241022 and gpt-4o": "claude-3-5-sonnet-20241022 and gpt-4o",
    "commit 1a2b3c4d": "commit `1a2b3c4d`",
    "a|b": "a\\|b",
    "to ann@x.example, and #12.": "to `ann@x.example`, and `#12`.",
}


@pytest.mark.parametrize(("text", "markdown"), WORDS.items())
def test_ordinary_words_stay_readable_without_a_renderer(text: str, markdown: str) -> None:
    assert inline(text) == markdown


def test_what_is_folded_does_not_count() -> None:
    text = f"one\n\n{details('more', 'x' * 500)}\n\ntwo\n\n{details('rest', 'y' * 500)}\n"
    assert visible_bytes(text) == len("one\n\nmore\n\ntwo\n\nrest\n")
