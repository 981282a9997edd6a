"""What is told of a clip when something became of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from renderer.deliver.webhooks.webhook import MAX_BODY_BYTES

# As the API tells a clip, without what is large and can be asked for: request, progress, deliveries.
_TOLD: Final = (
    "id",
    "object",
    "status",
    "recording",
    "session",
    "batch_id",
    "metadata",
    "outputs",
    "error",
    "deduplicated",
    "created_at",
    "started_at",
    "finished_at",
    "expires_at",
)
_OUTPUT: Final = ("kind", "name", "url")


def news(event: str, clip: Mapping[str, Any], at_ms: int) -> bytes:
    """The body of a message: `{"type", "timestamp", "data"}`. `event`: as `clip.succeeded`; `clip`: as the API tells it, in JSON's types;
    `at_ms`: when it became so (Unix time).

    Never more than 20,000 bytes: what does not fit is left out, and `data.truncated` says so.
    """
    data = {name: clip[name] for name in _TOLD if name in clip}
    for thinner in (_same, _short_outputs, _no_metadata, _no_outputs, _only_status):
        data = thinner(data)
        body = _encoded(event, data, at_ms)
        if len(body) <= MAX_BODY_BYTES:
            return body
    raise ValueError("a clip whose id alone is too large")


def _same(data: dict[str, Any]) -> dict[str, Any]:
    return data


def _short_outputs(data: dict[str, Any]) -> dict[str, Any]:
    outputs = [{name: each[name] for name in _OUTPUT if name in each} for each in data.get("outputs", ())]
    return {**data, "outputs": outputs, "truncated": True}


def _no_metadata(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "metadata": {}}


def _no_outputs(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "outputs": []}


def _only_status(data: dict[str, Any]) -> dict[str, Any]:
    return {name: data[name] for name in ("id", "object", "status", "truncated") if name in data}


def _encoded(event: str, data: dict[str, Any], at_ms: int) -> bytes:
    at = datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {"type": event, "timestamp": at, "data": data}
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
