"""From rows of batches to what is told of them."""

from collections.abc import Mapping
from typing import Any, cast

from renderer.api.models import batch as told
from renderer.api.models.base import instant
from renderer.batch.estimate import estimate
from renderer.batch.index_model import ClipEntry
from renderer.database.states import UNFINISHED, SessionStatus
from renderer.database.tables import BatchSession
from renderer.jobs.batches import SeenBatch


def batch(seen: SeenBatch, base_url: str) -> told.Batch:
    """`base_url`: as which the API is reached, without a slash at its end."""
    row = seen.batch
    url = f"{base_url}/v1/batches/{row.id}"
    looks = row.spec is not None
    is_dry = looks and bool((row.spec or {}).get("dry_run"))
    return told.Batch(
        id=row.id,
        status="running" if _goes_on(seen) else "failed" if row.listing == "failed" else "finished",
        size=row.size,
        counts=dict(seen.counts),
        sessions=dict(seen.sessions) if looks else None,
        moments=seen.moments if looks else None,
        estimate=_estimate(seen) if is_dry else None,
        error=_error(row.error),
        clips_url=f"{base_url}/v1/clips?batch_id={row.id}",
        sessions_url=f"{url}/sessions" if looks else None,
        metadata=row.labels,
        created_at=instant(row.created_ms),
    )


def session(row: BatchSession) -> told.BatchSession:
    return told.BatchSession(
        number=row.number,
        recording=row.recording,
        status=cast(SessionStatus, row.status),
        replay_url=row.replay_url,
        clips=tuple(_clip(each) for each in row.found),
        archived=None if row.archived is None else f"recording:{row.archived}",
        error=_error(row.error),
    )


def _goes_on(seen: SeenBatch) -> bool:
    return (
        seen.batch.listing in {"waiting", "working"}
        or any(seen.sessions.get(status) for status in ("waiting", "looking"))
        or any(seen.counts.get(status) for status in UNFINISHED)
    )


def _estimate(seen: SeenBatch) -> told.Estimate:
    found = estimate(ClipEntry.model_validate(each) for each in seen.found)
    return told.Estimate(clips=found.clips, video_s=found.video_s, render_s=found.render_s, bytes=found.bytes)


def _error(row: Mapping[str, Any] | None) -> told.BatchError | None:
    return None if row is None else told.BatchError(code=row["code"], detail=row["detail"])


def _clip(found: Mapping[str, Any]) -> told.FoundClip:
    entry = ClipEntry.model_validate({name: value for name, value in found.items() if name != "clip_id"})
    return told.FoundClip(
        clip_id=found.get("clip_id"),
        title=entry.title,
        severity=entry.severity,
        rules=entry.rules,
        labels=entry.labels,
        from_ms=entry.range.from_ms,
        to_ms=entry.range.to_ms,
        duration_ms=entry.duration_ms,
        moments=tuple(
            told.FoundMoment(
                rule=moment.rule, title=moment.title, severity=moment.severity, at_ms=moment.at_ms, labels=moment.labels
            )
            for moment in entry.moments
        ),
    )
