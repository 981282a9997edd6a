"""What is known of the request that is being served, for its log line; threads that serve it fill it in."""

from contextvars import ContextVar
from typing import Any

import structlog

_facts: ContextVar[dict[str, Any] | None] = ContextVar("renderer_request_facts", default=None)


def begin(**facts: str) -> dict[str, Any]:
    held: dict[str, Any] = dict(facts)
    _facts.set(held)
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**facts)
    return held


def tell(**facts: str | int | None) -> None:
    """Ids of keys, clips, sessions and the like: nothing that is secret and nothing that was recorded.

    A thread sees a copy of the context, so the dictionary is what the log line of the request is made from.
    """
    known = {name: value for name, value in facts.items() if value is not None}
    held = _facts.get()
    if held is not None:
        held.update(known)
    structlog.contextvars.bind_contextvars(**known)
