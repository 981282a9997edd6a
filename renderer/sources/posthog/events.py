"""What else PostHog knows of a session: its analytics events, what its person's servers told, its calls of models."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from renderer.errors import RendererError
from renderer.notices import Notices
from renderer.sources.posthog.api.client import Api
from renderer.sources.posthog.hogql import HogQL
from renderer.sources.posthog.snapshots.cache import State
from renderer.timeline.analytics import AnalyticsEvents
from renderer.timeline.forms.limits import MAX_FILE_BYTES
from renderer.timeline.forms.read import read_events
from renderer.timeline.values import mapping, text

_MAX_ROWS: Final = 50_000
_DAY_MS: Final = 24 * 3600 * 1000
# As PostHog's own player: servers seldom know the session, so what they told of its person around that time counts.
_AROUND_MS: Final = 5 * 60 * 1000
_TRACES_A_QUERY: Final = 200
_COLUMNS: Final = ("uuid", "event", "timestamp", "distinct_id", "properties", "person.properties AS person_properties")
# Stripped from `events` at ingestion since 2026-05, and kept in columns of their own for 30 days.
_HEAVY: Final = ("input", "output", "output_choices", "input_state", "output_state", "tools")
_AI_COLUMNS: Final = ("uuid", "event", "timestamp", "distinct_id", "properties", *_HEAVY)
_BETWEEN: Final = "timestamp >= toDateTime({first}) AND timestamp <= toDateTime({last}) ORDER BY timestamp, uuid"


class SessionEvents:
    """Of the session that `known` tells of."""

    def __init__(self, api: Api, session_id: str, known: State, page_rows: int = 1000) -> None:
        self._hogql = HogQL(api, _MAX_ROWS, page_rows)
        self._session_id = session_id
        self._known = known

    def fetch(self) -> AnalyticsEvents:
        """Never raises for what PostHog answers: a clip without events is better than none, and a notice says so."""
        notices = Notices()
        try:
            rows = self._rows(notices)
            told = self._read(rows, notices) if rows else AnalyticsEvents()
        except RendererError as error:
            if error.code == "posthog_scope_missing":
                notices.add(
                    "posthog_events_scope",
                    "the key in RENDERER_POSTHOG_API_KEY lacks the scope query:read: the clip was made without PostHog's events",
                )
            else:
                notices.add(
                    "posthog_events_unavailable", f"the clip was made without PostHog's events: {error.message}"
                )
            return AnalyticsEvents(notices=tuple(notices))
        if self._hogql.was_cut:
            notices.add("posthog_events_cut", f"only the first {_MAX_ROWS:,} events of the session were read")
        return AnalyticsEvents(events=told.events, digest=told.digest, notices=(*notices, *told.notices))

    def _rows(self, notices: Notices) -> list[dict[str, Any]]:
        rows: dict[str, dict[str, Any]] = {}
        for row in (*self._own(), *self._of_servers()):
            rows.setdefault(str(row.get("uuid")), row)
        try:
            for row in self._of_models(_traces(rows)):
                known = rows.setdefault(str(row.get("uuid")), {name: row[name] for name in _AI_COLUMNS[:5]})
                known.update({name: row[name] for name in _HEAVY if row[name] not in (None, "")})
        except RendererError as error:
            # Older servers have no such table, and what is long beside everything else.
            if not any("$ai_input" in mapping(row.get("properties")) for row in rows.values()):
                notices.add(
                    "posthog_ai_events_unavailable",
                    f"what models were asked and answered is not in the clip: {error.message}",
                )
        return list(rows.values())

    def _own(self) -> Iterator[dict[str, Any]]:
        query = f"FROM events WHERE $session_id = {{session_id}} AND {_BETWEEN}"
        values = {"session_id": self._session_id, **self._between(_DAY_MS)}
        return self._hogql.rows(_COLUMNS, query, values)

    def _of_servers(self) -> Iterator[dict[str, Any]]:
        """Who was never identified has no person, but an id that the browser made up."""
        name = "distinct_id" if self._known.person_id is None else "person_id"
        value = self._known.person_id or self._known.distinct_id
        if value is None:
            return iter(())
        query = (
            f"FROM events WHERE {name} = {{{name}}} AND (empty($session_id) OR isNull($session_id))"
            f" AND properties.$lib != 'web' AND {_BETWEEN}"
        )
        return self._hogql.rows(_COLUMNS, query, {name: value, **self._between(_AROUND_MS)})

    def _of_models(self, traces: list[str]) -> Iterator[dict[str, Any]]:
        query = f"FROM posthog.ai_events WHERE trace_id IN {{trace_ids}} AND {_BETWEEN}"
        for start in range(0, len(traces), _TRACES_A_QUERY):
            values = {"trace_ids": traces[start : start + _TRACES_A_QUERY], **self._between(_AROUND_MS)}
            yield from self._hogql.rows(_AI_COLUMNS, query, values)

    def _between(self, slack_ms: int) -> dict[str, str]:
        return {"first": _iso(self._known.start_ms - slack_ms), "last": _iso(self._known.end_ms + slack_ms)}

    def _read(self, rows: list[dict[str, Any]], notices: Notices) -> AnalyticsEvents:
        pieces: list[bytes] = []
        size_bytes = 2
        for row in rows:
            piece = msgspec.json.encode(row)
            size_bytes += len(piece) + 1
            if size_bytes > MAX_FILE_BYTES:
                notices.add(
                    "posthog_events_cut",
                    f"only the first {len(pieces):,} events of the session were read: the others are too much text",
                )
                break
            pieces.append(piece)
        return read_events(b"[" + b",".join(pieces) + b"]", "the answer of PostHog")


def _traces(rows: Mapping[str, Mapping[str, Any]]) -> list[str]:
    found = (
        text(mapping(row.get("properties")).get("$ai_trace_id"))
        for row in rows.values()
        if str(row.get("event")).startswith("$ai_")
    )
    return sorted({trace for trace in found if trace})


def _iso(unix_ms: float) -> str:
    """With its zone: a time without one would be of the project's."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
