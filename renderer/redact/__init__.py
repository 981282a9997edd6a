"""What must never be seen is taken out of the data before the page, the timeline or any file sees it."""

from renderer.redact.analytics import redact_events
from renderer.redact.policy.load import load_policy
from renderer.redact.policy.model import DEFAULT, OFF, Policy
from renderer.redact.recording import Redacted, redact_recording
from renderer.redact.text.single import redact_text, redact_url

__all__ = [
    "DEFAULT",
    "OFF",
    "Policy",
    "Redacted",
    "load_policy",
    "redact_events",
    "redact_recording",
    "redact_text",
    "redact_url",
]
