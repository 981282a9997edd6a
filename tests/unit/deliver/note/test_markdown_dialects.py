"""GitHub, GitLab, Linear, Redmine's CommonMark: judged by GitHub's own renderer, and by what it leaves to bots."""

import re

import pytest
from hypothesis import example, given, settings

from renderer.deliver.note.dialects import github, gitlab, linear, markdown, redmine
from renderer.deliver.note.document import Break, Code, Inline, Paragraph, Strong, Text, Video, words
from renderer.deliver.note.read import read_summary
from renderer.deliver.note.tidy import tidy
from renderer.summary.markdown import inline
from tests.unit.deliver.note.notes import (
    BY_NAME,
    HOSTILE,
    INLINES,
    MARKER,
    TEXTS,
    everywhere,
    note,
    page_of,
    squeezed,
    told,
)

DIALECTS = [github.write, gitlab.write, linear.write, markdown.write, redmine.write]
MENTION = re.compile(r"(?<![\w`])@\w|(?<!\w)#\d|://|www\.|\bGH-\d|\w#\d|(?<![\w&])!\d|~\w")
TAGS = {
    *("p", "br", "ul", "ol", "li", "strong", "code", "h3", "h4", "blockquote"),
    *("table", "thead", "tbody", "tr", "th", "td", "details", "summary"),
}


def check_harmless(text: str) -> None:
    # Redmine's macro takes its title as it is, no Markdown is read there.
    page = page_of(re.sub(r"^\{\{collapse\(.*\)$", "", text, flags=re.MULTILINE))
    assert set(page.tags) <= TAGS, set(page.tags) - TAGS
    assert page.attributes == []
    assert MENTION.search(page.outside_code) is None
    assert not re.search(r"^[ >]*/\w", text, re.MULTILINE), "a quick action of GitLab"


@pytest.mark.parametrize("write", DIALECTS)
@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_not_live_anywhere(write, text: str) -> None:
    inlines: tuple[Inline, ...] = (
        Text(text),
        Break(),
        Code(text),
        Text(" "),
        Strong((Text(text),)),
        Break(),
        Text(text),
    )
    check_harmless(write(everywhere(inlines)))


@pytest.mark.parametrize("write", DIALECTS)
@given(inlines=INLINES)
@settings(max_examples=30)
def test_no_text_is_live_anywhere(write, inlines: tuple[Inline, ...]) -> None:
    check_harmless(write(everywhere(inlines)))


@pytest.mark.parametrize("write", [github.write, linear.write])
@given(text=TEXTS)
@settings(max_examples=40)
def test_what_the_summary_escaped_stays_harmless(write, text: str) -> None:
    check_harmless(write(read_summary(f"{inline(text)}\n\n- {inline(text)}\n")))


@given(INLINES)
@example((Strong((Text("0 *"),)),))
@example((Text("×"), Strong((Text(":"),))))
@example((Code("`"), Text("javascript:alert(1)")))
@example((Text("x"), Strong((Code("a"),)), Code("b")))
@example((Code("0"), Strong((Text(" "),)), Text("[click](https://evil.example/a)")))
@settings(max_examples=80)
def test_what_is_seen_is_the_text(inlines: tuple[Inline, ...]) -> None:
    shown = page_of(markdown.write((Paragraph(inlines),)))
    assert squeezed(shown.text) == squeezed(words(tidy(inlines, None)))


def test_github_folds_and_plays_the_video() -> None:
    text = github.write(note())
    page = page_of(text)
    assert "\n\nhttps://files.example/a/demo.mp4\n\n" in text
    assert ("src", "https://files.example/a/demo.gif?s=1&t=2") in page.attributes
    assert page.tags.count("details") == page.tags.count("summary") == 4
    assert page.tags.count("table") == 5
    assert ("href", "https://eu.posthog.com/project/7/replay/01a20950?t=54") in page.attributes
    assert [line for line in told(note()) if squeezed(line) not in squeezed(page.text)] == []


def test_gitlab_plays_a_video_that_is_written_as_an_image() -> None:
    assert "\n![demo.mp4](https://files.example/a/demo.mp4)\n" in gitlab.write(note())


def test_gitlabs_own_paths_are_kept() -> None:
    assert gitlab.write((Video("/uploads/0f9e8d/demo.mp4", "demo.mp4"),)) == "![demo.mp4](/uploads/0f9e8d/demo.mp4)\n"


def test_linear_folds_without_html() -> None:
    text = linear.write(note())
    assert "\n\n+++ Failed requests (2)\n\n| At |" in text
    assert text.count("\n+++\n") == 4
    assert "<details>" not in text


def test_plain_markdown_has_headings_where_others_fold() -> None:
    assert "\n#### Failed requests (2)\n" in markdown.write(note())


def test_redmine_names_attachments_and_folds_by_its_macro() -> None:
    text = redmine.write(note(BY_NAME))
    assert "\n![What the clip shows](demo.gif)\n" in text
    assert "\nattachment:demo.mp4\n" in text
    assert text.count("{{collapse(") == text.count("\n}}\n") == 4
    assert "{{collapse(Where this comes from: recording · versions · checksums)\n" in text, (
        "a comma would end the title"
    )


@pytest.mark.parametrize("write", DIALECTS)
def test_the_marker_is_found_as_it_is(write) -> None:
    assert write(note()).endswith(f"{MARKER}\n")
