"""What Amplitude's SDK tells in events of its own, in the terms of rrweb's plugins and posthog-js."""

from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw

from renderer.recording.model import EventType
from renderer.recording.mutations import encode

# CustomRRwebEvent in @amplitude/session-replay-browser. Every one holds the configuration, API key included.
TAGS: Final = frozenset(
    {"metadata", "debug-info", "fetch-request", "get-sr-props", "targeting-decision", "replay-gate-decision"}
)
PLUGIN: Final = "amplitude/url-tracking@1"
_CONFIGURATIONS: Final = ("config", "joinedConfig", "localConfig")
_COPIED: Final = ("timestamp", "method", "status", "requestHeaders", "requestBody", "responseHeaders", "responseBody")
_INITIATORS: Final = {"fetch": "fetch", "xhr": "xmlhttprequest"}


@dataclass(frozen=True, slots=True)
class Told:
    """`event`: what becomes of it, None for nothing. `configures`: it says what the recorder was told to hide."""

    event: bytes | None
    configures: bool = False


def custom(timestamp: object, tag: str, data: Raw) -> Told | None:
    """None for a custom event that only has the same name as one of the SDK's."""
    payload = _payload(data)
    if not any(isinstance(payload.get(name), dict) for name in _CONFIGURATIONS):
        return None
    if tag == "fetch-request":
        return Told(_request(timestamp, payload))
    return Told(None, configures=True)


def url_tracking(timestamp: object, data: Raw) -> Told:
    """Frames tell their addresses, too: `about:srcdoc`."""
    href = _payload(data).get("href")
    if not isinstance(href, str) or not href.startswith(("http:", "https:")):
        return Told(None)
    changed = {"tag": "$url_changed", "payload": {"href": href}}
    return Told(encode({"type": EventType.CUSTOM, "timestamp": timestamp, "data": changed}))


def _request(timestamp: object, payload: dict[str, Any]) -> bytes | None:
    url, kind = payload.get("url"), payload.get("type")
    if not isinstance(url, str) or not isinstance(kind, str):
        return None
    request: dict[str, Any] = {"name": url, "initiatorType": _INITIATORS.get(kind, kind)}
    request |= {name: payload[name] for name in _COPIED if name in payload}
    start, duration = payload.get("timestamp"), payload.get("duration")
    if isinstance(start, int | float) and isinstance(duration, int | float):
        request["duration"] = duration
    error = payload.get("error")
    if isinstance(error, dict):
        request["error"] = str(error.get("message") or error.get("name") or "failed")
    data = {"plugin": "rrweb/network@1", "payload": {"requests": [request]}}
    return encode({"type": EventType.PLUGIN, "timestamp": timestamp, "data": data})


def _payload(data: Raw) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(data, type=dict[str, Any]).get("payload")
    except (msgspec.DecodeError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
