"""A note is made to fit, and never loses the first line, the clip, the links and the marker."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.deliver.note.dialects import adf, github, html, plain, textile, wiki
from renderer.deliver.note.document import Paragraph, Text
from renderer.deliver.note.fit import fitted
from tests.unit.deliver.note.notes import MARKER, note

WRITERS = [github.write, html.write, plain.write, textile.write, wiki.write]


@pytest.mark.parametrize("write", WRITERS)
@given(limit=st.integers(700, 12_000))
@settings(max_examples=10, deadline=None)
def test_whatever_the_limit_the_note_keeps_what_matters(write, limit: int) -> None:
    text, cut = fitted(note(), write, limit)
    assert len(text) <= limit
    assert MARKER in text
    assert "demo.mp4" in text
    assert "replay/01a20950?t=32" in text
    assert "The user asked nora-4-mini" in text[:40]
    assert ("clip.md" in text) is cut
    assert cut is (len(write(note())) > limit)


def test_folds_go_first_the_last_one_before_the_others() -> None:
    whole = github.write(note())
    text, cut = fitted(note(), github.write, len(whole) - 1)
    assert cut
    assert "Where this comes from" not in text
    assert "What was asked and answered" in text
    assert text.endswith(f"The rest is in `clip.md`.\n\nAttached by renderer · renderer 0.1.0 · {MARKER}\n")


def test_steps_go_one_by_one_and_no_heading_is_left_alone() -> None:
    text, _ = fitted(note(), github.write, 2600)
    assert "\n1. [0:06]" in text
    assert "\n10. " not in text
    assert "### Where and when" not in text
    short, _ = fitted(note(), github.write, 1150)
    assert "###" not in short


def test_the_first_paragraph_is_cut_at_a_word_at_last() -> None:
    text, _ = fitted(note(), plain.write, 500)
    first = text.split("\n\n")[0]
    assert first.startswith("The user asked nora-4-mini")
    assert first.endswith("…")
    assert len(text) <= 500


def test_another_measure_than_characters_may_count() -> None:
    document, cut = fitted(
        note(), adf.write, 3, size=lambda made: sum(node["type"] == "expand" for node in made["content"])
    )
    assert cut
    assert [node["type"] for node in document["content"]].count("expand") == 3


def test_what_fits_is_left_as_it_is() -> None:
    assert fitted(note(), github.write, 65_536) == (github.write(note()), False)


def test_where_nothing_helps_the_shortest_is_given() -> None:
    text, cut = fitted((Paragraph((Text("word " * 50),)), Paragraph((Text(MARKER),))), plain.write, 10)
    assert cut
    assert MARKER in text
    assert "word" not in text
