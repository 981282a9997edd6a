"""HTML, ADF, Jira's wiki, Textile, Slack and plain text: structure, escapes, and that nothing is lost."""

import html as entities
import json
import re
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings

from renderer.deliver.note.dialects import adf, html, plain, slack, textile, wiki
from renderer.deliver.note.document import Fold, Image, Inline, Link, Paragraph, Text, Video, words
from renderer.deliver.note.tidy import tidy
from tests.unit.deliver.note.adf_schema import ADF
from tests.unit.deliver.note.notes import BY_NAME, HOSTILE, INLINES, MARKER, Page, everywhere, note, squeezed, told

UUID = "0f0f0f0f-1234-1234-1234-0123456789ab"
FULL_TAGS = {
    *("p", "br", "ul", "ol", "li", "strong", "code", "h3", "h4", "blockquote"),
    *("table", "tbody", "tr", "th", "td"),
}
INTERCOM_TAGS = {"p", "br", "b", "i", "a", "ul", "ol", "li", "code", "pre", "h1", "h2", "img"}
VALIDATOR = jsonschema_rs.validator_for(ADF)


@pytest.mark.parametrize(
    ("subset", "tags"),
    [
        (html.FULL, FULL_TAGS),
        (html.MAIL, FULL_TAGS),
        (html.FOLDING, {*FULL_TAGS, "details", "summary"}),
        (html.INTERCOM, INTERCOM_TAGS),
    ],
)
@given(inlines=INLINES)
@settings(max_examples=30)
def test_html_has_only_its_own_tags_and_all_of_the_text(
    subset: html.Subset, tags: set[str], inlines: tuple[Inline, ...]
) -> None:
    page = Page(html.write(everywhere(inlines), subset))
    assert set(page.tags) <= tags
    assert {name for name, _ in page.attributes} <= {"border", "cellpadding", "cellspacing"}
    assert squeezed(Page(html.write((Paragraph(inlines),), subset)).text) == squeezed(words(tidy(inlines, None)))


def test_html_for_intercom_knows_no_tables() -> None:
    page = Page(html.write(note(), html.INTERCOM))
    assert set(page.tags) <= INTERCOM_TAGS
    assert "0:19 · Status: 500" not in page.text
    assert "· Status: 500 · Took: 0.1 s" in page.text
    assert "Recording: eddcf875" in page.text


def test_html_shows_an_image_of_the_mail_itself() -> None:
    page = Page(html.write((Image("cid:clip@renderer", 'a "clip"'), Video("clip.mp4", "<clip>")), html.MAIL))
    assert page.attributes == [("src", "cid:clip@renderer"), ("alt", 'a "clip"')]
    assert page.text.strip() == "Attached: <clip>"


@given(INLINES)
@settings(max_examples=50)
def test_adf_is_valid_whatever_was_recorded(inlines: tuple[Inline, ...]) -> None:
    document = adf.write(everywhere(inlines))
    VALIDATOR.validate(document)
    assert "javascript:alert" not in json.dumps([mark for mark in _marks(document) if mark["type"] == "link"])
    assert squeezed("".join(_texts(adf.write((Paragraph(inlines),))))) == squeezed(words(tidy(inlines, None)))


def test_adf_shows_media_by_their_uuid_and_links_to_others() -> None:
    document = adf.write(note((Image(UUID, "clip"), Video("https://files.example/demo.mp4", "demo.mp4"))))
    VALIDATOR.validate(document)
    kinds = [node["type"] for node in document["content"]]
    assert kinds[:4] == ["paragraph", "mediaSingle", "paragraph", "paragraph"]
    assert kinds.count("expand") == 4
    assert {"type": "link", "attrs": {"href": "https://files.example/demo.mp4"}} in list(_marks(document))
    assert MARKER in "".join(_texts(document))


def test_adf_of_nothing_is_valid() -> None:
    for blocks in ((), (Fold("x", ()),), (Paragraph(()),)):
        VALIDATOR.validate(adf.write(blocks))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_wiki_markup_in_text_is_escaped(text: str) -> None:
    _check_wiki((Text(text),))


@given(INLINES)
@settings(max_examples=80)
def test_wiki_text_reads_as_it_was(inlines: tuple[Inline, ...]) -> None:
    _check_wiki(tuple(one for one in inlines if isinstance(one, Text)))


def _check_wiki(inlines: tuple[Inline, ...]) -> None:
    line = wiki.write((Paragraph(inlines),)).rstrip("\n")
    assert not re.search(r"(?<!\\)[\[\]{}|!*@^~+]|://|\\\\|^(?:h[1-6]|bq)\.|(?<!\\)\?\?|^[#-]|\b[A-Z]{2,}-\d", line)
    assert squeezed(_as_jira_reads(line)) == squeezed(words(tidy(inlines, None)))


def _as_jira_reads(line: str) -> str:
    return entities.unescape(re.sub(r"\\([-#*_+?^~|%{}\[\]()!@])", r"\1", line))


def test_wiki_embeds_attachments_by_name() -> None:
    text = wiki.write(note(BY_NAME))
    assert "\n!demo.gif|width=640!\n" in text
    assert "\n[^demo.mp4]\n" in text
    assert "\n|| At || Request || Status || Took ||\n" in text
    assert "\nh4. Failed requests (2)\n" in text
    assert "# [0:19|https://eu.posthog.com/project/7/replay/01a20950?t=54] (session 0:54) *Gave the answer" in text
    assert text.count("{quote}") == 6
    assert text.endswith(f"{MARKER}\n")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_textile_in_text_is_entities(text: str) -> None:
    _check_textile((Text(text),))


