"""Names and lengths in words."""

import re

from renderer.timeline.text import plain

_WORDS = re.compile(r"[_\-.:/\s]+|(?<=[a-z0-9])(?=[A-Z])")


def plain_words(name: str) -> str:
    """`answer_rated` or `$answerRated` as `Answer rated`."""
    words = [word for word in _WORDS.split(plain(name.lstrip("$"), 120)) if word]
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
