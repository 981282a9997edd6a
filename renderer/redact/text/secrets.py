"""Texts that open doors, and e-mail addresses: found by what they begin with, or by the sign in their middle."""

import re
from collections.abc import Iterator

from renderer.redact.text.masks import Span

_AT = re.compile(r"[@＠]|%(?:25){0,3}40|\\u0040|&#0*64;|&#[xX]0*40;|&commat;")
# Letters and digits of any script, and the signs that mail servers take in the part before the @. Not & = ? /, which stand
# between an address and what it is the value of.
_LOCAL_SIGNS = frozenset("!#$%'*+-^_`.~")
_DOMAIN = re.compile(r"(?:\[\d{1,3}(?:\.\d{1,3}){3}\]|[^\W_](?:[\w\-]{0,62}[.．。])(?:[\w\-]{1,63}[.．。]){0,8}(?:[^\W\d_]{2,63}|xn--[\w\-]{1,59}))")  # fmt: skip
# icon@2x.png is a picture for dense screens.
_DENSITY = re.compile(r"\d(?:\.\d)?x\.(?:png|jpe?g|gif|webp|avif|svg|ico|css|js)\b", re.IGNORECASE)

_JWT = re.compile(r"(?<![A-Za-z0-9_+/\-])eyJ[A-Za-z0-9_\-]{8,}(?:\.[A-Za-z0-9_\-]+){0,4}")
_KEY = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"sk-(?:proj-|ant-|or-|live-|test-|svcacct-)?[A-Za-z0-9_\-]{16,}|[spr]k_(?:live|test|prod)_[A-Za-z0-9]{8,}"
    r"|ph[a-z]_[A-Za-z0-9_]{12,}|gh[a-z]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|gl[a-z]{2,4}-[A-Za-z0-9_\-]{16,}"
    r"|(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}|xox[a-z]-[A-Za-z0-9\-]{8,}|xapp-[A-Za-z0-9\-]{10,}|AIza[A-Za-z0-9_\-]{30,}"
    r"|SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}|hf_[A-Za-z0-9]{20,}|npm_[A-Za-z0-9]{30,}|ya29\.[A-Za-z0-9_\-]{20,}"
    r"|whsec_[A-Za-z0-9+/=]{16,}|shp[a-z]{2}_[A-Fa-f0-9]{20,}|dop_v1_[a-f0-9]{20,}|pypi-[A-Za-z0-9_\-]{30,}|r8_[A-Za-z0-9]{20,}"
    r"|gsk_[A-Za-z0-9]{20,}|lin_api_[A-Za-z0-9]{20,}|sntr[yu]s?_[A-Za-z0-9_=+/]{20,}"
    r")"
)
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]{0,30}PRIVATE KEY-----|\Z)", re.DOTALL
)
_SCHEME = re.compile(r"(?i:(?<![A-Za-z])(bearer|basic))(?:[ \u00a0+]|%20){1,3}([A-Za-z0-9._~+/=\-]{8,})")
# A class of a style sheet may begin with sk- too; a key of so many letters has a digit.
_DIGIT = re.compile(r"\d")
_MIXED = re.compile(r"\d|[a-z][A-Z]|[=+/_.~]")


def emails(text: str) -> Iterator[Span]:
    """E-mail addresses in any script, the @ also as URLs, JSON and HTML write it."""
    last = 0
    for at in _AT.finditer(text):
        start = at.start()
        while start > last and (text[start - 1].isalnum() or text[start - 1] in _LOCAL_SIGNS):
            start -= 1
        while start < at.start() and text[start] in "'`*~":  # quotes and Markdown, not part of it
            start += 1
        glued = at.start() == last > 0  # to the address before, whose end took this one's beginning
        if not glued and not any(sign.isalnum() for sign in text[start : at.start()]):
            continue
        domain = _DOMAIN.match(text, at.end())
        if domain is None or _DENSITY.match(text, at.end()):
            continue
        last = domain.end()
        yield start, last


def tokens(text: str) -> Iterator[Span]:
    """JSON web tokens, cut ones too."""
    for match in _JWT.finditer(text):
        yield match.span()


def keys(text: str) -> Iterator[Span]:
    """Keys of services that mark theirs, and private keys."""
    for match in _KEY.finditer(text):
        if not match[0].startswith("sk-") or _DIGIT.search(match[0]):
            yield match.span()
    if "-----BEGIN" in text:
        for match in _PEM.finditer(text):
            yield match.span()


def schemes(text: str) -> Iterator[Span]:
    """What follows "Bearer" or "Basic" and is no word."""
    for match in _SCHEME.finditer(text):
        if _MIXED.search(match[2].rstrip(".")) or (match[1].lower() == "bearer" and len(match[2]) >= 24):
            yield match.span(2)
