"""Why a fetch ended without a body."""

from typing import Literal


class FetchError(Exception):
    """`outcome` is an `Entry.outcome`, `reason` a snake_case word. Never leaves this room."""

    def __init__(self, outcome: Literal["missing", "failed", "refused"], reason: str) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.reason = reason
