"""Structured logs: one JSON object a line on stderr, ours and those of the libraries alike.

What is bound with `structlog.contextvars` (request, key, clip and session ids) is in every line that is written meanwhile.
Recorded content, keys and query strings are never logged; tracebacks, which may quote them, only with RENDERER_DEBUG=1.
"""

import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog

# Of their own accord they tell of every request that they send or serve, with its query string.
_TOO_TALKATIVE = ("httpx2", "httpcore2", "uvicorn.access", "uvicorn.error", "multipart", "python_multipart", "alembic")


def configure_logs(*, debug: bool = False, level: int = logging.INFO) -> None:
    """For a whole process, once."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.format_exc_info if debug else _without_traceback,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.ExtraAdder(allow=[])],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def where(error: BaseException) -> str:
    """The last line of ours that an error passed through: `queue.py:73`."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{os.sep}renderer{os.sep}" in frame.filename] or list(frames)
    return f"{Path(ours[-1].filename).name}:{ours[-1].lineno}" if ours else ""


def _without_traceback(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    told = event.pop("exc_info", None)
    error = (
        told
        if isinstance(told, BaseException)
        else (told[1] if isinstance(told, tuple) else sys.exc_info()[1] if told else None)
    )
    if error is not None:
        event.setdefault("error", type(error).__name__)
        event.setdefault("where", where(error))
    return event
