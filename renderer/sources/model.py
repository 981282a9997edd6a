"""What a source gives, and what it is asked through."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from renderer.notices import Notice
from renderer.recording.raw import RawRecording
from renderer.timeline.analytics import AnalyticsEvents

NO_EVENTS = AnalyticsEvents()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A recording, on disk, and what its source knows beside it. Nothing of it is redacted yet.

    `events`: of the same session, where the source has them. `session_id`: the recorder's own id. `at_ms`: the session time that
    the reference itself points to (`?t=` of a replay's address).
    """

    raw: RawRecording
    events: AnalyticsEvents = NO_EVENTS
    notices: tuple[Notice, ...] = ()
    session_id: str | None = None
    at_ms: int | None = None


class Source(Protocol):
    """One kind of place. `fetch` may take long: `tell` gets a few words now and then (pages, waiting for a rate limit)."""

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """What `name`, the reference without its scheme, stands for. Raises RequestError, RecordingError, SourceError."""
        ...
