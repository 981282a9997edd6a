"""Whether it lives, whether it is ready, and how much there is to do: for load balancers and monitoring."""

from collections.abc import Callable
from typing import Annotated, Any, Final, Literal

import structlog
from fastapi import APIRouter, Request
from pydantic import Field
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, Response

from renderer.access.opening import is_loopback
from renderer.api.deps import Here, need
from renderer.api.middleware.auth import key_of
from renderer.api.models.base import Told
from renderer.api.problems.responses import problems
from renderer.api.service import Service
from renderer.database.upgrade import is_current
from renderer.errors import RendererError, SetupError
from renderer.jobs.broker import broker_answers

router = APIRouter(tags=["operation"])
_log = structlog.get_logger("renderer.api")

_TEXT: Final[dict[str, Any]] = {"text/plain": {"schema": {"type": "string"}, "example": "renderer_queue_clips 3.0\n"}}


class Alive(Told):
    status: Literal["ok"] = "ok"


class Readiness(Told):
    """What answers. `broker` is missing where there is none."""

    ready: bool
    checks: Annotated[dict[str, bool], Field(examples=[{"database": True, "migrations": True, "store": True}])]


@router.get("/healthz", response_model=Alive)
async def healthz() -> Any:
    """The process lives."""
    return Alive()


router.add_api_route("/healthz", healthz, methods=["HEAD"], include_in_schema=False)


@router.get(
    "/readyz",
    response_model=Readiness,
    responses={503: {"model": Readiness, "description": "Something that is needed does not answer."}},
)
def readyz(service: Here) -> Response:
    """Database, migrations, store and broker answer."""
    checks = {"database": _works(lambda: _ask(service)), "migrations": False, "store": False}
    if checks["database"]:
        checks["migrations"] = _works(lambda: _migrated(service))
    checks["store"] = service.store_check.ask(lambda: _works(service.store.check))
    if (broker := service.settings.broker) is not None:
        checks["broker"] = broker_answers(broker)
    ready = all(checks.values()) and not service.stopping.is_set()
    told = Readiness(ready=ready, checks=checks)
    headers = {} if ready else {"Retry-After": "5"}
    return JSONResponse(told.model_dump(), 200 if ready else 503, headers)


@router.get(
    "/metrics",
    response_class=Response,
    responses={
        **problems(always=(401, 403, 500, 503)),
        200: {"description": "Prometheus' text format.", "content": _TEXT},
    },
)
async def metrics(request: Request, service: Here) -> Response:
    """For Prometheus: open on loopback, elsewhere to keys with the scope admin."""
    if not _is_local(request):
        need(await run_in_threadpool(service.verify, key_of(Headers(scope=request.scope))), "admin")
    body, content_type = await run_in_threadpool(service.metrics.render)
    return Response(body, media_type=content_type)


def _is_local(request: Request) -> bool:
    """A proxy on this machine is local, whom it speaks for is not."""
    if any(name in request.headers for name in ("forwarded", "x-forwarded-for", "x-real-ip")):
        return False
    return request.client is not None and is_loopback(request.client.host)


def _ask(service: Service) -> None:
    with service.database.read() as session:
        session.connection().exec_driver_sql("SELECT 1")


def _migrated(service: Service) -> None:
    if not is_current(service.database):
        raise SetupError("database_old", "the database's migrations have not run")


def _works(check: Callable[[], None]) -> bool:
    try:
        check()
    except RendererError as error:
        _log.warning("not ready", code=error.code, detail=error.message)
        return False
    except Exception as error:  # whatever it is, it does not work
        _log.warning("not ready", error=type(error).__name__)
        return False
    return True
