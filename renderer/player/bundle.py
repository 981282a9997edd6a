"""The player page as Chromium gets it: one HTML file with everything in it, and headers that forbid it everything else."""

import re
import secrets
from dataclasses import dataclass
from functools import cache
from importlib import resources

from renderer.errors import SetupError

PAGE_URL = "http://player.renderer.invalid/"
"""`.invalid` never resolves (RFC 6761); capture answers it from here. http, so that pictures may be http as well."""

# The replay's iframe (about:blank, sandbox="allow-same-origin") inherits this policy, so recorded scripts are refused twice.
# Styles and pictures may name any host: capture answers them all from the asset library.
_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src * data: blob: 'unsafe-inline'; img-src * data: blob:; "
    "font-src * data: blob:; media-src 'none'; connect-src 'none'; object-src 'none'; worker-src 'none'; "
    "base-uri *; form-action 'none'"
)


@dataclass(frozen=True, slots=True)
class Page:
    body: bytes
    headers: tuple[tuple[str, str], ...]


def page() -> Page:
    """The page with a fresh nonce. SetupError when it has not been built."""
    nonce = secrets.token_urlsafe(16)
    return Page(
        body=_template().replace("%NONCE%", nonce).encode(),
        headers=(
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", _POLICY.format(nonce=nonce)),
            ("Referrer-Policy", "no-referrer"),
            ("X-DNS-Prefetch-Control", "off"),
        ),
    )


def rrweb_version() -> str:
    """Version of the @rrweb/replay in the page."""
    match = re.search(r'<meta name="rrweb" content="([^"]*)">', _template())
    return match[1] if match else "unknown"


@cache
def _template() -> str:
    try:
        return resources.files("renderer.player").joinpath("player.html").read_text("utf-8")
    except FileNotFoundError:
        raise SetupError("player_not_built", "the player page has not been built: run `make player`") from None
