"""Asking a process of its own what happened in a recording."""

import subprocess
import sys
import threading
from typing import Final

import msgspec
import structlog

from renderer.api.reading.messages import Answer, Question, Refusal
from renderer.errors import OperationError, RecordingError, RendererError, SourceError, TryLaterError

AT_ONCE: Final = 2
TIMEOUT_S: Final = 120.0
_BUSY_S: Final = 5
_log = structlog.get_logger("renderer.api")


class Reader:
    """AT_ONCE of them at a time: rendering needs the processors too."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def ask(self, question: Question) -> Answer:
        """Raises RecordingError, SourceError, TryLaterError `busy`, OperationError `reading_failed`."""
        if not self._places.acquire(blocking=False):
            raise TryLaterError(
                "busy", f"{AT_ONCE} recordings are being read already: ask again", retry_after_s=_BUSY_S
            )
        try:
            return _ask(question)
        finally:
            self._places.release()


def _ask(question: Question) -> Answer:
    try:
        process = subprocess.run(
            [sys.executable, "-m", "renderer.api.reading"],
            input=msgspec.json.encode(question),
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
        told = msgspec.json.decode(process.stdout, type=Answer | Refusal)
    except subprocess.TimeoutExpired:
        raise _failed(f"takes longer than {TIMEOUT_S:g} s") from None
    except msgspec.DecodeError:
        _log.warning("reading process ended", returncode=process.returncode)
        raise _failed("took too much memory or time, or ended unexpectedly") from None
    if isinstance(told, Refusal):
        raise _error(told)
    answer: Answer = told
    return answer


def _error(told: Refusal) -> RendererError:
    if told.origin == "input":
        return RecordingError(told.code, told.message, retryable=told.retryable)
    if told.origin == "source":
        return SourceError(told.code, told.message, retryable=told.retryable)
    return OperationError(told.code, told.message, retryable=told.retryable)


def _failed(why: str) -> RendererError:
    return OperationError("reading_failed", f"the recording cannot be read here: it {why}")
