"""What callers from outside may name: recordings below the prefixes that the operator allows."""

import re
from typing import Final
from urllib.parse import unquote

from renderer.errors import RequestError

_REFERENCE: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{1,31}):(.+)")
# Paths are this machine's: an API must never be a way to read its disk, whatever the setting says.
_NEVER: Final = frozenset({"file", "data", "ftp", "javascript"})
_STORED: Final = re.compile(r"[0-9a-f]{64}")


def allowed_prefixes(setting: str) -> tuple[str, ...]:
    """Of RENDERER_ALLOWED_RECORDINGS, with their schemes in small letters."""
    return tuple(_lower_scheme(word) for part in setting.split(",") if (word := part.strip()))


def check_reference(reference: str, prefixes: tuple[str, ...]) -> str:
    """The reference, its scheme in small letters. Raises RequestError: bad_reference, recording_not_allowed."""
    match = _REFERENCE.fullmatch(reference)
    if match is None or not reference.isprintable() or " " in reference or "\\" in reference:
        raise RequestError(
            "bad_reference",
            "this is no reference of a recording; write recording:ID, posthog:ID or what else is allowed",
        )
    scheme = match[1].lower()
    named = f"{scheme}:{match[2]}"
    if scheme in _NEVER or _climbs(match[2]) or not any(_below(named, prefix) for prefix in prefixes):
        kinds = sorted({prefix.partition(":")[0] + ":" for prefix in prefixes})
        raise RequestError(
            "recording_not_allowed",
            f"recordings from there cannot be asked for here; the operator allows some of {', '.join(kinds)}",
        )
    return named


def stored_id(reference: str) -> str | None:
    """The id of `recording:ID`; None for other kinds. Raises RequestError `recording_not_found` when it cannot be one."""
    if not reference.startswith("recording:"):
        return None
    recording_id = reference.removeprefix("recording:")
    if not _STORED.fullmatch(recording_id):
        raise RequestError("recording_not_found", "there is no such recording; check its id")
    return recording_id


def _below(reference: str, prefix: str) -> bool:
    """`s3://bucket` allows the bucket and what is in it, and not `s3://bucket-of-others`."""
    if not reference.startswith(prefix):
        return False
    return prefix.endswith((":", "/")) or reference[len(prefix) :][:1] in {"", "/"}


def _climbs(rest: str) -> bool:
    """Whether a segment is `..`, however often and however it is written: who decodes later must not get out of the prefix."""
    for _ in range(4):
        if any(segment in {"..", "."} for segment in re.split(r"[/\\?#]", rest)):
            return True
        decoded = unquote(rest)
        if decoded == rest:
            return False
        rest = decoded
    return True


def _lower_scheme(reference: str) -> str:
    scheme, colon, rest = reference.partition(":")
    return f"{scheme.lower()}{colon}{rest}"
