"""Single texts and addresses, for what is told from elsewhere than a recording or events."""

from renderer.redact.policy.model import Policy
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.redact.text.values import Values


def redact_text(text: str, policy: Policy) -> str:
    """A message with what the policy's patterns and names find hidden."""
    if policy.is_off:
        return text
    scrub = Scrub(policy)
    return Values(scrub, Urls(scrub)).line(text)


def redact_url(url: str, policy: Policy) -> str:
    """An address as it may be shown: values of its query hidden, its user left out."""
    return url if policy.is_off else Urls(Scrub(policy)).shown(url)
