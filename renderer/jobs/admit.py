"""Clips that come into the queue. Their rows are written by plain SQL: the unit of work takes longer to think of one than the database
to add it, and on SQLite everybody who writes waits meanwhile.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import insert
from sqlalchemy.orm import Session

from renderer.database.ids import new_id
from renderer.database.tables import Clip, ClipEvent, Delivery, table_of
from renderer.errors import RequestError
from renderer.jobs.ending import end
from renderer.jobs.going import Going
from renderer.jobs.model import Submission
from renderer.jobs.sameness import ready_render
from renderer.jobs.seen import Seen, seen_of
from renderer.jobs.settle import quarantine_of

DAY_MS: Final = 24 * 3600 * 1000
_ADD_CLIPS: Final = insert(table_of(Clip))
_ADD_EVENTS: Final = insert(table_of(ClipEvent))
_ADD_DELIVERIES: Final = insert(table_of(Delivery))


class Asked(NamedTuple):
    """A submission, and what of it takes time to work out: that is done before the transaction, for which others wait."""

    submission: Submission
    stored_request: dict[str, Any]
    request_key: str

    @classmethod
    def of(cls, submission: Submission) -> "Asked":
        return cls(submission, submission.stored_request, submission.request_key)


def admit(session: Session, asked: Sequence[Asked], now: int, kept_days: float) -> list[Seen]:
    """In the transaction of the caller, who has seen to it that there is room. Raises RequestError `recording_quarantined`."""
    submissions = [each.submission for each in asked]
    for tenant, recording in dict.fromkeys((one.tenant, one.request.recording) for one in submissions):
        _refuse_suspect(session, tenant, recording, now)
    rows = [_clip(each, now) for each in asked]
    deliveries = [_deliveries(row, submission, now) for row, submission in zip(rows, submissions, strict=True)]
    session.flush()
    session.execute(_ADD_CLIPS, rows)
    session.execute(_ADD_EVENTS, [_first_event(row) for row in rows])
    if any(deliveries):
        session.execute(_ADD_DELIVERIES, [each for some in deliveries for each in some])
    return [
        _made_before(session, row, now, kept_days) or Seen(Clip(**row), None, tuple(Delivery(**each) for each in some))
        for row, some in zip(rows, deliveries, strict=True)
    ]


def _refuse_suspect(session: Session, tenant: str, recording: str, now: int) -> None:
    suspect = quarantine_of(session, tenant, recording, now)
    if suspect is not None:
        raise RequestError(
            "recording_quarantined",
            f"rendering this recording failed so badly ({suspect.why}) that it is not tried again for"
            f" {_hours(suspect.until_ms - now)}; ask for a shorter range then, or tell the operator",
        )


def _made_before(session: Session, row: dict[str, Any], now: int, kept_days: float) -> Seen | None:
    render_id = ready_render(session, row["tenant"], row["recording"], row["request_key"])
    if render_id is None:
        return None
    clip = session.get_one(Clip, row["id"])
    clip.render_id = render_id
    clip.expires_ms = now + round(kept_days * DAY_MS)
    session.flush()
    end(session, clip, "succeeded", now)
    return seen_of(session, clip)


def _clip(asked: Asked, now: int) -> dict[str, Any]:
    submission = asked.submission
    recording = submission.request.recording
    return {
        "id": new_id("clip"),
        "tenant": submission.tenant,
        "key_id": submission.key_id,
        "status": "queued",
        "priority": submission.priority,
        "recording": recording,
        "session": recording.removeprefix("posthog:").partition("?")[0] if recording.startswith("posthog:") else None,
        "request": asked.stored_request,
        "request_key": asked.request_key,
        "labels": dict(submission.labels),
        "batch_id": submission.batch_id,
        "progress": {"stage": "queued", "percent": 0},
        "revision": 1,
        "attempt": 0,
        "strikes": 0,
        "retries": 0,
        "available_ms": now,
        "created_ms": now,
    }


def _first_event(row: dict[str, Any]) -> dict[str, Any]:
    told = {"status": row["status"]}
    return {"clip_id": row["id"], "number": row["revision"], "kind": "status", "data": told, "at_ms": row["created_ms"]}


def _deliveries(row: dict[str, Any], submission: Submission, now: int) -> list[dict[str, Any]]:
    """They wait for the clip to end, and are told of as its news then."""
    values = {"tenant": row["tenant"], "clip_id": row["id"], "event": "clip", "status": "waiting", "attempt": 0}
    times = {"available_ms": now, "created_ms": now}
    firsts: dict[str, Going] = {}
    for going in submission.deliver:
        firsts.setdefault(going.to, going)
    return [
        {"id": new_id("dlv"), "destination": going.to, "options": going.options(), **values, **times}
        for going in firsts.values()
    ]


def _hours(ms: int) -> str:
    return f"{max(1, round(ms / 3_600_000))} h"
