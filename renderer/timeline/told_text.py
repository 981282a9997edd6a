"""Text of events made harmless for one line on a screen; redaction has been before."""

import re

_INVISIBLE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]+"
)
_BLANKS = re.compile(r"\s+")
_WORDS = re.compile(r"[_\-.:/\s]+|(?<=[a-z0-9])(?=[A-Z])")
# Enough for any line; cutting first keeps a megabyte from being searched.
_LONGEST = 4000


def one_line(value: str, letters: int = 120) -> str:
    """Without control characters, direction overrides and line ends; cut with an ellipsis."""
    line = _BLANKS.sub(" ", _INVISIBLE.sub(" ", value[:_LONGEST])).strip()
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def plain_words(name: str) -> str:
    """`answer_rated` or `$answerRated` as `Answer rated`."""
    words = [word for word in _WORDS.split(one_line(name.lstrip("$"))) if word]
    spelled = [word if word.isupper() and len(word) > 1 else word.lower() for word in words]
    sentence = " ".join(spelled)
    return sentence[:1].upper() + sentence[1:] if sentence else "Event"


def seconds(ms: float) -> str:
    """`6.4 s`, `85 ms`, `2 min 5 s`."""
    if ms < 100:
        return f"{round(ms)} ms"
    if ms < 59_950:
        return f"{ms / 1000:.1f} s"
    whole = round(ms / 1000)
    return f"{whole // 60} min {whole % 60} s"
