"""From whatever was raised to a problem."""

from collections.abc import Mapping

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from renderer.api.problems.codes import TITLES
from renderer.api.problems.error import ProblemError
from renderer.api.problems.invalid import field_errors
from renderer.api.problems.model import MEDIA_TYPE, FieldError, Problem, problem_type
from renderer.errors import RendererError

_log = structlog.get_logger("renderer.api")

# What starlette and FastAPI themselves say no to.
_STARLETTES = {
    400: ("bad_request", "the request cannot be read; check its body against its Content-Type"),
    404: ("no_such_path", "there is nothing at this path; see /docs"),
    405: ("method_not_allowed", "this path does not take that method; the header Allow names those that it takes"),
    413: ("body_too_large", "the body is too large; send less"),
}
_UNAVAILABLE_S = 5
_CLIENT_GONE = 499  # nginx's word for it, for the log: nobody reads the answer


def install(app: FastAPI) -> None:
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, refuse)
    app.add_exception_handler(RendererError, refuse)
    app.add_exception_handler(ClientDisconnect, _gone)


def respond(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    headers: Mapping[str, str] | None = None,
    errors: tuple[FieldError, ...] | None = None,
) -> Response:
    headers = dict(headers or {})
    retry_after = headers.get("Retry-After", "")
    problem = Problem(
        type=problem_type(code),
        title=TITLES.get(status, "Error"),
        status=status,
        detail=detail,
        instance=instance(request),
        code=code,
        request_id=getattr(request.state, "request_id", None),
        retry_after_s=int(retry_after) if retry_after.isdigit() else None,
        errors=errors,
    )
    body = b"" if request.method == "HEAD" else problem.model_dump_json(exclude_none=True).encode()
    return Response(body, status, headers | {"Cache-Control": "no-store"}, MEDIA_TYPE)


def instance(request: Request) -> str:
    """The path, without what is a secret in it: the token of a share link."""
    path = request.scope.get("path", "")
    return "/s/…" if path.startswith("/s/") else path[:300]


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    errors, malformed = field_errors(error.errors())
    if malformed:
        return respond(request, 400, "malformed_json", "the body is not JSON; check its commas, quotes and encoding")
    places = [each.pointer or each.parameter or each.location for each in errors]
    told = ", ".join(dict.fromkeys(places[:5])) + (", …" if len(places) > 5 else "")
    one = f"{told}: {errors[0].detail}"
    detail = one if len(errors) == 1 else f"{len(errors)} things are wrong with the request: {told}"
    return respond(request, 422, "invalid_request", detail, errors=tuple(errors))


async def refuse(request: Request, error: Exception) -> Response:
    """One of our errors, or what starlette says no with."""
    if isinstance(error, RendererError):
        return _ours(request, error)
    assert isinstance(error, HTTPException)
    if isinstance(error, ProblemError):
        return respond(
            request, error.status_code, error.code, str(error.detail), headers=error.headers, errors=error.errors
        )
    status = error.status_code
    if status < 400:
        return Response(status_code=status, headers=error.headers)
    headers = dict(error.headers or {})
    if status == 405:  # starlette names the methods of the first route at this path, and there are several
        headers["Allow"] = ", ".join(sorted(allowed_methods(request)))
    code, detail = _STARLETTES.get(status, ("refused", TITLES.get(status, "the request is refused")))
    return respond(request, status, code, detail, headers=headers)


def allowed_methods(request: Request) -> set[str]:
    """All that some route takes at the request's path."""
    return {
        method
        for path, methods in request.app.state.methods
        if path.fullmatch(request.scope["path"])
        for method in methods
    }


def _ours(request: Request, error: RendererError) -> Response:
    problem = ProblemError.of(error)
    headers = dict(problem.headers or {})
    if problem.status_code >= 500:
        _log.error("request failed", code=error.code, detail=error.message)
    if problem.status_code == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="renderer", error="invalid_token"')
    if problem.status_code == 503:
        headers.setdefault("Retry-After", str(_UNAVAILABLE_S))
    return respond(request, problem.status_code, problem.code, error.message, headers=headers)


async def _gone(request: Request, error: Exception) -> Response:
    return respond(request, _CLIENT_GONE, "client_gone", "the connection was closed before the request was complete")
