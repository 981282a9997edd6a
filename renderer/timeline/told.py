"""What the events beside the recording tell, on the session's clock: LLM calls, feedback, exceptions, everything else."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from renderer.notices import Notice
from renderer.timeline.analytics import AnalyticsEvent
from renderer.timeline.model import ClockOffset, Entry, Environment, LlmCall


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`entries` are sorted by `at_ms` and lie in [0, duration]; each call has one of kind `llm_call`."""

    entries: tuple[Entry, ...] = ()
    calls: tuple[LlmCall, ...] = ()
    environment: Environment = field(default_factory=Environment)
    clock_offsets: tuple[ClockOffset, ...] = ()
    notices: tuple[Notice, ...] = ()


def read_told(
    events: Sequence[AnalyticsEvent], *, started_at_ms: int, duration_ms: int, recorded: Sequence[Entry]
) -> Told:
    """Puts `events` on the clock of the session that started at `started_at_ms` (Unix) and lasted `duration_ms`.

    `recorded` are entries from the recording itself: its requests show how far a server's clock is off.
    """
    return Told()
