"""Names of files in a clip store."""

import re
from typing import Final

from renderer.errors import RequestError

MAX_LENGTH: Final = 300
MAX_WORDS: Final = 6

# What every file system and every cloud takes as it is; a dot begins what is hidden, and ends what Windows cuts off.
_WORD = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?")


def is_name(text: str) -> bool:
    words = text.split("/")
    return 2 <= len(words) <= MAX_WORDS and len(text) <= MAX_LENGTH and all(map(_WORD.fullmatch, words))


def check_name(name: str) -> str:
    """The name of a file. Raises RequestError `bad_file_name`."""
    return _check(name, least=2)


def check_prefix(prefix: str, least: int = 0) -> str:
    """The beginning of names, of `least` words or more, without a slash at its end. Raises RequestError `bad_file_name`."""
    return _check(prefix.removesuffix("/"), least)


def _check(name: str, least: int) -> str:
    words = name.split("/") if name else []
    if least <= len(words) <= MAX_WORDS and len(name) <= MAX_LENGTH and all(map(_WORD.fullmatch, words)):
        return name
    raise RequestError(
        "bad_file_name",
        "this is no name of a stored file: words of letters, digits, _, - and dots inside, with slashes between",
    )
