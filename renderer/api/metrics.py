"""What monitoring sees: counts from the database at the moment they are asked for, and the requests of this process."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, get_args

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from renderer import __version__
from renderer.database.engine import Database, now_ms
from renderer.database.states import CLIP_STATUSES, SessionStatus
from renderer.database.tables import BatchSession, Clip, Delivery, Worker
from renderer.errors import RendererError

# The target is 200 ms for 99 of 100; waiting callers take up to 30 s.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SEEN_MS: Final = 60_000


class Metrics:
    def __init__(self, database: Database, clock: Callable[[], int] = now_ms) -> None:
        self._registry = CollectorRegistry()
        self._requests = Histogram(
            "renderer_http_request_seconds",
            "Time that requests took, by route.",
            ["method", "route", "status"],
            buckets=_BUCKETS,
            registry=self._registry,
        )
        ProcessCollector(registry=self._registry)
        self._registry.register(_Rows(database, clock))

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        self._requests.labels(method, route, str(status)).observe(seconds)

    def render(self) -> tuple[bytes, str]:
        """The body and its Content-Type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


class _Rows(Collector):
    def __init__(self, database: Database, clock: Callable[[], int]) -> None:
        self._database = database
        self._now_ms = clock

    def describe(self) -> Iterator[Metric]:
        """Nothing: a registry asks when it is put together, and then nobody knows yet whether there is a database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        yield _gauge("renderer_build_info", "The version that runs.", ["version"], {(__version__,): 1})
        try:
            with self._database.read() as session:
                found = [*self._clips(session), *_sessions(session), *_deliveries(session), *self._workers(session)]
            yield _gauge("renderer_database_up", "Whether the database answers.", [], {(): 1})
            yield from found
        except RendererError:
            yield _gauge("renderer_database_up", "Whether the database answers.", [], {(): 0})

    def _clips(self, session: Session) -> Iterator[Metric]:
        query = select(Clip.status, func.count()).where(Clip.deleted_ms.is_(None)).group_by(Clip.status)
        counts: dict[str, int] = dict.fromkeys(CLIP_STATUSES, 0) | {row[0]: row[1] for row in session.execute(query)}
        told: dict[tuple[str, ...], float] = {(status,): count for status, count in counts.items()}
        yield _gauge("renderer_clips", "Clips by status.", ["status"], told)
        now = self._now_ms()
        due = select(Clip.priority, func.count(), func.min(Clip.available_ms)).where(
            Clip.status == "queued", Clip.available_ms <= now
        )
        waiting = {0: (0, now), 10: (0, now)} | {
            priority: (count, oldest) for priority, count, oldest in session.execute(due.group_by(Clip.priority))
        }
        yield _gauge(
            "renderer_queue_clips",
            "Clips that wait for a worker; priority 0 goes before 10, which is of batches.",
            ["priority"],
            {(str(priority),): count for priority, (count, _) in waiting.items()},
        )
        yield _gauge(
            "renderer_queue_oldest_seconds",
            "How long the clip has waited that waits longest.",
            ["priority"],
            {(str(priority),): (now - oldest) / 1000 for priority, (_, oldest) in waiting.items()},
        )

    def _workers(self, session: Session) -> Iterator[Metric]:
        seen = select(func.count(), func.sum(Worker.slots), func.sum(Worker.busy)).where(
            Worker.seen_ms > self._now_ms() - _SEEN_MS
        )
        workers, slots, busy = session.execute(seen).one()
        yield _gauge("renderer_workers", "Worker processes that were seen within a minute.", [], {(): workers})
        yield _gauge("renderer_worker_slots", "Clips that they can make at a time.", [], {(): slots or 0})
        yield _gauge("renderer_worker_slots_busy", "Clips that they are making.", [], {(): busy or 0})


def _sessions(session: Session) -> Iterator[Metric]:
    query = select(BatchSession.status, func.count()).group_by(BatchSession.status)
    counts: dict[str, int] = dict.fromkeys(get_args(SessionStatus), 0) | {
        row[0]: row[1] for row in session.execute(query)
    }
    told: dict[tuple[str, ...], float] = {(status,): count for status, count in counts.items()}
    yield _gauge("renderer_batch_sessions", "Sessions that batches look into, by status.", ["status"], told)


def _deliveries(session: Session) -> Iterator[Metric]:
    query = select(Delivery.status, func.count()).group_by(Delivery.status)
    counts: dict[tuple[str, ...], float] = {(status,): count for status, count in session.execute(query)}
    yield _gauge("renderer_deliveries", "Deliveries by status.", ["status"], counts)


def _gauge(name: str, means: str, labels: list[str], values: Mapping[tuple[str, ...], float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, means, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), value)
    return family