@given(INLINES)
@settings(max_examples=80)
def test_textile_text_reads_as_it_was(inlines: tuple[Inline, ...]) -> None:
    _check_textile(tuple(one for one in inlines if isinstance(one, Text)))


def _check_textile(inlines: tuple[Inline, ...]) -> None:
    line = textile.write((Paragraph(inlines),)).rstrip("\n").removeprefix("p. ")
    spans = re.sub(r"@[^@]*@", "", line)
    assert not re.search(r"""[*+^~@%?"!|\[\]{}<>=\\`]|(?<!&)\#|://|&(?!\#\d+;)""", spans)
    assert not re.search(r"""(?:[*+^~%?"!|\[\]{}<>=\\`]|://)""", line), "not even in code"
    assert squeezed(entities.unescape(line.replace("@", ""))) == squeezed(words(tidy(inlines, None)))


def test_textile_embeds_attachments_by_name_and_folds() -> None:
    text = textile.write(note(BY_NAME))
    assert "\np. !demo.gif!\n" in text
    assert "\np. attachment:demo.mp4\n" in text
    assert "\n|_. At |_. Request |_. Status |_. Took |\n" in text
    assert text.count("{{collapse(") == text.count("\n}}\n") == 4
    assert '# "0:19":https://eu.posthog.com/project/7/replay/01a20950?t=54 (session 0:54) *Gave' in text
    assert text.endswith(f"{MARKER}\n")


@given(INLINES)
@settings(max_examples=30)
def test_slack_takes_text_as_data(inlines: tuple[Inline, ...]) -> None:
    made = slack.write((*everywhere(inlines), Paragraph((Text(MARKER),))), words(inlines))
    assert len(made.blocks) <= slack.MOST_BLOCKS
    assert {block["type"] for block in made.blocks} <= {"header", "rich_text", "context"}
    assert not {node["type"] for node in _nodes(list(made.blocks))} & {
        "mrkdwn",
        "link",
        "user",
        "broadcast",
        "emoji",
        "channel",
    }
    assert not re.search(r"[<>]", made.text)
    one = slack.write((Paragraph(inlines), Paragraph(())))
    assert squeezed("".join(_texts(list(one.blocks)))) == squeezed(words(tidy(inlines, None)))


def test_slack_has_a_header_few_blocks_and_small_print() -> None:
    made = slack.write(note(), "The user asked twice " * 20)
    assert made.blocks[0]["type"] == "header"
    assert len(made.blocks[0]["text"]["text"]) <= 150
    assert made.blocks[2]["image_url"] == "https://files.example/a/demo.gif?s=1&t=2"
    assert made.blocks[-1]["elements"][0]["text"].endswith(MARKER)
    assert len(made.blocks) < 20
    assert made.text.startswith("The user asked nora-4-mini two questions")
    links = [node["url"] for node in _nodes(list(made.blocks)) if node["type"] == "link"]
    assert "https://eu.posthog.com/project/7/replay/01a20950?t=54" in links


def test_slack_keeps_the_small_print_when_there_are_too_many_blocks() -> None:
    made = slack.write(tuple(Paragraph((Text(str(at)),)) for at in range(90)), "x")
    assert len(made.blocks) == slack.MOST_BLOCKS
    assert made.blocks[-1]["elements"][0]["text"] == "89"


@given(INLINES)
@settings(max_examples=30)
def test_plain_text_says_all(inlines: tuple[Inline, ...]) -> None:
    assert squeezed(plain.write((Paragraph(inlines),))) == squeezed(words(tidy(inlines, None)))
    plain.write(everywhere(inlines))


def test_plain_text_is_wrapped_and_links_are_whole() -> None:
    text = plain.write(note(BY_NAME))
    long = [line for line in text.splitlines() if len(line) > plain.WIDTH]
    assert long == []
    assert (
        "\nAttached: demo.gif\nAttached: demo.mp4\nAttached: demo.md\n\nWatch the replay at 0:32\n<https://eu." in text
    )
    assert "\nFailed requests (2)\n-------------------\n\nAt    Request" in text
    assert "\n 6. 0:19 (session 0:54) Gave the answer a thumbs-down; POST /api/feedback\n    failed with 500\n" in text
    assert "\n>     --refund invoice-2210 \\\n" in text
    assert text.endswith(f"{MARKER}\n")
    assert [
        line
        for line in told(note(BY_NAME))
        if "·" not in line and line != "File" and squeezed(line) not in squeezed(text.replace("> ", ""))
    ] == []


def test_only_addresses_of_the_web_become_links() -> None:
    for url in ("javascript:alert(1)", "data:text/html,x", "ftp://x/y", "https://", "//x.example"):
        blocks = (Paragraph((Link((Text("x"),), url),)),)
        assert "href" not in html.write(blocks) + json.dumps(adf.write(blocks))
        assert wiki.write(blocks) == "x\n"


def _nodes(tree: Any) -> list[dict[str, Any]]:
    if isinstance(tree, list):
        return [node for one in tree for node in _nodes(one)]
    if not isinstance(tree, dict):
        return []
    return [*([tree] if "type" in tree else []), *_nodes([value for key, value in tree.items() if key != "attrs"])]


def _texts(tree: Any) -> list[str]:
    return [node["text"] for node in _nodes(tree) if isinstance(node.get("text"), str)]


def _marks(tree: Any) -> list[dict[str, Any]]:
    return [mark for node in _nodes(tree) for mark in node.get("marks", ())]
