"""What kinds of bodies an upload may have."""

from collections.abc import Iterator
from typing import Final

from starlette.datastructures import Headers

from renderer.api.problems import ProblemError
from renderer.errors import RecordingError

FORM: Final = "multipart/form-data"
_NO_RECORDINGS: Final = ("image/", "video/", "audio/", "font/", "multipart/", "text/html")
_MAGIC: Final = {"gzip": b"\x1f\x8b", "x-gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_SKIPPABLE: Final = b"\x2a\x4d\x18"


def kind_of(headers: Headers) -> str:
    """The media type. Raises ProblemError 415: `unsupported_type`, `unsupported_encoding`."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = headers.get("content-encoding", "").strip().lower()
    if kind != FORM and kind.startswith(_NO_RECORDINGS):
        raise ProblemError(
            415,
            "unsupported_type",
            "send the recording as the body (application/json, application/x-ndjson, application/octet-stream), or as the"
            " field `file` of multipart/form-data",
        )
    if encoding not in {"", "identity", *_MAGIC} or (kind == FORM and encoding not in {"", "identity"}):
        raise ProblemError(
            415,
            "unsupported_encoding",
            "a body may be compressed with gzip or zstd; in a form, the file is compressed and not the form",
            headers={"Accept-Encoding": "gzip, zstd"},
        )
    return kind


def as_encoded(blocks: Iterator[bytes], headers: Headers) -> Iterator[bytes]:
    """The body as it is, once it has begun as its Content-Encoding says: the store decompresses it, within all its limits."""
    magic = _MAGIC.get(headers.get("content-encoding", "").strip().lower())
    head = b""
    for block in blocks:
        if magic is None:
            yield block
            continue
        head += block
        if len(head) < len(magic):
            continue
        if not head.startswith(magic) and head[1:4] != _SKIPPABLE:
            raise RecordingError(
                "encoding_mismatch", "the body is not compressed as its Content-Encoding says; leave that header out"
            )
        yield head
        magic, head = None, b""
    if head:
        yield head
