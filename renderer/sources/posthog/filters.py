"""Filters as PostHog writes them, to what its list of recordings is asked: RecordingsQuery, saved filters, playlists."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import msgspec

from renderer.errors import RequestError

_MAX_BYTES: Final = 4 * 1024 * 1024
_MAX_DEPTH: Final = 20
_SHORT_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,40}")
# RecordingsQuery of posthog/schema.py. `limit`, `offset` and `after` are ours to say.
_FIELDS: Final = frozenset({
    "date_from", "date_to", "events", "actions", "properties", "console_log_filters", "having_predicates", "comment_text",
    "filter_test_accounts", "operand", "session_ids", "session_recording_id", "person_uuid", "distinct_ids",
    "hide_viewed_recordings", "order", "order_direction", "add_events_to_property_queries", "user_modified_filters",
})  # fmt: skip
_PAGES: Final = frozenset({"kind", "limit", "offset", "after", "modifiers", "response", "tags", "version"})
_KEPT: Final = ("date_from", "date_to", "filter_test_accounts", "order", "order_direction")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which recordings. `query`: fields of a RecordingsQuery. `collection`: short id of a playlist whose items are meant."""

    query: Mapping[str, Any] = field(default_factory=dict)
    collection: str | None = None

    def params(self) -> dict[str, str]:
        """As query parameters: what is no text is JSON."""
        return {
            name: value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
            for name, value in self.query.items()
            if value is not None and value != [] and name != "user_modified_filters"
        }

    @property
    def can_be_narrowed(self) -> bool:
        return self.collection is None and self.query.get("operand") != "OR"

    def narrowed(self, queries: Sequence[Mapping[str, Any]]) -> list["Wanted"]:
        """For each of the queries, what both it and this find; only this where both cannot be asked for at once."""
        if not queries or not self.can_be_narrowed:
            return [self]
        return [Wanted({**self.query, **_joined(self.query, query), "operand": "AND"}) for query in queries]


def _joined(own: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    return {name: [*(own.get(name) or ()), *filters] for name, filters in other.items()}


def read_filter(reference: str) -> Wanted:
    """From a JSON file. Raises RequestError: filter_not_found, bad_filter."""
    path = Path(reference)
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES + 1)
    except (OSError, ValueError):
        raise RequestError("filter_not_found", "the file of the filter cannot be read: check the path") from None
    if len(data) > _MAX_BYTES:
        raise _bad("it is larger than 4 MiB")
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise _bad("it is not JSON") from None
    if not isinstance(found, dict):
        raise _bad("it is not a JSON object")
    return wanted_of(found)


def wanted_of(told: Mapping[str, Any]) -> Wanted:
    """Raises RequestError `bad_filter`."""
    if "short_id" in told:
        filters = told.get("filters")
        if told.get("type") != "collection" and isinstance(filters, dict) and filters:
            return wanted_of(filters)
        short_id = told["short_id"]
        if not isinstance(short_id, str) or not _SHORT_ID.fullmatch(short_id):
            raise _bad("the short_id of the playlist is none")
        return Wanted(collection=short_id)
    if "filter_group" in told:
        return Wanted(_of_universal(told))
    if isinstance(told.get("filters"), dict):
        return wanted_of(told["filters"])
    if told.get("kind") not in {None, "RecordingsQuery"}:
        raise _bad("its kind is not RecordingsQuery")
    for name in told:
        if name not in _FIELDS and name not in _PAGES:
            shown = "".join(letter for letter in name if letter.isprintable())[:40]
            raise _bad(f"recordings cannot be filtered by {shown!r}")
    return Wanted({name: value for name, value in told.items() if name in _FIELDS})


def _of_universal(told: Mapping[str, Any]) -> dict[str, Any]:
    """As PostHog does it: nested groups are one list, the outermost says whether all or any of it must hold."""
    group = told["filter_group"]
    if not isinstance(group, dict) or group.get("type") not in {"AND", "OR"}:
        raise _bad("its filter_group has no type AND or OR")
    query: dict[str, Any] = {name: told[name] for name in _KEPT if told.get(name) is not None}
    lists: dict[str, list[Any]] = {
        "events": [], "actions": [], "properties": [], "console_log_filters": [], "having_predicates": []
    }  # fmt: skip
    duration = told.get("duration")
    if isinstance(duration, list):
        lists["having_predicates"].extend(duration[:1])
    for each in _flat(group, 0):
        kind = each.get("type")
        if kind in {"events", "actions"}:
            lists[kind].append(each)
        elif kind == "log_entry":
            lists["console_log_filters"].append(each)
        elif kind == "recording" and each.get("key") == "visited_page":
            lists["events"].append(_visited(each))
        elif kind == "recording":
            lists["having_predicates"].append(each)
        else:
            lists["properties"].append(each)
    return query | {name: values for name, values in lists.items() if values} | {"operand": group["type"]}


def _flat(group: Mapping[str, Any], depth: int) -> Iterator[Mapping[str, Any]]:
    values = group.get("values")
    if not isinstance(values, list) or depth > _MAX_DEPTH:
        raise _bad("a group of it has no list of values")
    for each in values:
        if not isinstance(each, dict):
            raise _bad("a value of it is not an object")
        if each.get("type") in {"AND", "OR"}:
            yield from _flat(each, depth + 1)
        else:
            yield each


def _visited(told: Mapping[str, Any]) -> dict[str, Any]:
    page = {
        "type": "event", "key": "$current_url", "value": told.get("value"), "operator": told.get("operator", "exact")
    }  # fmt: skip
    return {"id": "$pageview", "name": "$pageview", "type": "events", "properties": [page]}


def _bad(why: str) -> RequestError:
    return RequestError(
        "bad_filter",
        f"the filter cannot be used: {why}; give a RecordingsQuery, a saved filter or a playlist as PostHog's API shows it",
    )
