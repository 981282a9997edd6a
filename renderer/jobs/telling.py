"""A clip as webhooks hear of it: as the API tells it, but for what is large and can be asked for."""

from datetime import UTC, datetime
from typing import Any

from renderer.jobs.seen import Seen
from renderer.settings import Settings


def tell_clip(seen: Seen, settings: Settings) -> dict[str, Any]:
    """Addresses begin with RENDERER_PUBLIC_URL; without one they are paths on the API, which alone knows as what it is reached."""
    clip, render = seen.clip, seen.render
    root = (settings.public_url or "").rstrip("/")
    files = render.files if render is not None and clip.status == "succeeded" else []
    return {
        "id": clip.id,
        "object": "clip",
        "status": clip.status,
        "recording": clip.recording,
        "session": clip.session,
        "batch_id": clip.batch_id,
        "metadata": clip.labels,
        "outputs": [{**file, "url": f"{root}/v1/clips/{clip.id}/files/{file['name']}"} for file in files],
        "error": clip.error,
        "deduplicated": render is not None and render.clip_id != clip.id,
        "created_at": _instant(clip.created_ms),
        "started_at": _instant(clip.started_ms),
        "finished_at": _instant(clip.finished_ms),
        "expires_at": _instant(clip.expires_ms),
    }


def _instant(at_ms: int | None) -> str | None:
    if at_ms is None:
        return None
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
