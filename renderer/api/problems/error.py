"""A problem that is raised."""

from collections.abc import Mapping
from typing import Self

from starlette.exceptions import HTTPException

from renderer.api.problems.codes import status_of
from renderer.api.problems.model import FieldError, Place, pointer_to
from renderer.errors import RendererError


class ProblemError(HTTPException):
    """Raised anywhere between the socket and an endpoint; starlette and FastAPI let HTTPExceptions pass where they swallow others."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        errors: tuple[FieldError, ...] | None = None,
    ) -> None:
        super().__init__(status, detail, dict(headers) if headers else None)
        self.code = code
        self.errors = errors

    @classmethod
    def at(cls, path: tuple[str | int, ...], code: str, detail: str, *, location: Place = "body") -> Self:
        """A 422 about one field of the body."""
        return cls(
            422,
            code,
            detail,
            errors=(FieldError(detail=detail, code=code, location=location, pointer=pointer_to(path)),),
        )

    @classmethod
    def of(cls, error: RendererError, path: tuple[str | int, ...] | None = None) -> Self:
        """What one of our errors is answered with; with `path` it is about that field of the body, and a 422 at the least."""
        if path is not None and status_of(error) <= 422:
            return cls.at(path, error.code, error.message)
        retry_after_s = getattr(error, "retry_after_s", None)
        headers = {"Retry-After": str(retry_after_s)} if retry_after_s else None
        return cls(status_of(error), error.code, error.message, headers=headers)
