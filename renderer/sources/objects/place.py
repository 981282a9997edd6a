"""Which bucket and key a reference means."""

import re
from dataclasses import dataclass
from typing import Final

from renderer.errors import RequestError
from renderer.sources import file

CONTAINER: Final = {"s3": "bucket", "gs": "bucket", "az": "container"}

# What the three clouds take between them; anything else would end up in a host name. `$web` is an Azure container.
_BUCKET = re.compile(r"\$?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,220}[A-Za-z0-9])?")
_KEY_LENGTH = 1024


@dataclass(frozen=True, slots=True)
class Place:
    """`key` is the object's or the prefix' name, literally: nothing in it is decoded. It never begins or ends with a slash.

    `folder`: a trailing slash says that it is a prefix.
    """

    scheme: str
    bucket: str
    key: str
    folder: bool

    @property
    def name(self) -> str:
        """Of the recording, for messages: the last part of the key, without what follows a `?`, which may sign a request."""
        return file.safe_name(self.key.partition("?")[0])

    @property
    def container(self) -> str:
        return f"{CONTAINER[self.scheme]} {self.bucket}"


def parse_place(scheme: str, rest: str) -> Place:
    """`rest` is what follows the colon: `//bucket/key` or `//bucket/prefix/`. Raises RequestError `bad_reference`."""
    example = f"{scheme}://{CONTAINER[scheme].upper()}/KEY"
    if not rest.startswith("//"):
        raise RequestError("bad_reference", f"this is not an address of an object; write it as {example}")
    bucket, _, key = rest[2:].partition("/")
    if not _BUCKET.fullmatch(bucket):
        raise RequestError(
            "bad_reference",
            f"this address names no {CONTAINER[scheme]}; write it as {example}, with credentials in the environment",
        )
    trimmed = key.rstrip("/")
    if not trimmed:
        raise RequestError(
            "bad_reference",
            f"{scheme}://{bucket} is a whole {CONTAINER[scheme]}; name the object or the prefix inside it",
        )
    segments = trimmed.split("/")
    if len(trimmed.encode()) > _KEY_LENGTH or not trimmed.isprintable() or not {"", ".", ".."}.isdisjoint(segments):
        raise RequestError(
            "bad_reference",
            f"a key cannot be longer than {_KEY_LENGTH} bytes or hold //, /./, /../ or control characters",
        )
    return Place(scheme, bucket, trimmed, folder=key != trimmed)
