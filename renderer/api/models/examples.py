"""Whole examples for the OpenAPI document; a test holds them against their schemas."""

from typing import Any, Final

_CLIP_ID: Final = "clip_01kb1w3r9v5x2e8y7n6m4t0qhs"
_RECORDING: Final = "recording:4be0a25751b170cdf082a7656572a493af545b35ca8930e0541800f67e577e74"
_OPTIONS: Final[dict[str, Any]] = {
    "range": {"from_ms": 65_000, "to_ms": 100_000},
    "outputs": [{"format": "mp4"}, {"format": "gif", "max_bytes": 8_000_000}],
    "size": "1280x720",
    "fps": 25,
    "speed": 1,
    "idle": "skip",
    "redaction": "default",
    "overlays": "auto",
}

CLIP_CREATE: Final[dict[str, Any]] = {"recording": _RECORDING, **_OPTIONS, "metadata": {"ticket": "48213"}}
CLIP_OF_A_MOMENT: Final[dict[str, Any]] = {
    "recording": "posthog:0190f1c2-7c3d-7e4f-8a5b-0123456789ab",
    "moment": {"name": "$exception", "before_ms": 15_000, "after_ms": 20_000},
    "deliver": [{"to": "webhook:whk_01kb1w3r9v5x2e8y7n6m4t0qhs"}],
}
CLIP: Final[dict[str, Any]] = {
    "id": _CLIP_ID,
    "object": "clip",
    "status": "succeeded",
    "progress": {"stage": "succeeded", "percent": 100, "frames_done": 875, "frames_total": 875, "eta_s": 0},
    "request": {"recording": _RECORDING, **_OPTIONS},
    "outputs": [
        {
            "kind": "mp4",
            "name": "clip.mp4",
            "url": f"https://clips.example.com/v1/clips/{_CLIP_ID}/files/clip.mp4",
            "bytes": 1_845_210,
            "sha256": "3e01f55f2be826b9fcc7a13e4b44ae0f83b8e9606fb905b4a69196fa3495f8d4",
            "content_type": "video/mp4",
            "duration_ms": 35_000,
            "width_px": 1280,
            "height_px": 720,
        }
    ],
    "error": None,
    "metadata": {"ticket": "48213"},
    "recording": _RECORDING,
    "session": "01a20950-65f7-7603-87a4-92d8e7c41c38",
    "batch_id": None,
    "deliveries": [],
    "deduplicated": False,
    "created_at": "2026-11-27T06:29:29.123Z",
    "started_at": "2026-11-27T06:29:29.420Z",
    "finished_at": "2026-11-27T06:29:58.001Z",
    "expires_at": "2026-12-27T06:29:58.001Z",
}
BATCH_CREATE: Final[dict[str, Any]] = {
    "recordings": ["posthog:0190f1c2-7c3d-7e4f-8a5b-0123456789ab", _RECORDING],
    "clip": {"outputs": [{"format": "gif", "max_bytes": 8_000_000}], "fps": 12},
    "metadata": {"campaign": "november"},
}
NEWS: Final[dict[str, Any]] = {
    "type": "clip.succeeded",
    "timestamp": CLIP["finished_at"],
    "data": {name: value for name, value in CLIP.items() if name not in ("request", "progress", "deliveries")},
}
WEBHOOK_CREATE: Final[dict[str, Any]] = {
    "url": "https://support.example.com/hooks/renderer",
    "events": ["clip.succeeded", "clip.failed"],
}

EXAMPLES: Final[dict[str, list[dict[str, Any]]]] = {
    "BatchCreate": [BATCH_CREATE],
    "Clip": [CLIP],
    "ClipCreate": [CLIP_CREATE, CLIP_OF_A_MOMENT],
    "News": [NEWS],
    "ShareCreate": [{"days": 14}],
    "WebhookCreate": [WEBHOOK_CREATE],
}
"""By the name of the schema."""
