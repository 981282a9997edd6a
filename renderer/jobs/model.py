"""What goes into the queue, and what a worker holds while it works."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from renderer.errors import RendererError
from renderer.jobs.going import Going
from renderer.request import ClipRequest

INTERACTIVE: Final = 0
BATCH: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A clip that somebody asks for. `labels`: the caller's own, echoed. `deliver`: where it goes once it has ended.

    `events`: the name of the events that came with the recording; the same request with others is another one.
    """

    tenant: str
    key_id: str
    request: ClipRequest
    labels: Mapping[str, Any] = field(default_factory=dict)
    priority: int = INTERACTIVE
    batch_id: str | None = None
    deliver: tuple[Going, ...] = ()
    events: str | None = None

    @property
    def request_key(self) -> str:
        """Equal for requests that ask for the same, whatever order their fields came in."""
        asked = self.stored_request if self.events is None else [self.stored_request, self.events]
        return hashlib.sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()

    @property
    def stored_request(self) -> dict[str, Any]:
        stored = self.request.model_dump(mode="json")
        # A range that nobody gave and a moment exclude each other: it must not come back as one that was given.
        if self.request.moment is not None:
            del stored["range"]
        return stored


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A clip that this worker works on, until its lease ends. `attempt` is the fence: with a newer one, this claim is void."""

    clip_id: str
    attempt: int
    owner: str
    tenant: str
    recording: str
    session: str | None
    request: Mapping[str, Any]
    priority: int


class Failure(msgspec.Struct, frozen=True):
    """Why a clip failed: what `RendererError` tells, as rows and messages carry it. `fault`: input, source, destination, ours."""

    code: str
    stage: str
    fault: str
    retryable: bool
    detail: str

    @classmethod
    def of(cls, error: RendererError) -> "Failure":
        return cls(error.code, error.stage, error.origin, error.retryable, error.message)

    def told(self) -> dict[str, Any]:
        return dict(msgspec.to_builtins(self))


class ClaimLostError(Exception):
    """Somebody else has the clip now, or nobody needs it any more: whoever gets this stops, and says nothing."""
