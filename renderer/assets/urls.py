"""URLs as the fetcher sees them: one parse, whose parts are what the policy judges, the resolver asks and the socket dials.

Two parsers that disagree about where a URL's host ends are the classic hole in such a guard, so there is only this one.
"""

import hashlib
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpx2

DEFAULT_PORTS = {"http": 80, "https": 443}

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# WHATWG "ends in a number": browsers and inet_aton read such a host as an IPv4 address, in decimal, octal or hex.
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*")


class BadUrlError(Exception):
    """The URL will not be asked for; the message is the reason as a snake_case word."""


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to fetch. `host` is lower case, punycode, without a trailing dot; `path` begins with "/" and has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """The host as an address, if it is one."""
        return _as_address(self.host)

    @property
    def url(self) -> str:
        """The URL without fragment and credentials, always written the same way."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"

    @property
    def key(self) -> str:
        return hashlib.sha256(self.url.encode()).hexdigest()


def parse_target(url: str, base: Target | None = None) -> Target:
    """Read an absolute http(s) URL, or one relative to `base` (a redirect's Location).

    Raises BadUrlError: "malformed_url", "scheme", or "credentials" (browsers do not load pictures from such URLs either).
    """
    try:
        parsed = httpx2.URL(base.url).join(url) if base else httpx2.URL(url)
        host, port, path = parsed.raw_host.decode("ascii"), parsed.port, parsed.raw_path.decode("ascii")
    except (httpx2.InvalidURL, ValueError, TypeError) as error:
        raise BadUrlError("malformed_url") from error
    if parsed.scheme not in DEFAULT_PORTS:
        raise BadUrlError("scheme")
    if parsed.userinfo:
        raise BadUrlError("credentials")
    port = DEFAULT_PORTS[parsed.scheme] if port is None else port
    host = host.lower().removesuffix(".")
    if not 0 < port < 65536 or not path.startswith("/") or not _is_host(host):
        raise BadUrlError("malformed_url")
    address = _as_address(host)
    return Target(parsed.scheme, str(address) if address else host, port, path)


def _as_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _is_host(host: str) -> bool:
    if ":" in host:
        return "%" not in host and _as_address(host) is not None
    labels = host.split(".")
    if _NUMERIC_LABEL.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1 and 0177.0.0.1 are all 127.0.0.1 to inet_aton; only the one plain notation is accepted.
        return _as_address(host) is not None
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels)
