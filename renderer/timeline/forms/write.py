"""Events as a file that `renderer.timeline.forms.read` reads again to the same events."""

from collections.abc import Iterable
from typing import Any

import msgspec

from renderer.timeline.analytics import AnalyticsEvent


def write_events(events: Iterable[AnalyticsEvent]) -> bytes:
    """JSON lines, in the shape of PostHog's API."""
    return b"\n".join(msgspec.json.encode(_row(event)) for event in events) + b"\n"


def _row(event: AnalyticsEvent) -> dict[str, Any]:
    properties = dict(event.properties)
    # Where a reader looks for them first.
    for name, value in (("$session_id", event.session_id), ("$window_id", event.window_id)):
        if value is not None:
            properties.setdefault(name, value)
    row: dict[str, Any] = {"event": event.name, "timestamp": event.at_unix_ms, "properties": properties}
    beside = {"uuid": event.uuid, "distinct_id": event.distinct_id, "person": event.person or None}
    return row | {name: value for name, value in beside.items() if value is not None}
