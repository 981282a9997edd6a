"""JSON of any shape: what has a telling name is hidden, everything else is scrubbed, so that a new field cannot leak."""

import re
from collections.abc import Set
from typing import Any, Final

import msgspec

from renderer.redact import identity
from renderer.redact.identity import HIDDEN
from renderer.redact.policy.model import Policy
from renderer.redact.text import data_urls
from renderer.redact.text.masks import mask_spans
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls

_ADDRESS = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.\-]{1,20}://|/(?!/)[^\s]*\?|(?:mailto|tel|sms|blob|javascript):)\S*\Z")
_ADDRESS_NAMES: Final = frozenset(
    {"href", "url", "uri", "location", "referrer", "referer", "pathname", "path", "link", "src"}
)
_LONGEST_JSON: Final = 4_000_000


class Values:
    """Walks values. `personal`: also hide who somebody is, by the policy's `person`."""

    def __init__(self, scrub: Scrub, urls: Urls) -> None:
        self._scrub = scrub
        self._urls = urls
        self._policy: Policy = scrub.policy
        self._secret = frozenset(identity.plain(name) for name in self._policy.properties.mask)
        names = "|".join(sorted((re.escape(name) for name in self._policy.properties.mask), key=len, reverse=True))
        # name=value and "name": "value" in what is no JSON: messages, cut objects.
        self._assigned = (
            re.compile(rf"(?i)(?<![A-Za-z])(?:{names})[\"']?\s{{0,3}}[:=]\s{{0,3}}[\"']?([^\s\"',;&<>}}\]]{{2,}})")
            if names
            else None
        )

    def walk(self, value: Any, name: str = "") -> Any:
        """`value` with what is to be hidden hidden; the same object when there was nothing."""
        if isinstance(value, str):
            return self._named(name, value) if value else value
        if isinstance(value, dict):
            return self._dict(value)
        if isinstance(value, list):
            new = [self.walk(one, name) for one in value]
            return new if any(a is not b for a, b in zip(new, value, strict=True)) else value
        if type(value) is int and value >= 10**6:
            return self._number(value, name)
        return value

    def others(self, told: dict[str, Any], done: Set[str], numbers: Set[str] = frozenset()) -> None:
        """Scrubs, in place, every field but those that are `done`; `numbers` are looked at only when they are none.

        So a field that is not known yet cannot leak, nor one that holds something else than it should.
        """
        if all(
            name in done or (name in numbers and isinstance(value, int | float | None)) for name, value in told.items()
        ):
            return
        fields = list(told.items())
        told.clear()
        for name, value in fields:
            told |= {name: value} if name in done else self.walk({name: value})

    def line(self, text: str) -> str:
        """A message: patterns, addresses, and name=value."""
        spans = self._scrub.finder.spans(text)
        text = mask_spans(text, spans) if spans else text
        if self._assigned is not None and ("=" in text or ":" in text):
            found = [match.span(1) for match in self._assigned.finditer(text)]
            if found:
                self._scrub.counts["named_values"] += sum("•" not in text[start:end] for start, end in found)
                text = mask_spans(text, found)
        return text

    def packed(self, text: str) -> str:
        """A text that is JSON, when it is: walked and packed again; else a message."""
        first = text.lstrip()[:1]
        if first and first in '{["' and len(text) <= _LONGEST_JSON:
            try:
                value = msgspec.json.decode(text.encode("utf-8", "surrogatepass"))
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                return self.line(text)
            new = self.walk(value)
            return text if new is value else msgspec.json.encode(new).decode()
        return self.line(text)

    def hides(self, name: str) -> bool:
        return identity.plain(name) in self._secret

    def _dict(self, value: dict[Any, Any]) -> dict[Any, Any]:
        new: dict[Any, Any] = {}
        changed = False
        for name, inner in value.items():
            own, result = name, inner
            if isinstance(name, str):
                if self._scrub.finder.matches(name):
                    own = self._scrub.text(name)
                if self.hides(name):
                    result = self._hidden(inner)
                elif identity.is_personal(name):
                    if self._policy.person == "show":
                        new[own] = inner
                        changed |= own is not name
                        continue
                    result = self._person(name, inner)
            if result is inner:
                result = self.walk(inner, name if isinstance(name, str) else "")
            changed |= result is not inner or own is not name
            new[own] = result
        return new if changed else value

    def _hidden(self, value: Any) -> Any:
        if value in (None, "", [], {}, HIDDEN) or isinstance(value, bool):
            return value
        self._scrub.counts["named_values"] += 1
        return HIDDEN

    def _person(self, name: str, value: Any) -> Any:
        new = identity.shown(name, value, self._policy)
        if new != value:
            self._scrub.counts["person"] += 1
            return new
        return value

    def _named(self, name: str, text: str) -> str:
        if data_urls.is_data(text):
            return data_urls.scrubbed(text, self._scrub)
        if _ADDRESS.match(text) or (
            identity.plain(name).endswith(("url", "uri", "href")) or name.lower() in _ADDRESS_NAMES
        ):
            new = self._urls.shown(text) if not any(sign.isspace() for sign in text.strip()) else self.line(text)
            return text if new == text else new
        if identity.joins(name, text):
            return self._scrub.identifier(text)
        new = self.packed(text)
        return text if new == text else new

    def _number(self, value: int, name: str) -> Any:
        text = str(value)
        if identity.joins(name, text):
            return value
        return self._scrub.text(text) if self._scrub.finder.matches(text) else value
