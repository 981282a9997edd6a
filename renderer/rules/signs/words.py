"""What a question asks about: its words without those that all questions have, in languages with and without spaces."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from renderer.rules.signs.common_words import COMMON, COMMON_SIGNS

_LETTERS: Final = 2000
_WORD: Final = re.compile("[a-z0-9]+")
_STEM: Final = 4
_ENDINGS: Final = ("ing", "ed", "es", "s")
# Han, kana, Hangul, Thai, Lao, Burmese and Khmer: words without spaces, or with endings grown onto them.
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def plain_words(text: str) -> str:
    """Without case, signs and marks of punctuation."""
    head = text[:_LETTERS]
    if head.isascii():
        return " ".join(_WORD.findall(head.lower()))
    folded = unicodedata.normalize("NFKC", head).casefold()
    return " ".join("".join(letter if _is_letter(letter) else " " for letter in folded).split())


def content_words(plain: str) -> list[str]:
    """Of plain words those that say what a text is about, without endings that only bend them; of what is written without spaces,
    each two letters that stand together.
    """
    return list(_content(plain))


def _content(plain: str) -> Iterator[str]:
    for word in plain.split():
        for part in _UNSPACED.split(word):
            if part and part not in COMMON:
                yield _stem(part)
        for run in _UNSPACED.findall(word):
            for part in COMMON_SIGNS.split(run):
                yield from (part[place : place + 2] for place in range(max(1, len(part) - 1)) if part)


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _STEM:
            return word.removesuffix(ending)
    return word


def _is_letter(letter: str) -> bool:
    # Marks are parts of letters: vowels in Hindi and Thai, accents in decomposed text.
    return letter.isalnum() or unicodedata.category(letter)[0] == "M"
