"""What posthog-js 1.449 talks to: remote config, flags, events (/e/) and recordings (/s/), kept in memory."""

import base64
import gzip
import json
import threading
from typing import Any
from urllib.parse import parse_qs

CONFIG: dict[str, Any] = {
    "supportedCompression": ["gzip-js"],
    # An object here, even this small, is what starts the recorder; without it nothing is recorded.
    # Method and status of a request are recorded only where headers are; timing alone has neither.
    "sessionRecording": {
        "endpoint": "/s/",
        "consoleLogRecordingEnabled": True,
        "networkPayloadCapture": {"recordHeaders": True, "recordBody": False},
    },
    "capturePerformance": {"network_timing": True},
    "hasFeatureFlags": False,
    "surveys": False,
    "heatmaps": False,
    "siteApps": [],
    "toolbarParams": {},
    "isAuthenticated": False,
    "autocapture_opt_out": False,
}

Reply = tuple[int, bytes, str]


def decoded(body: bytes) -> Any:
    """gzip is sniffed: since 1.418 nothing in the request says so. Beacons may come as a form of base64."""
    if body[:2] == b"\x1f\x8b":
        body = gzip.decompress(body)
    elif body.startswith(b"data="):
        body = base64.b64decode(parse_qs(body.decode())["data"][0])
    return json.loads(body)


class Ingest:
    """Keeps every recording message and every analytics event, in order of arrival."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.snapshots: list[dict[str, Any]] = []
        self.events: list[dict[str, Any]] = []

    def keep(self, event: dict[str, Any]) -> None:
        """An event of the back end's own."""
        with self._lock:
            self.events.append(event)

    def get(self, path: str) -> Reply:
        name = path.rsplit("/", 1)[-1]
        token = path.split("/")[1] if path.startswith("array/") else ""
        if name == "config.js":
            script = f"(window._POSTHOG_REMOTE_CONFIG = window._POSTHOG_REMOTE_CONFIG || {{}})[{json.dumps(token)}] = {json.dumps({'config': CONFIG, 'siteApps': []})};"
            return 200, script.encode(), "text/javascript"
        if name == "config":
            return 200, json.dumps(CONFIG).encode(), "application/json"
        return 404, b"not found", "text/plain"

    def post(self, path: str, body: bytes) -> Reply:
        if path == "flags":
            return 200, b'{"flags":{},"errorsWhileComputingFlags":false}', "application/json"
        message = decoded(body)
        batch = message.get("batch", [message]) if isinstance(message, dict) else message
        with self._lock:
            for one in batch:
                (self.snapshots if one["event"] == "$snapshot" else self.events).append(one)
        return 200, b'{"status":1}', "application/json"
