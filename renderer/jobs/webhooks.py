"""Webhooks: endpoints that hear how clips end. Their signing secrets are derived, and stored nowhere."""

from collections.abc import Callable, Sequence
from typing import Final, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database, now_ms
from renderer.database.ids import is_id, new_id
from renderer.database.tables import Webhook
from renderer.deliver.webhooks.webhook import SECRET_BYTES, secret_text
from renderer.errors import RequestError

WebhookEvent = Literal["clip.succeeded", "clip.failed", "clip.canceled", "clip.expired"]
OVERLAP_MS: Final = 24 * 3600 * 1000
MOST: Final = 100
"""Of one tenant: each hears of every clip."""


class Webhooks:
    """Tenants see their own and nobody else's. Every method may raise SetupError `database_unreachable`."""

    def __init__(self, database: Database, secret: ServiceSecret, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._secret = secret
        self._now_ms = clock

    def create(
        self, tenant: str, url: str, events: Sequence[str], last: Callable[[Session, Webhook], None] = lambda *_: None
    ) -> tuple[Webhook, str]:
        """The webhook and its secret, which can be had again only by rotating it. Raises RequestError `too_many_webhooks`."""
        row = Webhook(id=new_id("whk"), tenant=tenant, url=url, events=list(events), created_ms=self._now_ms())
        with self._database.write() as session:
            if len(_all(session, tenant)) >= MOST:
                raise RequestError("too_many_webhooks", f"there are {MOST} webhooks already; delete one first")
            session.add(row)
            session.flush()
            last(session, row)
        return row, self.secret_of(row)

    def get(self, tenant: str, webhook_id: str) -> Webhook:
        """Raises RequestError `webhook_not_found`."""
        with self._database.read() as session:
            return _find(session, tenant, webhook_id)

    def list(self, tenant: str) -> list[Webhook]:
        """Oldest first."""
        with self._database.read() as session:
            return _all(session, tenant)

    def change(
        self,
        tenant: str,
        webhook_id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        enabled: bool | None = None,
        last: Callable[[Session, Webhook], None] = lambda *_: None,
    ) -> Webhook:
        """Raises RequestError `webhook_not_found`."""
        with self._database.write() as session:
            row = _find(session, tenant, webhook_id)
            if url is not None:
                row.url = url
            if events is not None:
                row.events = list(events)
            if enabled is not None:
                row.disabled_ms = None if enabled else row.disabled_ms or self._now_ms()
                row.disabled_why = None if enabled else row.disabled_why or "by its owner"
            last(session, row)
            return row

    def rotate(
        self, tenant: str, webhook_id: str, last: Callable[[Session, Webhook], None] = lambda *_: None
    ) -> tuple[Webhook, str]:
        """A new secret; for a day messages are signed with the one before as well. Raises RequestError `webhook_not_found`."""
        with self._database.write() as session:
            row = _find(session, tenant, webhook_id)
            row.secret_version += 1
            row.rotated_ms = self._now_ms()
            last(session, row)
        return row, self.secret_of(row)

    def delete(self, tenant: str, webhook_id: str, last: Callable[[Session, Webhook], None] = lambda *_: None) -> None:
        """Raises RequestError `webhook_not_found`."""
        with self._database.write() as session:
            row = _find(session, tenant, webhook_id)
            session.delete(row)
            last(session, row)

    def secret_of(self, row: Webhook, back: int = 0) -> str:
        """As Standard Webhooks writes secrets; `back`: how many versions ago."""
        return secret_text(self._secret.derive(f"webhook {row.id} {row.secret_version - back}", SECRET_BYTES))

    def signing_secrets(self, row: Webhook) -> tuple[str, ...]:
        """What a message is signed with now, the newest first."""
        overlaps = row.rotated_ms is not None and self._now_ms() - row.rotated_ms < OVERLAP_MS
        return (self.secret_of(row), self.secret_of(row, 1)) if overlaps else (self.secret_of(row),)


def _find(session: Session, tenant: str, webhook_id: str) -> Webhook:
    row = session.get(Webhook, webhook_id) if is_id(webhook_id, "whk") else None
    if row is None or row.tenant != tenant:
        raise RequestError("webhook_not_found", "there is no such webhook; check its id")
    return row


def _all(session: Session, tenant: str) -> list[Webhook]:
    return list(session.scalars(select(Webhook).where(Webhook.tenant == tenant).order_by(Webhook.id)))
