"""What endpoints are handed: the service, the caller with the scope that is needed, who to name in the audit."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from sqlalchemy.orm import Session

from renderer.access.caller import Actor, Caller
from renderer.access.scopes import Scope
from renderer.access.shares import ShareLink
from renderer.api.middleware.auth import CHALLENGE
from renderer.api.problems import ProblemError
from renderer.api.service import Service

_BEARER = HTTPBearer(
    scheme_name="key",
    bearerFormat="rc_live_…",
    auto_error=False,
    description="An API key, which `renderer keys create` makes, as `Authorization: Bearer KEY`.",
)


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


def _needs(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    async def check(request: Request, bearer: Annotated[object, Security(_BEARER, scopes=[scope])]) -> Caller:
        caller: Caller = request.state.caller
        need(caller, scope)
        return caller

    return check


def need(caller: Caller, scope: Scope, why: str = "this") -> None:
    """Raises the problem that the key has not this scope."""
    if not caller.may(scope):
        raise ProblemError(
            403,
            "scope_missing",
            f"{why} needs a key with the scope {scope}",
            headers={"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{scope}"'},
        )


Here = Annotated[Service, Depends(_service)]
Reader = Annotated[Caller, Depends(_needs("clips:read"))]
Writer = Annotated[Caller, Depends(_needs("clips:write"))]
Uploader = Annotated[Caller, Depends(_needs("recordings:write"))]
Deliverer = Annotated[Caller, Depends(_needs("deliveries:write"))]


class Trail:
    """Who does something with this request, for the audit log."""

    def __init__(self, request: Request, service: Here) -> None:
        self._audit = service.audit
        self._request_id: str | None = getattr(request.state, "request_id", None)
        self._address = request.client.host if request.client else None

    def by(self, who: Caller | ShareLink) -> Actor:
        return who.actor(self._request_id, self._address)

    def note(self, caller: Caller, action: str, subject: str, **detail: str | int | None) -> None:
        self._audit.record(self.by(caller), action, subject, tenant=caller.tenant, detail=detail)

    def note_in(self, session: Session, caller: Caller, action: str, subject: str, **detail: str | int | None) -> None:
        """In the transaction that does what is told: both or neither."""
        self._audit.append(session, self.by(caller), action, subject, tenant=caller.tenant, detail=detail)

    def noting(
        self, caller: Caller, action: str, subject: str, **detail: str | int | None
    ) -> Callable[[Session], None]:
        """`note_in`, to be called in that transaction."""
        return lambda session: self.note_in(session, caller, action, subject, **detail)


async def _trail(request: Request, service: Here) -> Trail:
    return Trail(request, service)


Audited = Annotated[Trail, Depends(_trail)]
