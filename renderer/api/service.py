"""What the endpoints work with, put together from settings."""

import threading
from dataclasses import dataclass, field

from renderer.access.audit import Audit
from renderer.access.caller import Caller
from renderer.access.keys import Keys
from renderer.access.limits import Quotas, RateLimit
from renderer.access.secret import ServiceSecret
from renderer.access.shares import Shares
from renderer.api.allowed import allowed_prefixes
from renderer.api.destinations import Destinations
from renderer.api.idempotency import IdempotencyKeys
from renderer.api.recordings import Recordings
from renderer.api.webhooks import Webhooks
from renderer.bootstrap import build_clip_store
from renderer.database.engine import Database
from renderer.jobs.deliveries import Deliveries
from renderer.jobs.queue import Queue
from renderer.jobs.wake import Waker
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore


@dataclass(frozen=True, kw_only=True)
class Service:
    """`stopping`: set when the server is about to end, for whoever keeps a connection open."""

    settings: Settings
    database: Database
    waker: Waker
    keys: Keys
    rate_limit: RateLimit
    quotas: Quotas
    audit: Audit
    shares: Shares
    queue: Queue
    deliveries: Deliveries
    webhooks: Webhooks
    destinations: Destinations
    recordings: Recordings
    idempotency: IdempotencyKeys
    store: ClipStore
    allowed_prefixes: tuple[str, ...]
    stopping: threading.Event = field(default_factory=threading.Event)

    def verify(self, key: str) -> Caller:
        """The caller that a key stands for, counted. Raises AccessError, QuotaExceeded."""
        caller = self.keys.verify(key)
        self.rate_limit.count(caller)
        return caller


def build_service(settings: Settings, database: Database, waker: Waker) -> Service:
    secret = ServiceSecret.load(settings)
    store = build_clip_store(settings)
    webhooks = Webhooks(database, secret, settings)
    return Service(
        settings=settings,
        database=database,
        waker=waker,
        keys=Keys(database, secret),
        rate_limit=RateLimit(settings),
        quotas=Quotas(database, settings),
        audit=Audit(database, secret),
        shares=Shares(database, secret),
        queue=Queue(database, settings),
        deliveries=Deliveries(database),
        webhooks=webhooks,
        destinations=Destinations(webhooks),
        recordings=Recordings(database, settings, store),
        idempotency=IdempotencyKeys(database),
        store=store,
        allowed_prefixes=allowed_prefixes(settings.allowed_recordings),
    )
