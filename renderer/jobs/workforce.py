"""A worker process: slots that render, a hand that delivers, a broom that sweeps. Celery, or the API's own process, drives it."""

import os
import threading
import time
from collections.abc import Callable
from typing import Final

import structlog

from renderer.access.secret import ServiceSecret
from renderer.bootstrap import build_clip_store, build_forget_recording
from renderer.database.engine import Database
from renderer.database.ids import new_id
from renderer.database.upgrade import upgrade
from renderer.deliver.judge import webhook_policy
from renderer.deliver.webhook import Webhook
from renderer.errors import SetupError
from renderer.jobs.claims import Claims
from renderer.jobs.duties import Duties
from renderer.jobs.posting import Posting
from renderer.jobs.presence import Presence
from renderer.jobs.queue import DAY_MS
from renderer.jobs.sweeper import Sweeper
from renderer.jobs.wake import Bell, Waker
from renderer.jobs.webhooks import Webhooks
from renderer.jobs.work import Slot
from renderer.settings import Settings

_ROUND_S: Final = 5.0
# Old files are in nobody's way for a minute.
_EXPIRING_S: Final = 60.0
# A bell that was missed costs a second.
_LOOK_S: Final = 1.0

log = structlog.get_logger("renderer.worker")


class Workforce:
    """`start` begins to look after the service's rows and to send what is due; `work_off` renders, in the caller's thread."""

    def __init__(self, settings: Settings, database: Database, waker: Waker) -> None:
        """`waker`: how others are told that there is more to do than this thread can."""
        self.worker_id = new_id("wrk")
        self.slots = settings.workers or max(1, (os.cpu_count() or 1) // 2)
        self._settings = settings
        self._database = database
        self._waker = waker
        self._stopping = threading.Event()
        self._free = threading.BoundedSemaphore(self.slots)
        self._busy = 0
        self._counting = threading.Lock()
        self._store = build_clip_store(settings)
        self._claims = Claims(database, self.worker_id, round(settings.clip_days * DAY_MS))
        self._presence = Presence(database, self.worker_id, self.slots)
        self._duties = Duties(database, self.worker_id)
        self._sweeper = Sweeper(database, self._store, build_forget_recording(settings))
        self._posting = _build_posting(settings, database, self.worker_id)
        self._news = Bell()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """SetupError when the database or the store cannot be used."""
        upgrade(self._database)
        self._presence.show(0)
        self._run("sweeping", self._sweep)
        self._run("delivering", lambda: self._serve(self._news, self._deliver_off))
        log.info("worker_started", worker=self.worker_id, slots=self.slots)

    def start_slots(self, bell: Bell) -> None:
        """Threads of its own that work whenever there is something: what a broker's tasks do otherwise."""
        for number in range(self.slots):
            self._run(f"slot-{number}", lambda: self._serve(bell, self.work_off))

    def stop(self) -> None:
        """Gives back what is in hand, and returns when nothing of it runs any more."""
        self._stopping.set()
        self._waker.wake()
        self._news.wake()
        for thread in self._threads:
            thread.join()
        try:
            self._presence.leave()
        except SetupError:
            log.warning("worker_left_unseen", worker=self.worker_id)

    def work_off(self) -> int:
        """Renders until nothing is due or all slots are taken; says how many clips it took up."""
        done = 0
        self._news.wake()
        if not self._free.acquire(blocking=False):
            return done
        try:
            slot = Slot(self._database, self._claims, self._settings, self._stopping, self._waker.wake)
            while not self._stopping.is_set() and self._one(slot):
                done += 1
        finally:
            self._free.release()
        return done

    def _one(self, slot: Slot) -> bool:
        self._count(1)
        try:
            return slot.run_one()
        finally:
            self._count(-1)
            self._news.wake()

    def _deliver_off(self) -> int:
        done = 0
        while not self._stopping.is_set() and self._posting.send_one():
            done += 1
        return done

    def _count(self, change: int) -> None:
        with self._counting:
            self._busy += change

    def _run(self, name: str, act: Callable[[], None]) -> None:
        thread = threading.Thread(target=act, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _serve(self, bell: Bell, act: Callable[[], int]) -> None:
        while not self._stopping.is_set():
            try:
                act()
            except SetupError as error:
                log.warning("worker_waits", why=error.code)
            except Exception:
                log.exception("worker_failed")
            bell.wait(_LOOK_S)

    def _sweep(self) -> None:
        expire_s = 0.0
        while not self._stopping.wait(_ROUND_S):
            try:
                self._presence.show(self._busy)
                if self._duties.take("sweeping", round(3 * _ROUND_S * 1000)):
                    if recovered := self._sweeper.recover():
                        log.warning("work_recovered", count=recovered)
                    if time.monotonic() >= expire_s:
                        expire_s = time.monotonic() + _EXPIRING_S
                        self._sweeper.expire()
                        self._sweeper.purge()
                        self._sweeper.tidy()
                if self._busy < self.slots and self._sweeper.is_work_due():
                    self._waker.wake()
            except SetupError as error:
                log.warning("worker_waits", why=error.code)
            except Exception:
                log.exception("sweeping_failed")


def _build_posting(settings: Settings, database: Database, owner: str) -> Posting:
    webhooks = Webhooks(database, ServiceSecret.load(settings))
    return Posting(database, webhooks, Webhook(webhook_policy(settings)), settings, owner)
