"""What a failure makes of a clip that somebody worked on: back into the queue, or an end, and what that means for others."""

from typing import Final, NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from renderer.database.tables import Clip, Suspect, table_of
from renderer.jobs import renders
from renderer.jobs.ending import end
from renderer.jobs.history import turn
from renderer.jobs.model import Failure
from renderer.jobs.retry import STRIKES, Again, verdict

QUARANTINE_MS: Final = 24 * 3600 * 1000
_SUSPECTS: Final = table_of(Suspect).c
_IN_QUARANTINE: Final = select(_SUSPECTS.why, _SUSPECTS.until_ms).where(
    _SUSPECTS.tenant == bindparam("tenant"),
    _SUSPECTS.recording == bindparam("recording"),
    _SUSPECTS.strikes >= STRIKES,
    _SUSPECTS.until_ms > bindparam("now"),
)

_QUARANTINED: Final = Failure(
    "recording_quarantined",
    "render",
    "ours",
    retryable=True,
    detail="rendering this recording ended two workers or processes, so that none of its clips is tried for 24 h;"
    " ask for a shorter range then, or tell the operator",
)


def settle_failure(session: Session, clip: Clip, failure: Failure, now: int) -> None:
    renders.abandon(session, clip, now)
    if clip.cancel_ms is not None:  # whatever it was: nobody wants the clip any more
        end(session, clip, "canceled", now)
        return
    decided = verdict(failure, clip.retries, clip.strikes)
    if isinstance(decided, Again) and quarantine_of(session, clip.tenant, clip.recording, now) is None:
        clip.retries += 1
        clip.strikes += decided.strike
        requeue(session, clip, now, now + decided.after_s * 1000, failure)
        return
    if not isinstance(decided, Again) and decided.quarantine:
        _quarantine(session, clip, failure, now)
    end(session, clip, "failed", now, failure.told())


def requeue(session: Session, clip: Clip, now: int, available_ms: int, why: Failure | None = None) -> None:
    clip.lease_owner = clip.lease_until_ms = None
    clip.available_ms = available_ms
    clip.progress = {"stage": "queued", "percent": 0}
    if clip.cancel_ms is not None:
        end(session, clip, "canceled", now)
        return
    told = {"after": why.told(), "again_in_ms": available_ms - now} if why else {}
    turn(session, clip, "queued", now, **told)


class Quarantine(NamedTuple):
    why: str
    until_ms: int


def quarantine_of(session: Session, tenant: str, recording: str, now: int) -> Quarantine | None:
    row = session.execute(_IN_QUARANTINE, {"tenant": tenant, "recording": recording, "now": now}).first()
    return None if row is None else Quarantine(*row)


def _quarantine(session: Session, clip: Clip, failure: Failure, now: int) -> None:
    """Others of the recording that wait would cost as many workers each."""
    row = session.get(Suspect, (clip.tenant, clip.recording))
    if row is None:
        row = Suspect(tenant=clip.tenant, recording=clip.recording)
        session.add(row)
    row.strikes, row.why, row.until_ms = STRIKES, failure.code, now + QUARANTINE_MS
    session.flush()
    waiting = select(Clip).where(Clip.tenant == clip.tenant, Clip.recording == clip.recording, Clip.status == "queued")
    for other in session.scalars(waiting.with_for_update(skip_locked=True)).all():
        end(session, other, "failed", now, _QUARANTINED.told())
