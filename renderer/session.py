"""From what was named to what may be seen of it: read, redacted, and put in order on one clock."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

from renderer.notices import Notice
from renderer.recording.model import Recording
from renderer.recording.read import read_recording
from renderer.redact.analytics import redact_events
from renderer.redact.policy.load import load_policy
from renderer.redact.policy.model import Policy
from renderer.redact.recording import redact_recording
from renderer.sources import LOCAL, Sources
from renderer.sources.events import fetch_events
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class Session:
    """Recording and timeline without what the policy hides; `hidden` counts it. `aliases`: see `redact_recording`.

    `events_digest`: SHA-256 (hex) of the events beside the recording, "" when there are none. `notices`: of the source.
    `at_ms`: the session time that the reference itself points to, if it does. `replay_url`: where people watch the session, where it comes from.
    """

    recording: Recording
    timeline: Timeline
    policy: Policy
    hidden: Mapping[str, int]
    aliases: Mapping[str, str]
    events_digest: str
    notices: tuple[Notice, ...] = ()
    at_ms: int | None = None
    replay_url: str | None = None


def read_session(
    recording: str,
    events: str | None = None,
    redaction: str = "default",
    *,
    sources: Sources = LOCAL,
    tell: Callable[[str], None] = lambda _: None,
) -> Session:
    """Reads both, and redacts both before anything else looks at them. Raises RequestError, RecordingError, SourceError.

    Events that the recording's source knows are joined with those in `events`. `tell` gets words while it takes long.
    """
    policy = load_policy(redaction)
    told = fetch_events(events) if events else AnalyticsEvents()
    fetched = sources.fetch(recording, tell)
    told = _joined(fetched.events, told, fetched.session_id)
    redacted = redact_recording(read_recording(fetched.raw), policy)
    visible, counts = redact_events(told, policy)
    return Session(
        recording=redacted.recording,
        timeline=build_timeline(redacted.recording, visible),
        policy=policy,
        hidden=dict(Counter(redacted.report) + Counter(counts)),
        aliases=redacted.aliases,
        events_digest=told.digest,
        notices=fetched.notices,
        at_ms=fetched.at_ms,
        replay_url=fetched.replay_url,
    )


def _joined(source: AnalyticsEvents, file: AnalyticsEvents, session_id: str | None) -> AnalyticsEvents:
    """Those of a file that the source tells too count once: the timeline knows them by their ids."""
    if not file.digest:
        return replace(source, session_id=session_id)
    # What is shown of a file depends on which session it is asked for.
    known = [digest for digest in (source.digest, file.digest, session_id) if digest]
    return AnalyticsEvents(
        events=(*source.events, *file.events),
        digest=sha256(" ".join(known).encode()).hexdigest() if len(known) > 1 else file.digest,
        notices=(*source.notices, *file.notices),
        session_id=session_id,
    )
