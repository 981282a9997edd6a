"""Which events are of the recorded session: a file may hold those of others, and servers seldom know the session."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from renderer.timeline.analytics import AnalyticsEvent

SLACK_MS = 60_000.0
_CLOCKS_MS = 3_600_000.0


@dataclass(frozen=True, slots=True)
class Span:
    """The recording's span in Unix ms, by the browser's clock."""

    start_ms: float
    end_ms: float

    def holds(self, at_ms: float, slack_ms: float = 0.0) -> bool:
        return self.start_ms - slack_ms <= at_ms <= self.end_ms + slack_ms


@dataclass(frozen=True, slots=True)
class Chosen:
    """`events` are the session's, or may be; `others` were said to be of other sessions and left out."""

    events: tuple[AnalyticsEvent, ...]
    others: int
    session_id: str | None


def choose(events: Sequence[AnalyticsEvent], span: Span, session_id: str | None = None) -> Chosen:
    """`session_id`: the recording's, where its source knows it. Recordings themselves do not say theirs, so without it
    the id that most events inside its span have is taken to be the session's.
    """
    if not any(each.session_id for each in events):
        return Chosen(tuple(events), 0, None)
    own = session_id or _session_id(events, span)
    kept = tuple(each for each in events if each.session_id is None or each.session_id == own)
    return Chosen(kept, len(events) - len(kept), own)


def _session_id(events: Sequence[AnalyticsEvent], span: Span) -> str | None:
    """Where nothing lies inside the span, the clock may be off: then those within the hour count."""
    for slack_ms in (0.0, SLACK_MS, _CLOCKS_MS):
        ids = Counter(
            each.session_id for each in events if each.session_id is not None and span.holds(each.at_unix_ms, slack_ms)
        )
        if ids:
            return max(sorted(ids), key=lambda each: ids[each])
    return None


def may_be_of_session(event: AnalyticsEvent, chosen: Chosen, span: Span) -> bool:
    """Whether an event, its clock already set right, is shown.

    Those with the session's id are, wherever their time is. Those without an id are, inside the session and a minute
    around it; and so are a browser's in a file that knows no ids, which was given for this session.
    """
    if event.session_id is not None or span.holds(event.at_unix_ms, SLACK_MS):
        return True
    return event.origin == "browser" and chosen.session_id is None and chosen.others == 0
