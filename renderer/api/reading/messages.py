"""What is said between the process that answers requests and the one that reads."""

from typing import Any

import msgspec


class Question(msgspec.Struct, frozen=True):
    """`recording`: its reference. `events`: the name of the events file in the store. `from_ms`, `limit`: of the entries told."""

    recording: str
    events: str | None
    from_ms: int
    limit: int


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    duration_ms: int
    entries: list[Any]
    total: int
    calls: list[Any]
    environment: dict[str, Any]
    hidden: dict[str, int]
    warnings: list[Any]


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    """What `RendererError` tells."""

    code: str
    message: str
    origin: str
    retryable: bool
