"""What the endpoints work with, put together from settings."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from renderer.access.audit import Audit
from renderer.access.build import Access, build_access
from renderer.access.caller import Caller
from renderer.access.keys import Keys
from renderer.access.quotas import Quotas
from renderer.access.secret import ServiceSecret
from renderer.access.shares import Shares
from renderer.api.allowed import allowed_prefixes
from renderer.api.destinations import Destinations
from renderer.api.idempotency import IdempotencyKeys
from renderer.api.lane import Lane
from renderer.api.metrics import Metrics
from renderer.api.reading.read import Reader
from renderer.api.watch import Watch
from renderer.bootstrap import build_clip_store, build_destinations, build_shared_recordings
from renderer.database.engine import Database
from renderer.deliver.webhooks.judge import webhook_policy
from renderer.deliver.webhooks.webhook import Webhook as Sender
from renderer.jobs.batches import Batches
from renderer.jobs.deliveries import Deliveries
from renderer.jobs.queue import Queue
from renderer.jobs.recordings import Recordings
from renderer.jobs.schedules import Schedules
from renderer.jobs.sweeper import Sweeper
from renderer.jobs.wake import Waker
from renderer.jobs.webhooks import Webhooks
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore


class Remembered:
    """The answer to a question that is too dear to be asked every time."""

    def __init__(self, seconds: float = 15.0) -> None:
        self._seconds = seconds
        self._known: tuple[float, bool] | None = None

    def ask(self, question: Callable[[], bool]) -> bool:
        now_s = time.monotonic()
        if self._known is None or now_s - self._known[0] > self._seconds:
            self._known = (now_s, question())
        return self._known[1]


@dataclass(frozen=True, kw_only=True)
class Service:
    """`stopping`: set when the server is about to end, for whoever keeps a connection open."""

    settings: Settings
    database: Database
    waker: Waker
    access: Access
    queue: Queue
    batches: Batches
    schedules: Schedules
    deliveries: Deliveries
    webhooks: Webhooks
    sender: Sender
    destinations: Destinations
    recordings: Recordings
    idempotency: IdempotencyKeys
    store: ClipStore
    sweeper: Sweeper
    reader: Reader
    watch: Watch
    metrics: Metrics
    allowed_prefixes: tuple[str, ...]
    lane: Lane
    stopping: threading.Event = field(default_factory=threading.Event)
    store_check: Remembered = field(default_factory=Remembered)

    @property
    def keys(self) -> Keys:
        return self.access.keys

    @property
    def shares(self) -> Shares:
        return self.access.shares

    @property
    def audit(self) -> Audit:
        return self.access.audit

    @property
    def quotas(self) -> Quotas:
        return self.access.quotas

    @property
    def secret(self) -> ServiceSecret:
        return self.access.secret

    def verify(self, key: str) -> Caller:
        """The caller that a key stands for; the request is counted. Raises AccessError, TryLaterError."""
        caller = self.keys.verify(key)
        self.access.rates.take(caller)
        return caller

    def recall(self, key: str) -> Caller | None:
        """As `verify`, where that needs nothing but memory; None where it would ask the database or Redis."""
        caller = self.keys.recall(key) if self.access.rates.is_local else None
        if caller is not None:
            self.access.rates.take(caller)
        return caller


def build_service(settings: Settings, database: Database, waker: Waker) -> Service:
    """`database` is up to date. Raises SetupError."""
    access = build_access(settings, database)
    store = build_clip_store(settings)
    queue = Queue(database, settings)
    webhooks = Webhooks(database, access.secret)
    return Service(
        settings=settings,
        database=database,
        waker=waker,
        access=access,
        queue=queue,
        watch=Watch(queue),
        batches=Batches(database),
        schedules=Schedules(database),
        deliveries=Deliveries(database),
        webhooks=webhooks,
        sender=Sender(webhook_policy(settings)),
        destinations=Destinations(webhooks, build_destinations(settings)),
        recordings=Recordings(database, build_shared_recordings(settings), settings),
        idempotency=IdempotencyKeys(database),
        store=store,
        sweeper=Sweeper(database, store),
        reader=Reader(),
        metrics=Metrics(database),
        allowed_prefixes=allowed_prefixes(settings.allowed_recordings),
        lane=Lane(single=database.is_sqlite),
    )
