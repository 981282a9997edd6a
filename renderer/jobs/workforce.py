"""A worker process: slots that render, a hand that delivers, a broom that sweeps. In the API's own process, or in one that Celery runs."""

import threading
from collections.abc import Callable
from functools import partial
from typing import Final

import structlog

from renderer.access.secret import ServiceSecret
from renderer.access.shares import Shares
from renderer.bootstrap import build_clip_store, build_destinations
from renderer.database.engine import Database
from renderer.database.ids import new_id
from renderer.database.upgrade import upgrade
from renderer.deliver.webhooks.judge import webhook_policy
from renderer.deliver.webhooks.webhook import Webhook
from renderer.errors import SetupError
from renderer.jobs.admit import DAY_MS
from renderer.jobs.chores import CLEANING_S, Chores
from renderer.jobs.claims import Claims
from renderer.jobs.posting import Posting
from renderer.jobs.presence import Presence
from renderer.jobs.survey.claims import Surveys
from renderer.jobs.tickets.attach import Attaching
from renderer.jobs.tickets.rows import TicketRows
from renderer.jobs.wake import Bell, Waker
from renderer.jobs.webhooks import Webhooks
from renderer.jobs.work import Slot
from renderer.settings import Settings

_ROUND_S: Final = 5.0
# A bell that was missed costs a second.
_LOOK_S: Final = 1.0

log = structlog.get_logger("renderer.worker")


class Workforce:
    """`start` begins to look after the service's rows and to send what is due, `start_slots` to render."""

    def __init__(self, settings: Settings, database: Database, waker: Waker) -> None:
        """`waker`: how all workers are told that there is something to do."""
        self.worker_id = new_id("wrk")
        self.slots = settings.slots
        self._settings = settings
        self._database = database
        self._waker = waker
        self._stopping = threading.Event()
        self._busy = 0
        self._counting = threading.Lock()
        self._claims = Claims(
            database,
            self.worker_id,
            round(settings.clip_days * DAY_MS),
            lease_ms=round(settings.lease_s * 1000),
        )
        self._surveys = Surveys(database, self.worker_id, settings, lease_ms=round(settings.lease_s * 1000))
        self._presence = Presence(database, self.worker_id, self.slots)
        self._chores = Chores(settings, database, build_clip_store(settings), self.worker_id)
        self._posting = _build_posting(settings, database, self.worker_id)
        self._attaching = _build_attaching(settings, database, self.worker_id, self._stopping)
        self._news = Bell()
        self._bells = [self._news]
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """SetupError when the database cannot be used."""
        upgrade(self._database)
        self._presence.show(0)
        round_s = min(_ROUND_S, self._settings.lease_s / 6)
        self._run("sweeping", lambda: self._again(lambda: self._sweep(round_s), round_s))
        self._run("cleaning", lambda: self._again(self._chores.clean, CLEANING_S))
        self._run("delivering", lambda: self._serve(self._news, self._posting.send_one))
        self._run("attaching", lambda: self._serve(self._news, self._attaching.attach_one))
        log.info("worker_started", worker=self.worker_id, slots=self.slots)

    def start_slots(self, bell: Bell) -> None:
        """Whenever `bell` rings they look for something to do; each second too, for who was not heard."""
        self._bells.append(bell)
        for number in range(self.slots):
            slot = Slot(self._database, self._claims, self._surveys, self._settings, self._stopping, self._waker.wake)
            self._run(f"slot-{number}", partial(self._serve, bell, partial(self._work, slot)))

    def stop(self) -> None:
        """Gives back what is in hand, and returns when nothing of it runs any more."""
        self._stopping.set()
        for bell in self._bells:
            bell.wake()
        for thread in self._threads:
            thread.join()
        try:
            self._presence.leave()
        except SetupError:
            log.warning("worker_left_unseen", worker=self.worker_id)
        self._waker.wake()  # for whoever goes on with what was given back

    def _work(self, slot: Slot) -> bool:
        self._count(1)
        try:
            return slot.run_one()
        finally:
            self._count(-1)
            self._news.wake()

    def _count(self, change: int) -> None:
        with self._counting:
            self._busy += change

    def _run(self, name: str, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=act, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _serve(self, bell: Bell, act: Callable[[], bool]) -> None:
        """As long as `act` says that there was something to do, and again when the bell rings."""
        while not self._stopping.is_set():
            heard = bell.rings
            if not self._safely(act):
                bell.wait(_LOOK_S, since=heard)

    def _again(self, act: Callable[[], None], pause_s: float) -> None:
        while not self._stopping.wait(pause_s):
            self._safely(act)

    def _safely(self, act: Callable[[], bool | None]) -> bool:
        try:
            return bool(act())
        except SetupError as error:
            log.warning("worker_waits", why=error.code)
        except Exception:
            log.exception("worker_failed")
        return False

    def _sweep(self, round_s: float) -> None:
        self._presence.show(self._busy)
        self._chores.sweep(round_s)
        if self._busy < self.slots and self._chores.is_work_due():
            self._waker.wake()


def _build_posting(settings: Settings, database: Database, owner: str) -> Posting:
    webhooks = Webhooks(database, ServiceSecret.load(settings))
    return Posting(database, webhooks, Webhook(webhook_policy(settings)), settings, owner)


def _build_attaching(settings: Settings, database: Database, owner: str, stopping: threading.Event) -> Attaching:
    return Attaching(
        TicketRows(database, owner, round(settings.lease_s * 1000)),
        build_destinations(settings),
        build_clip_store(settings),
        Shares(database, ServiceSecret.load(settings)),
        settings,
        stopping,
    )
