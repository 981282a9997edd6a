"""From what was found in a session to clips in the queue."""

from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer.access.quotas import Quotas
from renderer.bootstrap import build_destinations
from renderer.database.tables import BatchSession, Clip, Webhook
from renderer.errors import TryLaterError
from renderer.jobs.admit import Asked, admit
from renderer.jobs.going import Going
from renderer.jobs.model import BATCH, Submission
from renderer.jobs.survey.model import Survey
from renderer.request import ClipRequest, Range
from renderer.settings import Settings

NO_ROOM_MS: Final = 60_000
_LONGEST: Final = 1000


def add_clips(
    session: Session, survey: Survey, row: BatchSession, now: int, settings: Settings, quotas: Quotas
) -> list[Any]:
    """What was found, each with the `clip_id` that it became. Raises RequestError: queue_full, quota_concurrent, quota_day,
    recording_quarantined.
    """
    found = list(row.found)
    quotas.check(session, survey.key_id, len(found))
    waiting = session.scalar(select(func.count()).where(Clip.status == "queued")) or 0
    if waiting + len(found) > settings.max_queue:
        raise TryLaterError("queue_full", "too many clips are waiting", NO_ROOM_MS // 1000)
    known = _webhooks(session, survey.tenant) | _ticket_systems(settings)
    asked = [Asked.of(_submission(survey, row, each, known)) for each in found]
    seen = admit(session, asked, now, settings.clip_days)
    return [{**each, "clip_id": clip.clip.id} for each, clip in zip(found, seen, strict=True)]


def _webhooks(session: Session, tenant: str) -> frozenset[str]:
    """Destinations that there are: a rule is written by somebody who does not know which."""
    enabled = select(Webhook.id).where(Webhook.tenant == tenant, Webhook.disabled_ms.is_(None))
    return frozenset(f"webhook:{name}" for name in session.scalars(enabled))


def _ticket_systems(settings: Settings) -> frozenset[str]:
    return frozenset(each.name for each in build_destinations(settings).all() if each.is_ready) - {"console", "webhook"}


def _submission(survey: Survey, row: BatchSession, found: dict[str, Any], known: frozenset[str]) -> Submission:
    spec = survey.spec
    request: dict[str, Any] = {**spec.clip, "recording": row.recording}
    if spec.rules is not None:
        request["rules"] = spec.rules
        span = found["range"]
        request["range"] = Range.inside(span["from_ms"], span["to_ms"], found["session_ms"])
    return Submission(
        tenant=survey.tenant,
        key_id=survey.key_id,
        request=ClipRequest.model_validate(request),
        labels={**_told(found), **spec.metadata},
        priority=BATCH,
        batch_id=survey.batch_id,
        deliver=(*spec.deliver, *_by_rule(found, known)),
        events=row.events,
    )


def _by_rule(found: dict[str, Any], known: frozenset[str]) -> list[Going]:
    """Where the rules that found it say that it goes, as far as there is such a place."""
    wanted = dict.fromkeys(found.get("deliver", ()))
    return [Going(to=to) for to in wanted if to in known or to.partition(":")[0] in known]


def _told(found: dict[str, Any]) -> dict[str, str]:
    """So that whoever hears of the clip knows what it is about."""
    if not found["rules"]:
        return {}
    return {
        "title": found["title"][:_LONGEST],
        "severity": found["severity"],
        "rules": ", ".join(found["rules"])[:_LONGEST],
    }
