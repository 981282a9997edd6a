"""What is written into rows about keys and links is looked at before. Each raises RequestError with the code that it names."""

import re
from dataclasses import fields
from typing import Final

from renderer.access.caller import KeyLimits
from renderer.errors import RequestError

MINUTE_MS: Final = 60_000
DAY_MS: Final = 86_400_000
_LONGEST_NAME: Final = 100
_LONGEST_MS: Final = 3660 * DAY_MS
LONGEST_TTL_MS: Final = 366 * DAY_MS
"""Of a share link."""
_LARGEST_LIMIT: Final = 1_000_000_000
_TENANT: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def key_name(name: str) -> str:
    """`bad_key_name`"""
    name = name.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise RequestError("bad_key_name", "a key's name is 1 to 100 printable characters: say who will use it")
    return name


def tenant(name: str) -> str:
    """`bad_tenant`"""
    if not _TENANT.fullmatch(name):
        raise RequestError(
            "bad_tenant", "a tenant is 1 to 63 small letters, digits, - and _, the first a letter or a digit"
        )
    return name


def expiry(expires_ms: int | None, now_ms: int) -> int | None:
    """`bad_expiry`"""
    if expires_ms is not None and not now_ms < expires_ms <= now_ms + _LONGEST_MS:
        raise RequestError("bad_expiry", "a key expires in the future, ten years from now at the most")
    return expires_ms


def overlap(overlap_ms: int) -> None:
    """`bad_overlap`"""
    if not 0 <= overlap_ms <= 366 * DAY_MS:
        raise RequestError("bad_overlap", "a key that is replaced is good for 0 to 366 days more")


def limits(given: KeyLimits) -> KeyLimits:
    """`bad_limit`"""
    for each in fields(given):
        value = getattr(given, each.name)
        if value is not None and not 0 < value <= _LARGEST_LIMIT:
            raise RequestError(
                "bad_limit", f"{each.name.replace('_', ' ')} must be 1 or more, or left out for the service's own"
            )
    return given


def file_name(name: str | None) -> None:
    """`bad_file_name`"""
    if name is not None and not _FILE_NAME.fullmatch(name):
        raise RequestError("bad_file_name", "a file of a clip is named as its outputs have it, such as clip.mp4")


def ttl(ttl_ms: int) -> None:
    """`bad_ttl`"""
    if not MINUTE_MS <= ttl_ms <= LONGEST_TTL_MS:
        raise RequestError("bad_ttl", "a link is good for a minute to 366 days")
