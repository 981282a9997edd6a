"""Which bucket and key a reference means."""

from dataclasses import dataclass

from renderer.clouds.address import CONTAINER, MAX_KEY_BYTES, is_container, is_key
from renderer.errors import RequestError
from renderer.sources import file


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
    if not is_container(bucket):
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
    if not is_key(trimmed):
        raise RequestError(
            "bad_reference",
            f"a key cannot be longer than {MAX_KEY_BYTES} bytes or hold //, /./, /../ or control characters",
        )
    return Place(scheme, bucket, trimmed, folder=key != trimmed)
