"""Texts of a recording are made one harmless line of known length."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.timeline.text import plain, quoted


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("  Send \n\t now ", "Send now"),
        ("safe\u202eexe.txt\u2066x\u2069\u200f", "safeexe.txtx"),
        ("\x1b[31mred\x00\x07", "[31mred"),
        ("a\ud800b", "ab"),
        ("one\u2028two\u0085three", "one two three"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("👩\u200d👧 ok", "👩\u200d👧 ok"),
        ("<b>&amp;", "<b>&amp;"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        (None, ""),
        (7, ""),
    ],
)
def test_a_text_becomes_a_harmless_line(told, shown):
    assert plain(told, 40) == shown


def test_what_is_cut_says_so_within_the_limit():
    assert plain("abcdef", 5) == "abcd…"
    assert plain("abcde", 5) == "abcde"
    assert plain(" " * 10_000 + "x", 5) == "…"
    assert quoted("Send", 10) == "“Send”"


def test_a_text_of_megabytes_costs_no_more_than_its_beginning():
    told = "x\u202e " * 1_000_000
    begun = time.process_time()
    for _ in range(200):
        assert plain(told, 80).startswith("x x x")
    assert time.process_time() - begun < 0.5


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=300), st.integers(1, 60))
def test_any_text_can_be_written_and_fits(content, limit):
    line = plain(content, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line.isascii() or line.encode("utf-8")
    assert not set(line) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\x00\x1b\x7f")
