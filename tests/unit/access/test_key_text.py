"""The text of a key: what is one is told without a database, and what is none costs nothing."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renderer.access.key_text import is_key_id, key_id_of, new_key, without_secrets

LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def test_a_new_key_has_its_id_in_it_and_no_two_are_alike() -> None:
    made = [new_key() for _ in range(200)]
    assert len({text for _, text in made}) == len({key_id for key_id, _ in made}) == 200
    for key_id, text in made:
        assert text.startswith(f"rc_live_{key_id}_")
        assert len(text) == 59
        assert key_id_of(text) == key_id
        assert is_key_id(key_id)


def test_any_one_letter_that_differs_is_noticed() -> None:
    _, text = new_key()
    for at, letter in enumerate(text):
        for other in LETTERS:
            if other != letter:
                assert key_id_of(text[:at] + other + text[at + 1 :]) is None


def test_letters_that_changed_places_are_noticed() -> None:
    _, text = new_key()
    for at in range(len(text) - 1):
        if text[at] != text[at + 1]:
            assert key_id_of(text[:at] + text[at + 1] + text[at] + text[at + 2 :]) is None


def test_a_key_that_was_not_copied_whole_is_none() -> None:
    _, text = new_key()
    for length in range(len(text)):
        assert key_id_of(text[:length]) is None
        assert key_id_of(text[length:] if length else "") is None
    for around in (f" {text}", f"{text} ", f"{text}\n", f"{text}\x00", f"{text}0", f"Bearer {text}"):
        assert key_id_of(around) is None


@settings(deadline=None)
@given(st.text(max_size=80))
def test_no_text_is_taken_for_a_key(text: str) -> None:
    assert key_id_of(text) is None


@settings(deadline=None)
@given(st.text(min_size=51, max_size=51))
def test_not_even_with_the_prefix(text: str) -> None:
    assert key_id_of(f"rc_live_{text}") is None


@pytest.mark.parametrize(
    "letters", ["\u0660", "\uff21", "\U0001d7d8", "\udc80", "e\u0301"], ids=["digit", "wide", "bold", "lone", "accent"]
)
def test_letters_that_look_alike_are_not_alike(letters: str) -> None:
    key_id, text = new_key()
    body = text[: -len(letters)] + letters
    assert key_id_of(body) is None
    assert key_id_of(text.replace(key_id, (letters * 12)[:12])) is None


def test_ten_megabytes_are_refused_at_once() -> None:
    _, text = new_key()
    large = text + "A" * 10_000_000
    started = time.thread_time()
    assert key_id_of(large) is None
    assert time.thread_time() - started < 0.01


@pytest.mark.parametrize(
    "text",
    ["", "abc", "0123456789ab\n", "0123456789aB", "0123456789ai", "0123456789abc", "../../../../", "\u0660" * 12],
)
def test_what_is_no_id(text: str) -> None:
    assert not is_key_id(text)


def test_secrets_are_taken_out_of_what_is_written_down() -> None:
    key_id, text = new_key()
    link = "shr_01j00000000000000000000000_" + "0123456789abcdef" * 2
    webhook = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    line = f"GET /c/{link}?key={text} {text[:40]} {text}{text} {webhook}"
    cleaned = without_secrets(line)
    assert text[21:50] not in cleaned
    assert text[21:40] not in cleaned
    assert link[31:] not in cleaned
    assert webhook[6:] not in cleaned
    assert f"rc_live_{key_id}_…" in cleaned
    assert "shr_01j00000000000000000000000_…" in cleaned
    assert (
        without_secrets("nothing to hide, rc_live_ and shr_ are words")
        == "nothing to hide, rc_live_ and shr_ are words"
    )
