"""Every error that `renderer` raises on purpose, in one tree.

    RendererError
    ├── InputError          origin "input": the caller can mend it          exit code 2
    │   ├── RequestError        what was asked for is impossible or contradicts itself
    │   │   └── TryLaterError       it is possible, but not now: too much is asked for at once
    │   ├── RecordingError      the recording cannot be read or has nothing to show
    │   └── AccessError         who asks may not: a key, a scope or a link that is not good for it
    ├── SourceError         origin "source": where recordings come from     exit code 1
    ├── DestinationError    origin "destination": somebody else's server    exit code 1
    └── OperationError      origin "ours": this machine or this program     exit code 1
        ├── SetupError          a program or a file that we need is missing
        ├── RedactionError      what must not be seen could not be taken out: nothing is rendered
        ├── CaptureError        Chromium or the player page failed
        ├── EncodeError         ffmpeg failed, or what it wrote is not a good clip
        └── StoreError          the store of finished files is away, full, or did not keep what it was given

`code` is stable and meant for programs; the message says in one line what failed, why, and what to do, and is safe to
show: no secrets, no recorded content, no traceback.
"""

import subprocess
from typing import ClassVar, Literal

Origin = Literal["input", "source", "destination", "ours"]


class RendererError(Exception):
    """Base of the tree. `code` is a stable snake_case word; `retryable` says that the same call may succeed later."""

    origin: ClassVar[Origin] = "ours"
    stage: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.retryable = retryable


class InputError(RendererError):
    origin = "input"
    exit_code = 2


class RequestError(InputError):
    stage = "request"


class TryLaterError(RequestError):
    """`retry_after_s`: when it may be asked again."""

    def __init__(self, code: str, message: str, retry_after_s: int) -> None:
        super().__init__(code, message, retryable=True)
        self.retry_after_s = retry_after_s


class RecordingError(InputError):
    stage = "recording"


class AccessError(InputError):
    stage = "access"


class SourceError(RendererError):
    origin = "source"
    stage = "source"


class DestinationError(RendererError):
    """`retry_after_s`: how long the other server asks to be left alone, None when it does not say. `may_have_happened`: what was asked for may
    have been done all the same, as when the answer was lost. `limit_bytes`: what it takes at most, of a file that was too large.
    """

    origin = "destination"
    stage = "deliver"

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        retry_after_s: float | None = None,
        may_have_happened: bool = False,
        limit_bytes: int | None = None,
    ) -> None:
        super().__init__(code, message, retryable=retryable)
        self.retry_after_s = retry_after_s
        self.may_have_happened = may_have_happened
        self.limit_bytes = limit_bytes


class OperationError(RendererError):
    origin = "ours"


class SetupError(OperationError):
    stage = "setup"


class RedactionError(OperationError):
    stage = "redact"


class CaptureError(OperationError):
    stage = "capture"


class EncodeError(OperationError):
    stage = "encode"


class StoreError(OperationError):
    stage = "store"


def passes(error: BaseException) -> bool:
    """Whether a program that failed may do so no more: it was killed, or had no time to answer. Of subprocess's exceptions."""
    if isinstance(error, subprocess.CalledProcessError):
        return error.returncode < 0
    return isinstance(error, subprocess.TimeoutExpired)
