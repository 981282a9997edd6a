"""Rows by HogQL: `POST /api/projects/:id/query/`, page by page. Without a LIMIT it would give 100 rows and no more."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from renderer.errors import SourceError
from renderer.sources.posthog.api.answers import Question
from renderer.sources.posthog.api.client import Api, not_json

SCOPE: Final = "query:read"
_PAGE_ROWS: Final = 1000
_PAGE_BYTES: Final = 64 * 1024 * 1024
_WHAT: Final = "session's events"


class HogQL:
    """Asks one project. `max_rows` and `max_bytes` are for all rows together; `was_cut` tells that there were more."""

    def __init__(self, api: Api, max_rows: int, page_rows: int = _PAGE_ROWS) -> None:
        self._api = api
        self._left = max_rows
        self._page_rows = page_rows
        self.was_cut = False

    def rows(self, columns: Sequence[str], query: str, values: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Rows by the names that `columns` have behind their last AS. `query`: from FROM to ORDER BY.

        What comes from outside goes into `values`, which PostHog puts in the place of {placeholders} as constants.
        Raises RequestError and SourceError.
        """
        names = [column.rpartition(" AS ")[2] for column in columns]
        offset = 0
        while self._left > 0:
            limit = min(self._page_rows, self._left)
            text = f"SELECT {', '.join(columns)} {query} LIMIT {limit} OFFSET {offset}"
            body = {"query": {"kind": "HogQLQuery", "query": text, "values": dict(values)}, "refresh": "blocking"}
            question = Question("/query/", _WHAT, SCOPE, body=body)
            answer = self._api.json(question, _PAGE_BYTES)
            found = answer.get("results")
            if not isinstance(found, list):
                raise _no_results(answer, question)
            for row in found:
                if isinstance(row, list) and len(row) == len(names):
                    yield dict(zip(names, row, strict=True))
            offset += len(found)
            self._left -= len(found)
            has_more = answer.get("hasMore")
            if not found or (len(found) < limit and not has_more):
                return
            if self._left <= 0:
                self.was_cut = has_more is not False


def _no_results(answer: Mapping[str, Any], question: Question) -> SourceError:
    if answer.get("error") or answer.get("query_status"):
        return SourceError("posthog_query_failed", "PostHog could not run the query for the session's events")
    return not_json(question)
