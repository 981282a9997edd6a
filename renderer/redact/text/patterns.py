"""Where a text holds what the policy hides by its shape."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from renderer.redact.policy import expressions
from renderer.redact.policy.model import Policy
from renderer.redact.text import numbers, secrets
from renderer.redact.text.masks import Span, merged

_Finders = Callable[[str], Iterator[Span]]
_DIGIT = re.compile(r"[0-9]")
_NUMBERS = frozenset({"card", "phone", "iban"})
_PLAIN_KEYS = ("AKIA", "ASIA", "AROA", "AIDA", "AIza")
_FINDERS: Final[dict[str, tuple[Callable[[str], object], _Finders]]] = {
    "email": (lambda text: "@" in text or "%" in text or "&" in text or "\\" in text or "＠" in text, secrets.emails),
    "card": (lambda text: not text.isascii() or _DIGIT.search(text), numbers.cards),
    "phone": (lambda text: not text.isascii() or _DIGIT.search(text), numbers.phones),
    "iban": (_DIGIT.search, numbers.ibans),
    "ip": (lambda text: "." in text or ":" in text, numbers.addresses),
    "jwt": (lambda text: "eyJ" in text, secrets.tokens),
    "api_key": (
        lambda text: (
            "_" in text or "-" in text or "SG." in text or "ya29" in text or any(one in text for one in _PLAIN_KEYS)
        ),
        secrets.keys,
    ),
    "bearer": (
        lambda text: "earer" in text or "asic" in text or "EARER" in text or "ASIC" in text,
        secrets.schemes,
    ),
}

# Signs without width that break a word for the eye nowhere and for a pattern everywhere.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f\ufeff]"
)
# Values in addresses: what follows "?name=" or "#name=", and who logs in where ("//user:password@host").
_QUERY = re.compile(r"[?#][\w%$\[\-][^\s=&?#\"'<>\\`(){},;]{0,63}=[^\s\"'<>\\`(){}]*")
_VALUE = re.compile(r"([^=&?#;]{0,64})=([^&#]*)")
_USER = re.compile(r"//([^\s/@\"'<>?#\\]{1,256})@")
# Calling everything there is costs 10 µs a text, and most texts have none of these signs. A set of ASCII signs and plain words,
# because they are looked for ten times faster than a choice of expressions.
_SIGN = re.compile(r"[@%&\\0-9?#_/\-J]")
_WORDS = ("earer", "EARER", "asic", "ASIC", "AKIA", "ASIA", "AROA", "AIDA", "AIza", "SG.", "ya29")


def _harmless(text: str) -> bool:
    if not text.isascii() or _SIGN.search(text):
        return False
    for word in _WORDS:  # noqa: SIM110  (a loop takes half the time of a generator)
        if word in text:
            return False
    return True


class Finder:
    """Finds, and counts in `counts` by the pattern's name. One is used for one recording."""

    def __init__(self, policy: Policy) -> None:
        self.counts: Counter[str] = Counter()
        chosen = policy.text.patterns
        self._finders = [(name, *found) for name, found in _FINDERS.items() if getattr(chosen, name)]
        self._custom = [(custom.name, custom.regex) for custom in policy.text.custom]
        self._values = policy.urls.query != "keep"
        self._allowed = frozenset(name.lower() for name in policy.urls.allow)

    def spans(self, text: str, *, count: bool = True) -> Sequence[Span]:
        """What is to be hidden, in order: patterns, and values in addresses. Offsets are in characters of `text`."""
        return self._look(text, count, self._values)

    def patterns(self, text: str, *, count: bool = True) -> Sequence[Span]:
        """The same without the values in addresses: where those are kept, or hidden in a way of their own."""
        return self._look(text, count, False)

    def of_an_id(self, text: str, *, count: bool = True) -> Sequence[Span]:
        """What is hidden in a value that joins records: an e-mail address or a key is no less one there, a long number is an id."""
        found: list[Span] = []
        for name, hint, find in self._finders:
            if name not in _NUMBERS and hint(text):
                self._take(name, find(text), found, count)
        for name, regex in self._custom:
            self._take(name, expressions.find(regex, text), found, count)
        return merged(found)

    def matches(self, text: str) -> bool:
        return bool(self._look(text, False, False))

    def _look(self, text: str, count: bool, values: bool) -> Sequence[Span]:
        if not self._custom and _harmless(text):
            return ()
        if not text.isascii() and _UNSEEN.search(text):
            return self._without_unseen(text, count, values)
        return self._found(text, count, values)

    def _found(self, text: str, count: bool, values: bool) -> Sequence[Span]:
        found: list[Span] = []
        for name, hint, find in self._finders:
            if hint(text):
                self._take(name, find(text), found, count)
        for name, regex in self._custom:
            self._take(name, expressions.find(regex, text), found, count)
        if values:
            self._take("urls", self._in_addresses(text), found, count)
        return merged(found) if len(found) > 1 else found

    def _take(self, name: str, spans: Iterable[Span], found: list[Span], count: bool) -> None:
        before = len(found)
        found += spans
        if count and len(found) > before:
            self.counts[name] += len(found) - before

    def _in_addresses(self, text: str) -> Iterator[Span]:
        if "=" in text and ("?" in text or "#" in text):
            for query in _QUERY.finditer(text):
                for pair in _VALUE.finditer(text, query.start() + 1, query.end()):
                    if pair[2] and pair[1].lower() not in self._allowed:
                        end = pair.end(2)
                        while end > pair.start(2) and text[end - 1] in ".,;:!":
                            end -= 1
                        yield pair.start(2), end
        if "//" in text and "@" in text:
            for user in _USER.finditer(text):
                yield user.span(1)

    def _without_unseen(self, text: str, count: bool, values: bool) -> Sequence[Span]:
        places = [number for number, sign in enumerate(text) if not _UNSEEN.match(sign)]
        spans = self._found("".join(text[place] for place in places), count, values)
        also = self._found(text, False, values)
        return merged([*also, *((places[start], places[end - 1] + 1) for start, end in spans)])
