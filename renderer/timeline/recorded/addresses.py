"""Addresses as a person reads them. They come scrubbed: what must not be seen was taken out before."""

from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from renderer.timeline.text import plain

URL_CHARACTERS: Final = 2000


class Address(NamedTuple):
    """`url` harmless and cut; `host` with its port; `path` "/" at least, "" for what is no web address."""

    url: str
    host: str
    path: str

    def short(self, beside: str = "", limit: int = 80) -> str:
        """The path, with the host when that is not `beside`."""
        if not self.host:
            return "" if self.url.startswith("about:") else plain(self.url, limit)
        return plain(self.path if self.host == beside else self.host + self.path.removesuffix("/"), limit)


def address(value: object) -> Address:
    url = plain(value, URL_CHARACTERS)
    try:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2].lower()
    except ValueError:
        return Address(url, "", "")
    if parts.scheme not in {"http", "https", "ws", "wss"}:
        return Address(url, "", parts.path if url.startswith("/") else "")
    return Address(url, host, parts.path or "/")


def absolute(url: object, page: str) -> object:
    """`url` as a link on `page` means it; itself where it is none."""
    try:
        return urljoin(page, url) if isinstance(url, str) else url
    except ValueError:  # a bracket in the host, which is no address
        return url
