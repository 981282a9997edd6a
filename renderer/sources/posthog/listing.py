"""Sessions in PostHog that a filter finds, page by page: `GET …/session_recordings`."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from renderer.redact.identity import pseudonym
from renderer.redact.policy.model import Policy
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from renderer.rules.model import RuleSet
from renderer.settings import Settings
from renderer.sources.model import Listed, Narrowed
from renderer.sources.posthog.access import access_of
from renderer.sources.posthog.api.answers import Question
from renderer.sources.posthog.api.client import TIMES, Api, Times, not_json
from renderer.sources.posthog.api.patience import PATIENT, Patience
from renderer.sources.posthog.filters import Wanted, read_filter
from renderer.sources.posthog.homeless import are_homeless, asked_events
from renderer.sources.posthog.narrow import narrow
from renderer.sources.posthog.snapshots.download import SCOPE
from renderer.timeline.forms.instants import unix_ms
from renderer.timeline.values import amount, text

_PAGE: Final = 100
_PAGE_BYTES: Final = 32 * 1024 * 1024
# Of what a filter of one's own may look back to, which is not read here.
_LONGEST_MS: Final = 366 * 86_400_000
_AROUND_MS: Final = 5 * 60_000
_PLAYLIST_SCOPE: Final = "session_recording_playlist:read"


class PostHogSessions:
    """What `renderer list posthog` lists."""

    def __init__(
        self, settings: Settings, patience: Patience = PATIENT, times: Times = TIMES, page: int = _PAGE
    ) -> None:
        self._settings = settings
        self._patience = patience
        self._times = times
        self._page = page

    def explain(self, rules: RuleSet) -> Narrowed:
        """See `sources.model.Listing`."""
        return narrow(rules)

    def sessions(
        self,
        filters: str | None,
        since_ms: int | None,
        limit: int,
        policy: Policy,
        tell: Callable[[str], None],
        rules: RuleSet | None = None,
    ) -> Iterator[Listed]:
        """See `sources.model.Listing`. Raises RequestError and SourceError."""
        wanted = read_filter(filters) if filters else Wanted()
        seen: set[str] = set()
        access = access_of(self._settings)
        urls = Urls(Scrub(policy))
        with Api(access, tell, self._patience, self._times) as api:
            queries = narrow(rules).queries if rules is not None and wanted.can_be_narrowed else ()
            if queries and self._are_homeless(api, asked_events(queries), since_ms):
                tell("some events that the rules ask for say no session, as servers' do: all sessions are looked into")
                queries = ()
            for one in wanted.narrowed(queries):
                if len(seen) >= limit:
                    return
                params = one.params()
                if since_ms is not None:
                    params["date_from"] = _iso(self._patience.now() * 1000 - since_ms)
                for row in _rows(api, one.collection, params, limit, self._page):
                    found = _listed(row, f"{access.base}/project/{access.project}/replay/", policy, urls)
                    if found.id not in seen and len(seen) < limit:
                        seen.add(found.id)
                        yield found

    def _are_homeless(self, api: Api, names: list[str], since_ms: int | None) -> bool:
        now_ms = self._patience.now() * 1000
        return are_homeless(api, names, _iso(now_ms - (since_ms or _LONGEST_MS) - _AROUND_MS), _iso(now_ms))


def _rows(
    api: Api, collection: str | None, params: Mapping[str, str], limit: int, page: int
) -> Iterator[Mapping[str, Any]]:
    """Each once, newest first unless the filter says otherwise; by cursor, or by offset where a server has none."""
    path, scope = "/session_recordings", SCOPE
    if collection is not None:
        path, scope = f"/session_recording_playlists/{collection}/recordings", _PLAYLIST_SCOPE
    seen: set[str] = set()
    place: dict[str, str] = {}
    asked = 0
    while len(seen) < limit:
        size = min(page, limit - len(seen))
        question = Question(path, "list of recordings", scope, {**params, "limit": str(size), **place})
        answer = api.json(question, _PAGE_BYTES)
        results = answer.get("results")
        if not isinstance(results, list):
            raise not_json(question)
        new = 0
        for row in results:
            own = text(row.get("id")) if isinstance(row, dict) else None
            if own is not None and own not in seen and len(seen) < limit:
                seen.add(own)
                new += 1
                yield row
        asked += len(results)
        # A server that does not know its own cursor would send the first page for ever.
        if not answer.get("has_next") or not new:
            return
        cursor = answer.get("next_cursor")
        place = {"after": cursor} if isinstance(cursor, str) and cursor else {"offset": str(asked)}


def _listed(row: Mapping[str, Any], base: str, policy: Policy, urls: Urls) -> Listed:
    start_ms = unix_ms(row.get("start_time"))
    start_url = text(row.get("start_url"))
    return Listed(
        id=text(row["id"]) or "",
        start=_iso(start_ms) if start_ms is not None else None,
        duration_ms=round((amount(row.get("recording_duration")) or 0) * 1000),
        active_ms=round((amount(row.get("active_seconds")) or 0) * 1000),
        person=_person(row, policy),
        errors=round(amount(row.get("console_error_count")) or 0),
        clicks=round(amount(row.get("click_count")) or 0),
        url=base + (text(row["id"]) or ""),
        start_url=start_url if policy.is_off or not start_url else urls.shown(start_url),
        is_ongoing=row.get("ongoing") is True,
        is_mobile=row.get("snapshot_source") == "mobile",
    )


def _person(row: Mapping[str, Any], policy: Policy) -> str | None:
    told = text(row.get("distinct_id"))
    if told is None or policy.is_off or policy.person == "show":
        return told
    return pseudonym(told, policy) if policy.person == "hash" else None


def _iso(ms: float) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
