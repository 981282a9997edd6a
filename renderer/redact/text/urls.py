"""Addresses: those that are shown or followed lose what stands in their query; those that are loaded keep working."""

import html
import re
from typing import Final
from urllib.parse import unquote, unquote_plus

from renderer.redact.text import data_urls
from renderer.redact.text.masks import MASK, URL_MASK, mask, mask_spans
from renderer.redact.text.scrub import Scrub

_PARTS = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.\-]*:)?(//[^/?#\\]*)?([^?#]*)(\?[^#]*)?(#.*)?", re.DOTALL)
_PAIR = re.compile(r"([&;]?)([^=&;]*)(=?)([^&;]*)")
_PERSONAL: Final = frozenset(
    {"mailto:", "tel:", "sms:", "callto:", "sip:", "sips:", "facetime:", "skype:", "whatsapp:", "im:"}
)
_ANCHOR = re.compile(r"#[\w.\-:]{0,64}\Z")
_PARAMETER = re.compile(r"(;[\w.\-]{1,40}=)[^/;]+")
_SEPARATORS = re.compile(r"([/?&=#;,]+)")
# Without a scheme, or with one of these, an address names a thing on the network.
_LOADABLE: Final = frozenset({"http:", "https:", None})
MADE_UP_HOST: Final = "https://redacted.invalid"


class Urls:
    """`aliases`: addresses that were changed and are still to be loaded, to what they were."""

    def __init__(self, scrub: Scrub) -> None:
        self._scrub = scrub
        self._policy = scrub.policy.urls
        self._allowed = frozenset(name.lower() for name in self._policy.allow)
        self._masked: dict[str, str] = {}
        self.aliases: dict[str, str] = {}

    def shown(self, url: str) -> str:
        """An address that people see, or that nothing is loaded from: href, Meta, requests, console."""
        if not url:
            return url
        if data_urls.is_data(url):
            return data_urls.scrubbed(url, self._scrub)
        parts = _PARTS.fullmatch(url)
        if parts is None:
            return self._scrub.text(url)
        scheme, authority, path, query, fragment = parts.groups()
        lower = scheme.lower() if scheme else None
        if lower in _PERSONAL:
            return scheme + mask(path)
        if lower == "javascript:":
            return (
                url
                if url.lower().replace(" ", "") in {"javascript:;", "javascript:void(0)", "javascript:void(0);"}
                else scheme
            )
        result = (
            (scheme or "")
            + self._authority(authority or "")
            + self._path(path)
            + self._query(query or "")
            + self._fragment(fragment or "")
        )
        if result != url.strip():
            self._scrub.counts["urls"] += 1
        # A pattern may span what was looked at in parts.
        spans = self._scrub.finder.patterns(result)
        return mask_spans(result, spans) if spans else result

    def loaded(self, url: str) -> str:
        """An address that the page loads from. Only what patterns find is hidden; then `aliases` knows the original."""
        if data_urls.is_data(url):
            return data_urls.scrubbed(url, self._scrub)
        if url in self.aliases or not (self._secret(url) or "@" in url.partition("?")[0]):
            return url
        known = self._masked.get(url)
        if known is None:
            known = self._masked[url] = self._renamed(url)
        return known

    def _renamed(self, url: str) -> str:
        parts = _PARTS.fullmatch(url)
        if parts is None:
            return ""
        scheme, authority, path, query, fragment = parts.groups()
        user, _, host = (authority or "").rpartition("@")
        plain = (
            (scheme or "")
            + ("//" + host.removeprefix("//") if authority else "")
            + path
            + (query or "")
            + (fragment or "")
        )
        if not user and not self._secret(url):
            return url
        if not self._secret(plain):
            return plain  # no browser loads from an address with a password in it; neither do we
        self._scrub.counts["urls"] += 1
        origin = (scheme or "") + (authority or "")
        if user or self._secret(origin):
            origin = MADE_UP_HOST
        pieces = [self._piece(piece) for piece in _SEPARATORS.split(path + (query or ""))]
        masked = origin + "".join(pieces)
        if self._secret(masked):
            masked = origin + "/" + URL_MASK * 3
        if (scheme.lower() if scheme else None) not in _LOADABLE or not authority:
            return masked
        masked += ("&" if "?" in masked else "?") + f"redacted={len(self.aliases) + 1}"
        self.aliases[masked] = url if not user else plain
        return masked

    def _piece(self, piece: str) -> str:
        return re.sub(r"[^.]", URL_MASK, piece) if self._secret(piece) else piece

    def _secret(self, text: str) -> bool:
        finder = self._scrub.finder
        return (
            finder.matches(text)
            or ("%" in text and finder.matches(_decoded(text)))
            or ("&" in text and finder.matches(html.unescape(text)))
        )

    def _authority(self, authority: str) -> str:
        host = authority.rpartition("@")[2] if "@" in authority else authority
        return "//" + host.removeprefix("//") if authority else ""

    def _path(self, path: str) -> str:
        if "=" in path:
            path = _PARAMETER.sub(rf"\1{MASK}", path)
        if not self._secret(path):
            return path
        segments = path.split("/")
        masked = "/".join(mask(segment) if self._secret(segment) else segment for segment in segments)
        return mask(path) if self._secret(masked) else masked

    def _query(self, query: str) -> str:
        if len(query) < 2 or self._policy.query == "keep":
            return self._pairs(query, keep=True)
        return "" if self._policy.query == "drop" else self._pairs(query, keep=False)

    def _fragment(self, fragment: str) -> str:
        if len(fragment) < 2:
            return fragment
        if self._policy.fragment == "keep":
            return self._pairs(fragment, keep=True)
        if self._policy.fragment == "drop":
            return ""
        if fragment[1] in "/!":
            path, mark, query = fragment.partition("?")
            return self._path(path) + (self._query(mark + query) if mark else "")
        if _ANCHOR.fullmatch(fragment):
            return fragment if not self._secret(fragment) else "#" + MASK
        return self._pairs(fragment, keep=False)

    def _pairs(self, text: str, *, keep: bool) -> str:
        if len(text) < 2:
            return text
        result = [text[0]]
        for separator, before, equals, after in _PAIR.findall(text[1:]):
            name, value = (before, after) if equals else ("", before)
            kept = keep or name.lower() in self._allowed
            hidden = value and (not kept or self._secret(value))
            result += (separator, MASK if self._secret(name) else name, equals, MASK if hidden else value)
        return "".join(result)


def _decoded(text: str) -> str:
    """Undone as often as it was encoded, up to three times: addresses travel inside addresses."""
    for _ in range(3):
        decoded = unquote_plus(text) if "+" in text and "?" in text else unquote(text)
        if decoded == text:
            break
        text = decoded
    return text
