"""Uploads in parts: for long recordings, and for lines that break."""

import hmac
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from renderer.access.caller import Caller
from renderer.api.answers import base_url
from renderer.api.deps import Audited, Here, Uploader
from renderer.api.intake.body import FORM, as_encoded, kind_of
from renderer.api.intake.receive import Received
from renderer.api.intake.stream import blocks_of, in_upload_thread
from renderer.api.models.recording import Recording, Upload, UploadFinish, UploadPart
from renderer.api.problems import ProblemError
from renderer.api.problems.responses import problems
from renderer.api.routes.recordings import BODY, ENCODING, LOCATION, add
from renderer.api.service import Service

router = APIRouter(tags=["recordings"])

UploadId = Annotated[str, Path(max_length=100, examples=["up_0b8f6a1c2d3e4f5061728394a5b6c7d8_5f1c0e9a7b3d2c41"])]
_PURPOSE: Final = "upload"
_TAG_LENGTH: Final = 16
_PART_BODY: Final[dict[str, Any]] = BODY | {
    "content": {kind: content for kind, content in BODY["content"].items() if kind != FORM}
}


@router.post("/v1/uploads", status_code=201, response_model=Upload, responses=problems())
def begin_upload(service: Here, caller: Uploader) -> Any:
    """Begin an upload in parts. One that nobody touches for a day is swept away."""
    upload = service.recordings.shared.local.begin()
    return Upload(id=f"{upload}_{_tag(service, caller, upload)}")


@router.put(
    "/v1/uploads/{upload_id}/parts/{number}",
    response_model=UploadPart,
    responses=problems(404, 409, 413, 415),
    openapi_extra={"requestBody": _PART_BODY},
)
async def put_part(
    upload_id: UploadId,
    number: Annotated[int, Path(ge=0, le=99_999_999, description="From 0 or 1 on, in any order.")],
    request: Request,
    service: Here,
    caller: Uploader,
    content_encoding: ENCODING = None,
) -> Any:
    """Send a part: an array, a document or JSON lines by itself. The same part again counts once."""
    upload = _upload(service, caller, upload_id)
    if kind_of(request.headers) == FORM:
        raise ProblemError(415, "unsupported_type", "a part is sent as the body itself")

    def append() -> UploadPart:
        blocks = as_encoded(blocks_of(request), request.headers)
        part = service.recordings.shared.local.append(upload, blocks, number)
        return UploadPart(number=number, sha256=part.sha256, text_bytes=part.text_bytes, events=part.events)

    return await in_upload_thread(request, append)


@router.post(
    "/v1/uploads/{upload_id}/finish",
    status_code=201,
    response_model=Recording,
    responses={
        **problems(404, 409, 413),
        201: {"description": "It is stored.", "headers": LOCATION},
        200: {"model": Recording, "description": "You had it already; it is kept longer.", "headers": LOCATION},
    },
)
def finish_upload(
    upload_id: UploadId, body: UploadFinish, request: Request, service: Here, caller: Uploader, trail: Audited
) -> Response:
    """Make a recording of the parts. Asked again it gives the same answer."""
    upload = _upload(service, caller, upload_id)
    stored = service.recordings.shared.finish(upload, body.parts)
    return add(service, caller, Received(stored, None), trail, base_url(request, service.settings))


@router.delete(
    "/v1/uploads/{upload_id}",
    status_code=204,
    response_class=Response,
    responses={**problems(404, 409), 204: {"description": "It is gone."}},
)
def abort_upload(upload_id: UploadId, service: Here, caller: Uploader) -> Response:
    """Give an upload up."""
    service.recordings.shared.local.abort(_upload(service, caller, upload_id))
    return Response(status_code=204)


def _upload(service: Service, caller: Caller, upload_id: str) -> str:
    """The store's own id, when the upload is this tenant's."""
    upload, _, tag = upload_id.rpartition("_")
    if not upload_id.isascii() or not hmac.compare_digest(tag, _tag(service, caller, upload)):
        raise ProblemError(404, "upload_not_found", "there is no such upload; begin one to get its id")
    return upload


def _tag(service: Service, caller: Caller, upload: str) -> str:
    return service.secret.digest(_PURPOSE, f"{caller.tenant} {upload}")[:_TAG_LENGTH]
