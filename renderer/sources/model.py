"""What a source gives, and what it is asked through."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from renderer.notices import Notice
from renderer.recording.raw import RawRecording
from renderer.redact.policy.model import Policy
from renderer.rules.model import RuleSet
from renderer.timeline.analytics import AnalyticsEvents

NO_EVENTS = AnalyticsEvents()


@dataclass(frozen=True, slots=True)
class Fetched:
    """A recording, on disk, and what its source knows beside it. Nothing of it is redacted yet.

    `events`: of the same session, where the source has them. `session_id`: the recorder's own id. `at_ms`: the session time that
    the reference itself points to (`?t=` of a replay's address). `replay_url`: where people watch the session there.
    """

    raw: RawRecording
    events: AnalyticsEvents = NO_EVENTS
    notices: tuple[Notice, ...] = ()
    session_id: str | None = None
    at_ms: int | None = None
    replay_url: str | None = None


class Source(Protocol):
    """One kind of place. `fetch` may take long: `tell` gets a few words now and then (pages, waiting for a rate limit)."""

    def fetch(self, name: str, tell: Callable[[str], None]) -> Fetched:
        """What `name`, the reference without its scheme, stands for. Raises RequestError, RecordingError, SourceError."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A session that can be fetched by its id. `start`: ISO 8601, UTC. `person` and `start_url` are as the policy shows them.

    `url`: of its replay where it comes from. `errors`: what was logged to its console as such.
    """

    id: str
    start: str | None
    duration_ms: int
    active_ms: int
    person: str | None
    errors: int
    clicks: int
    url: str
    start_url: str | None
    is_ongoing: bool
    is_mobile: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """Of one rule: what a source checks by itself, and what is checked here."""

    rule: str
    asked: tuple[str, ...]
    checked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a source is asked for instead of all sessions: those that any of the `queries` finds; without any it is all sessions."""

    queries: tuple[Mapping[str, Any], ...]
    explained: tuple[Explained, ...]


class Listing(Protocol):
    """A source that can be asked which sessions it has."""

    def explain(self, rules: RuleSet) -> Narrowed:
        """What of the rules it checks by itself."""
        ...

    def sessions(
        self,
        filters: str | None,
        since_ms: int | None,
        limit: int,
        policy: Policy,
        tell: Callable[[str], None],
        rules: RuleSet | None = None,
    ) -> Iterator[Listed]:
        """Those that the filter in the file `filters` finds, begun at most `since_ms` ago. `limit` at the most. With `rules`, sessions that
        none of them can match may be left out.
        """
        ...
