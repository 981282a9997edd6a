"""What is known of a whole session, for conditions and templates."""

from collections.abc import Mapping
from typing import Any

from renderer.timeline.model import Timeline


def session_facts(timeline: Timeline, source: str) -> Mapping[str, Any]:
    """By the names of `renderer.rules.vocabulary.SESSION`, and `person.NAME` for what events tell of the person.

    `page`: every address that was shown. `source`: where the recording is from, as its reference says: posthog, s3, file …
    """
    environment = timeline.environment
    facts: dict[str, Any] = {
        "duration": timeline.duration_ms,
        "page": tuple(dict.fromkeys(place.url for place in timeline.places if place.url)),
        "browser": environment.browser,
        "os": environment.os,
        "device": environment.device,
        "language": environment.language,
        "app": environment.app,
        "person": environment.person,
        "source": source,
        "mobile": False,
        "llm_calls": len(timeline.calls),
        "errors": sum(entry.level == "error" for entry in timeline.entries),
    }
    return facts | {f"person.{name}": value for name, value in timeline.person.items()}


def scheme_of(reference: str) -> str:
    """`posthog` of `posthog:ID`; `file` of a path. An address of a replay is PostHog's."""
    scheme, colon, _ = reference.partition(":")
    if not colon or len(scheme) < 2 or not scheme.isascii() or not scheme.replace("+", "").isalnum():
        return "file"
    return "posthog" if scheme in {"http", "https"} else scheme.lower()
