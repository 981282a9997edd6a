"""The worker's side of deliveries: takes what is due, sends it, and says what became of it."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import select

from renderer.database.engine import Database, now_ms
from renderer.database.tables import Clip, Delivery, Webhook
from renderer.deliver.schedule import pause_s
from renderer.deliver.webhooks.news import news
from renderer.deliver.webhooks.webhook import Receipt
from renderer.deliver.webhooks.webhook import Webhook as Sender
from renderer.errors import DestinationError
from renderer.jobs.model import Failure
from renderer.jobs.seen import seen_of
from renderer.jobs.telling import tell_clip
from renderer.jobs.tickets.rows import WEBHOOKS
from renderer.jobs.webhooks import Webhooks
from renderer.settings import Settings

SENDING_MS: Final = 60_000
"""Three times as long as a message may take: after that its worker is lost."""

_GONE: Final = "webhook_gone"

log = structlog.get_logger("renderer.worker")


@dataclass(frozen=True, slots=True)
class _Letter:
    """A delivery in hand. `attempt` is the fence, as of claims."""

    delivery_id: str
    attempt: int
    failures: int
    webhook_id: str
    url: str
    secrets: tuple[str, ...]
    body: bytes


class Posting:
    """A message carries its delivery's id at every attempt, so that whoever gets it twice, because an answer was lost, can tell."""

    def __init__(
        self,
        database: Database,
        webhooks: Webhooks,
        sender: Sender,
        settings: Settings,
        owner: str,
        clock: Callable[[], int] = now_ms,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._database = database
        self._webhooks = webhooks
        self._sender = sender
        self._settings = settings
        self._owner = owner
        self._now_ms = clock
        self._chance = chance

    def send_one(self) -> bool:
        """Whether there was one due."""
        letter = self._take()
        if not isinstance(letter, _Letter):
            return letter
        try:
            receipt = self._sender.send(letter.url, letter.delivery_id, letter.body, letter.secrets)
        except DestinationError as error:
            self._failed(letter, error)
        else:
            self._succeeded(letter, receipt)
        return True

    def _take(self) -> "_Letter | bool":
        """The next one; True when there was one that cannot be sent, False when there was none."""
        now = self._now_ms()
        with self._database.write() as session:
            row = session.scalar(
                select(Delivery)
                .where(Delivery.status == "queued", Delivery.available_ms <= now, Delivery.destination.like(WEBHOOKS))
                .order_by(Delivery.available_ms, Delivery.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            if row is None:
                return False
            clip = session.get_one(Clip, row.clip_id)
            webhook = session.get(Webhook, row.destination.partition(":")[2])
            refusal = _refusal(clip, webhook)
            if refusal is not None or webhook is None:
                row.status, row.finished_ms, row.error = "failed", now, (refusal or _no_webhook()).told()
                return True
            row.attempt += 1
            row.status, row.lease_owner, row.lease_until_ms = "sending", self._owner, now + SENDING_MS
            told = tell_clip(seen_of(session, clip), self._settings)
            return _Letter(
                delivery_id=row.id,
                attempt=row.attempt,
                failures=row.failures,
                webhook_id=webhook.id,
                url=webhook.url,
                secrets=self._webhooks.signing_secrets(webhook),
                body=news(row.event, told, clip.finished_ms or now),
            )

    def _succeeded(self, letter: _Letter, receipt: Receipt) -> None:
        told = {"status": receipt.status, "answer": receipt.answer, "took_ms": receipt.took_ms}
        self._settle(letter, status="succeeded", finished_ms=self._now_ms(), receipt=told, error=None)

    def _failed(self, letter: _Letter, error: DestinationError) -> None:
        now = self._now_ms()
        failure = Failure.of(error).told()
        failures = letter.failures + 1
        pause = pause_s(failures, self._chance(), error.retry_after_s) if error.retryable else None
        log.warning("delivery_failed", delivery=letter.delivery_id, code=error.code, again_in_s=pause)
        if pause is None:
            self._settle(letter, status="failed", finished_ms=now, error=failure, failures=failures)
        else:
            again_ms = now + round(pause * 1000)
            self._settle(letter, status="queued", available_ms=again_ms, error=failure, failures=failures)
        if error.code == _GONE:
            self._disable(letter.webhook_id, now)

    def _settle(self, letter: _Letter, **values: Any) -> None:
        with self._database.write() as session:
            row = session.get(Delivery, letter.delivery_id, with_for_update=True)
            if row is None or row.attempt != letter.attempt or row.status != "sending":
                return
            row.lease_owner = row.lease_until_ms = None
            for name, value in values.items():
                setattr(row, name, value)

    def _disable(self, webhook_id: str, now: int) -> None:
        with self._database.write() as session:
            webhook = session.get(Webhook, webhook_id)
            if webhook is not None and webhook.disabled_ms is None:
                webhook.disabled_ms, webhook.disabled_why = now, "it answered 410: it wants no more messages"


def _refusal(clip: Clip, webhook: Webhook | None) -> Failure | None:
    if clip.deleted_ms is not None:
        return _final("clip_gone", "the clip was deleted before it could be told of")
    if webhook is None or webhook.tenant != clip.tenant:
        return _no_webhook()
    if webhook.disabled_ms is not None:
        return _final("webhook_disabled", f"the webhook is disabled: {webhook.disabled_why or 'by its owner'}")
    return None


def _no_webhook() -> Failure:
    return _final("webhook_not_found", "the webhook was deleted")


def _final(code: str, detail: str) -> Failure:
    return Failure(code, "deliver", "destination", retryable=False, detail=detail)
