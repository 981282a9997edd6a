"""A finished file over HTTP: whole or a part of it, under its own hash as ETag."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from starlette.background import BackgroundTask
from starlette.responses import Response, StreamingResponse

from renderer.api.answers import matches
from renderer.api.problems import ProblemError
from renderer.api.ranges import UnsatisfiableError, parse_range
from renderer.errors import RequestError, StoreError
from renderer.jobs.seen import Seen
from renderer.store.clips.model import ClipStore

# What a browser may show in place; anything else it is told to save.
_SHOWN: Final = frozenset({"video/mp4", "video/webm", "image/gif", "image/png"})


def find_file(seen: Seen, name: str) -> Mapping[str, Any]:
    """The facts of a clip's file. Raises RequestError: clip_not_finished, file_not_found, and ProblemError when it is gone."""
    status = seen.clip.status
    if status == "expired":
        raise ProblemError(410, "file_gone", "the clip's files were deleted when they expired; ask for it again")
    if status not in ("succeeded", "failed", "canceled"):
        raise RequestError("clip_not_finished", "the clip is not finished yet; watch its status or its events")
    if status == "succeeded" and seen.render is not None:
        for file in seen.render.files:
            if file["name"] == name:
                found: Mapping[str, Any] = file
                return found
    raise RequestError("file_not_found", "the clip has no file of that name; its outputs name those that it has")


def send_file(request: Request, store: ClipStore, seen: Seen, file: Mapping[str, Any]) -> Response:
    """Raises StoreError, ProblemError 416."""
    assert seen.render is not None
    size_bytes, etag = int(file["bytes"]), f'"{file["sha256"]}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
        "Content-Disposition": _disposition(seen.clip.id, file),
    }
    if matches(request.headers.get("if-none-match"), etag):
        return Response(status_code=304, headers=headers)
    part = _part(request, size_bytes, etag)
    start, end = part or (0, size_bytes)
    headers["Content-Length"] = str(end - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size_bytes}"
    status = 200 if part is None else 206
    media_type = str(file["content_type"])
    if request.method == "HEAD":
        answer = Response(status_code=status, media_type=media_type)
        answer.headers.update(headers)
        return answer
    try:
        opened = store.open(f"renders/{seen.render.id}/{file['name']}", start, end)
    except StoreError as error:
        if error.code != "file_not_found":
            raise
        raise _damaged() from None
    if opened.size_bytes != size_bytes:
        raise _damaged()
    close = getattr(opened.blocks, "close", None)
    return StreamingResponse(
        opened.blocks, status, headers, media_type, background=BackgroundTask(close) if close is not None else None
    )


def _damaged() -> StoreError:
    return StoreError("store_damaged", "the store lost this file, or holds another one; ask for the clip again")


def _part(request: Request, size_bytes: int, etag: str) -> tuple[int, int] | None:
    condition = request.headers.get("if-range")
    if condition is not None and condition.strip() != etag:
        return None  # what the caller has is of another file: all of this one then
    try:
        return parse_range(request.headers.get("range"), size_bytes)
    except UnsatisfiableError:
        raise ProblemError(
            416,
            "bad_range",
            f"there is nothing of the file in the range that was asked for: it has {size_bytes} bytes",
            headers={"Content-Range": f"bytes */{size_bytes}"},
        ) from None


def _disposition(clip_id: str, file: Mapping[str, Any]) -> str:
    """Under a name of its own: in a folder of downloads every clip would be clip.mp4."""
    suffix = str(file["name"]).rpartition(".")[2]
    kind = "inline" if file["content_type"] in _SHOWN else "attachment"
    return f'{kind}; filename="{clip_id}.{suffix}"'
