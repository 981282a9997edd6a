"""Events that no session has, because who sent them did not say which: servers seldom know it.

PostHog's filters find sessions by the events that name them. Events without one are joined to a session by their person when it is
fetched (`renderer.sources.posthog.events`), so that a rule may match a session that those filters do not find.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from renderer.errors import RendererError
from renderer.sources.posthog.api.client import Api
from renderer.sources.posthog.hogql import HogQL


def asked_events(queries: Iterable[Mapping[str, Any]]) -> list[str]:
    """Names of the events by which RecordingsQueries find sessions."""
    return sorted({str(event["id"]) for query in queries for event in query.get("events", ())})


def are_homeless(api: Api, names: list[str], first: str, last: str) -> bool:
    """Whether any event of these names has no session, from `first` to `last` (ISO 8601); True also where PostHog does not say."""
    if not names:
        return False
    query = (
        "FROM events WHERE event IN {names} AND (empty($session_id) OR isNull($session_id))"
        " AND timestamp >= toDateTime({first}) AND timestamp <= toDateTime({last}) ORDER BY timestamp, uuid"
    )
    try:
        return any(True for _ in HogQL(api, 1).rows(("uuid",), query, {"names": names, "first": first, "last": last}))
    except RendererError:
        return True
