"""From rows to what is told of them."""

from collections.abc import Mapping
from typing import Any, cast

from renderer.api.models import clip as told
from renderer.api.models.asked import ClipSpec
from renderer.api.models.base import instant, instant_or_none
from renderer.database.states import ClipStatus, DeliveryStatus
from renderer.database.tables import Delivery
from renderer.jobs.seen import Seen


def clip(seen: Seen, base_url: str) -> told.Clip:
    """`base_url`: as which the API is reached, without a slash at its end."""
    row, render = seen.clip, seen.render
    return told.Clip(
        id=row.id,
        status=cast(ClipStatus, row.status),
        progress=_progress(row.progress),
        request=spec(row.request, row.recording),
        outputs=_files(row.id, render.files, base_url) if render is not None and row.status == "succeeded" else (),
        error=told.ClipError.model_validate(row.error) if row.error else None,
        metadata=row.labels,
        recording=row.recording,
        session=row.session,
        batch_id=row.batch_id,
        deliveries=tuple(delivery(each) for each in seen.deliveries),
        deduplicated=render is not None and render.clip_id != row.id,
        created_at=instant(row.created_ms),
        started_at=instant_or_none(row.started_ms),
        finished_at=instant_or_none(row.finished_ms),
        expires_at=instant_or_none(row.expires_ms),
    )


def spec(stored: Mapping[str, Any], recording: str) -> ClipSpec:
    """A stored ClipRequest as it may be asked for again."""
    known = {name: value for name, value in stored.items() if name in ClipSpec.model_fields}
    size = stored.get("size")
    if isinstance(size, Mapping):
        known["size"] = f"{size['width_px']}x{size['height_px']}"
    if known.get("moment") is None and known.get("range") == {"from_ms": 0, "to_ms": None}:
        known["range"] = None
    known["outputs"] = tuple(known.get("outputs", ({"format": "mp4"},)))
    return ClipSpec.model_validate({**known, "recording": recording})


def delivery(row: Delivery) -> told.Delivery:
    return told.Delivery(
        id=row.id,
        to=row.destination,
        public=bool(row.options.get("public")),
        event=row.event,
        status=cast(DeliveryStatus, row.status),
        attempts=row.attempt,
        receipt=row.receipt,
        error=row.error,
        created_at=instant(row.created_ms),
        next_attempt_at=instant(row.available_ms) if row.status == "queued" else None,
        finished_at=instant_or_none(row.finished_ms),
    )


def _progress(stored: Mapping[str, Any]) -> told.Progress:
    return told.Progress.model_validate({"stage": "queued", **_only(stored, told.Progress)})


def _files(clip_id: str, files: list[Any], base_url: str) -> tuple[told.File, ...]:
    return tuple(
        told.File.model_validate(
            _only(file, told.File) | {"url": f"{base_url}/v1/clips/{clip_id}/files/{file['name']}"}
        )
        for file in files
    )


def _only(stored: Mapping[str, Any], model: type[Any]) -> dict[str, Any]:
    return {name: value for name, value in stored.items() if name in model.model_fields}
