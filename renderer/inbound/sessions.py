"""Which session a ticket is about: what fields say, then links to its replay, then "session id: …" in a text.

Customers write tickets. Patterns have bounds and nothing to go back for, so that no text takes longer than its length.
"""

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from renderer.errors import RequestError
from renderer.sources.posthog.address import Reference, parse_reference

CLOUDS: Final = ("https://eu.posthog.com", "https://us.posthog.com", "https://app.posthog.com")

_MOST_LINKS: Final = 50
_LONGEST_VALUE: Final = 2000
_LONGEST_TEXT: Final = 1024 * 1024
# An id names itself by its length and a digit: fields hold words like "none" too.
_ID: Final = re.compile(r"(?=[A-Za-z_-]{0,199}[0-9])[A-Za-z0-9][A-Za-z0-9_-]{7,199}(?:\?t=[0-9.]{1,19})?")
_UUID: Final = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_SAID: Final = re.compile(
    rf"session(?:[ _-]?id|[ _-]?recording|[ _-]?replay)?[\s:=#*_`\"'|({{\[\\>-]{{1,20}}({_UUID})(?![0-9A-Za-z-])",
    re.IGNORECASE,
)
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")
_REST: Final = r"[^\s<>\"'`|\\^{}\[\])]{0,1900}"
_END: Final = re.compile(r"[\s<>\"']")
_TRAILING: Final = ".,;:!?*_~("
_TIME: Final = re.compile(r"(?<=[?&])t=[^&#]*")
_FILLING: Final = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Found:
    """`at_ms`: session time that was pointed to."""

    session_id: str
    at_ms: int | None = None


class Finder:
    """`names`: of fields, the first that says something counts; letter case, blanks and dashes do not matter. `hosts`: of PostHog, as their
    pages are opened in a browser; links to any others are none.
    """

    def __init__(self, names: Iterable[str], hosts: Iterable[str] = CLOUDS) -> None:
        self._names = tuple(dict.fromkeys(plain for name in names if (plain := _plain(name))))
        self._hosts = tuple(dict.fromkeys(host.rstrip("/") for host in hosts))
        places = "|".join(dict.fromkeys(re.escape(urlsplit(host).netloc) for host in self._hosts))
        self._links = re.compile(rf"https?://(?:{places})(?::[0-9]{{1,5}})?/{_REST}", re.IGNORECASE)

    def find(self, texts: Sequence[str], fields: Sequence[tuple[str, str]] = ()) -> Found | None:
        """None when nothing names a session. A field that names one without a time takes the time of a link to the same session."""
        texts = [text[:_LONGEST_TEXT] for text in texts]
        named = self._of_fields(fields)
        if named is not None and named.at_ms is not None:
            return named
        links = list(self._of_links(texts))
        if named is not None:
            return next(
                (each for each in links if each.session_id == named.session_id and each.at_ms is not None), named
            )
        return links[0] if links else _said(texts)

    def read(self, value: str) -> Found | None:
        """A session's id, `ID?t=90`, or the address of its replay; None when it is neither."""
        value = value.strip()
        if len(value) > _LONGEST_VALUE:
            return None
        if _ID.fullmatch(value):
            return self._parsed(value)
        return next(self._of_links([value]), None)

    def _of_fields(self, fields: Sequence[tuple[str, str]]) -> Found | None:
        by_name: dict[str, list[str]] = {}
        for name, value in fields:
            by_name.setdefault(_plain(name), []).append(value)
        values = (value for name in self._names for value in by_name.get(name, ()))
        return next((found for value in values if (found := self.read(value)) is not None), None)

    def _of_links(self, texts: Iterable[str]) -> Iterator[Found]:
        tried = 0
        for text in texts:
            for match in self._links.finditer(text):
                tried += 1
                if tried > _MOST_LINKS:
                    return
                # In HTML an address has &amp; for &, and may be followed by &nbsp; or &quot;.
                found = self._parsed(_END.split(html.unescape(match[0]), 1)[0].rstrip(_TRAILING))
                if found is not None:
                    yield found

    def _parsed(self, name: str) -> Found | None:
        for host in self._hosts:
            found = _reference(name, host) or _reference(_TIME.sub("t=", name), host)
            if found is not None:
                return Found(found.session_id, found.at_ms)
        return None


def find_session(
    texts: Sequence[str], fields: Sequence[tuple[str, str]], names: Iterable[str], posthog_hosts: Iterable[str] = CLOUDS
) -> Found | None:
    """As `Finder.find`, for once."""
    return Finder(names, posthog_hosts).find(texts, fields)


def _reference(name: str, host: str) -> Reference | None:
    try:
        return parse_reference(name, host)
    except (RequestError, ValueError):  # ValueError: of urlsplit, whose addresses have brackets
        return None


def _said(texts: Iterable[str]) -> Found | None:
    for text in texts:
        match = _SAID.search(_TAG.sub("", text).replace("&nbsp;", " "))
        if match:
            return Found(match[1].lower())
    return None


def _plain(name: str) -> str:
    return _FILLING.sub("", name[:200].lower())
