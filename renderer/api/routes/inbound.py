"""Where ticket systems call. Their signature stands for a key."""

import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from renderer import inbound
from renderer.api.deps import Audited, Here
from renderer.api.inbound import caller_of, create
from renderer.api.middleware import facts
from renderer.api.models.inbound import Ignored, Taken
from renderer.api.problems import ProblemError
from renderer.api.problems.responses import problems
from renderer.api.service import Service

router = APIRouter(tags=["ticket systems"])

System = Annotated[inbound.SystemName, Path(description="Who calls.")]
_PROBLEMS: Final = problems(404, 409, 413, always=(401, 422, 429, 500, 503))
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "description": "The event, as the ticket system sends it, signed.",
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@router.post(
    "/v1/inbound/{system}",
    status_code=202,
    response_model=Taken,
    responses={
        **_PROBLEMS,
        200: {"model": Ignored, "description": "It asks for no clip."},
        202: {"description": "The clip is in the queue, or was asked for before."},
    },
    openapi_extra=_BODY,
)
async def take_event(system: System, request: Request, service: Here, trail: Audited) -> Response:
    """Take an event of a ticket, find the session that the ticket names, and put a clip of it on the ticket."""
    secret = _secret(service, system)
    body = await request.body()
    asked = await run_in_threadpool(_read, service, system, request, body, secret)
    if isinstance(asked, inbound.Ignored):
        return JSONResponse(Ignored(ignored=asked.why).model_dump())
    facts.tell(session=asked.session.removeprefix("posthog:"))
    caller = caller_of(system, service.settings.inbound_tenant)
    answer = await service.lane.run(create, service, caller, asked, trail)
    facts.tell(clip_id=str(answer.body["clip"]))
    return JSONResponse(answer.body, answer.status, answer.headers)


@router.head("/v1/inbound/{system}", include_in_schema=False)
async def try_address(system: System, service: Here) -> Response:
    """Intercom asks so whether the address that it is given is one."""
    _secret(service, system)
    return Response()


def _secret(service: Service, system: inbound.SystemName) -> str:
    secret = inbound.secret_of(service.settings, system)
    if secret is None:
        raise ProblemError(
            404,
            "inbound_not_set_up",
            f"nothing is taken from {system} here: set RENDERER_INBOUND_{system.upper()}_SECRET, see docs/inbound.md",
        )
    return secret


def _read(
    service: Service, system: inbound.SystemName, request: Request, body: bytes, secret: str
) -> inbound.Asked | inbound.Ignored:
    """What is not signed does not count: nobody else can use up what the system may ask."""
    inbound.check_signature(system, request.headers, body, secret, time.time())
    caller = caller_of(system, service.settings.inbound_tenant)
    facts.tell(key_id=caller.key_id, tenant=caller.tenant)
    service.access.rates.take(caller)
    return inbound.asked(system, request.headers, body, service.settings)
