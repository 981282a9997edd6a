"""From what was named to what may be seen of it: read, redacted, and put in order on one clock."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from renderer import sources
from renderer.recording.model import Recording
from renderer.recording.read import read_recording
from renderer.redact.analytics import redact_events
from renderer.redact.load import load_policy
from renderer.redact.policy import Policy
from renderer.redact.recording import redact_recording
from renderer.sources.events import fetch_events
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.build import build_timeline
from renderer.timeline.model import Timeline


@dataclass(frozen=True, slots=True)
class Session:
    """Recording and timeline without what the policy hides; `hidden` counts it. `aliases`: see `redact_recording`.

    `events_digest`: SHA-256 (hex) of the events beside the recording, "" when there are none.
    """

    recording: Recording
    timeline: Timeline
    policy: Policy
    hidden: Mapping[str, int]
    aliases: Mapping[str, str]
    events_digest: str


def read_session(recording: str, events: str | None = None, redaction: str = "default") -> Session:
    """Reads both, and redacts both before anything else looks at them. Raises RequestError and RecordingError."""
    policy = load_policy(redaction)
    told = fetch_events(events) if events else AnalyticsEvents()
    redacted = redact_recording(read_recording(sources.fetch(recording)), policy)
    visible, counts = redact_events(told, policy)
    return Session(
        recording=redacted.recording,
        timeline=build_timeline(redacted.recording, visible),
        policy=policy,
        hidden=dict(Counter(redacted.report) + Counter(counts)),
        aliases=redacted.aliases,
        events_digest=told.digest,
    )
