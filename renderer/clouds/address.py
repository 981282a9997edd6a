"""What the clouds take as names of buckets, containers and objects."""

import re
from typing import Final

CLOUDS: Final = ("s3", "gs", "az")
CONTAINER: Final = {"s3": "bucket", "gs": "bucket", "az": "container"}
MAX_KEY_BYTES: Final = 1024

# What the three clouds take between them; anything else would end up in a host name. `$web` is an Azure container.
_BUCKET = re.compile(r"\$?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,220}[A-Za-z0-9])?")


def is_container(name: str) -> bool:
    return _BUCKET.fullmatch(name) is not None


def is_key(key: str) -> bool:
    """Whether it names one and the same object or prefix for every client and every server."""
    words = key.split("/")
    return len(key.encode()) <= MAX_KEY_BYTES and key.isprintable() and {"", ".", ".."}.isdisjoint(words)
