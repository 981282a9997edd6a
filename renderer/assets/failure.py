"""Why a fetch ended without a body."""

from collections.abc import Iterator
from typing import Literal


class FetchError(Exception):
    """`outcome` is an `Entry.outcome`, `reason` a snake_case word. Never leaves this room."""

    def __init__(self, outcome: Literal["missing", "failed", "refused"], reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason


def causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what lies below it: libraries wrap a socket's error two or three times.

    httpcore2's pool raises "from None", so that only the context is left of the cause.
    """
    below: BaseException | None = error
    while below is not None:
        yield below
        below = below.__cause__ or below.__context__
