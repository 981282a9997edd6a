"""From what was found in a session to clips in the queue."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer.access.quotas import Quotas
from renderer.access.scopes import allows
from renderer.bootstrap import build_destinations
from renderer.database.tables import ApiKey, BatchSession, Clip, Webhook
from renderer.errors import RequestError, SetupError, TryLaterError
from renderer.jobs.admit import Asked, admit
from renderer.jobs.going import Going
from renderer.jobs.model import BATCH, Submission
from renderer.jobs.survey.model import Survey
from renderer.request import ClipRequest, Range
from renderer.settings import Settings

NO_ROOM_MS: Final = 60_000
_LONGEST: Final = 1000
_WEBHOOK: Final = "webhook:"

log: Final = structlog.get_logger("renderer.worker")


def tickets_of(found: Sequence[dict[str, Any]], settings: Settings) -> dict[str, str]:
    """Tickets that rules name, each with its right spelling, as far as there is such a place: a rule is written by somebody who does not know
    which there are, and no session is lost for it. Before the transaction: names of hosts are looked up.
    """
    named = dict.fromkeys(to for each in found for to in each.get("deliver", ()) if not to.startswith(_WEBHOOK))
    if not named:
        return {}
    spelled = {}
    try:
        destinations = build_destinations(settings)
        for to in named:
            try:
                spelled[to] = destinations.resolve_of_service(to)
            except RequestError as error:
                log.warning("rule_delivery_passed_over", destination=to, code=error.code)
    except SetupError as error:
        log.warning("rule_deliveries_passed_over", code=error.code)
    return spelled


def add_clips(
    session: Session,
    survey: Survey,
    row: BatchSession,
    now: int,
    settings: Settings,
    quotas: Quotas,
    tickets: Mapping[str, str],
) -> list[Any]:
    """What was found, each with the `clip_id` that it became. `tickets`: of `tickets_of`. Raises RequestError: queue_full, quota_concurrent,
    quota_day, recording_quarantined.
    """
    found = list(row.found)
    quotas.check(session, survey.key_id, len(found))
    waiting = session.scalar(select(func.count()).where(Clip.status == "queued")) or 0
    if waiting + len(found) > settings.max_queue:
        raise TryLaterError("queue_full", "too many clips are waiting", NO_ROOM_MS // 1000)
    known = _webhooks(session, survey.tenant)
    if tickets and _may_deliver(session, survey.key_id):
        known |= tickets
    asked = [Asked.of(_submission(survey, row, each, known)) for each in found]
    seen = admit(session, asked, now, settings.clip_days)
    return [{**each, "clip_id": clip.clip.id} for each, clip in zip(found, seen, strict=True)]


def _webhooks(session: Session, tenant: str) -> dict[str, str]:
    """Those that there are, as `tickets_of`."""
    enabled = select(Webhook.id).where(Webhook.tenant == tenant, Webhook.disabled_ms.is_(None))
    return {to: to for to in (f"{_WEBHOOK}{name}" for name in session.scalars(enabled))}


def _may_deliver(session: Session, key_id: str) -> bool:
    """The key that asked for the batch: with rules it may do no more than without."""
    key = session.get(ApiKey, key_id)
    return key is not None and allows(key.scopes, "deliveries:write")


def _submission(survey: Survey, row: BatchSession, found: dict[str, Any], known: Mapping[str, str]) -> Submission:
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


def _by_rule(found: dict[str, Any], known: Mapping[str, str]) -> list[Going]:
    """Where the rules that found it say that it goes, as far as there is such a place."""
    return [Going(to=known[to]) for to in dict.fromkeys(found.get("deliver", ())) if to in known]


def _told(found: dict[str, Any]) -> dict[str, str]:
    """So that whoever hears of the clip knows what it is about."""
    if not found["rules"]:
        return {}
    return {
        "title": found["title"][:_LONGEST],
        "severity": found["severity"],
        "rules": ", ".join(found["rules"])[:_LONGEST],
    }
