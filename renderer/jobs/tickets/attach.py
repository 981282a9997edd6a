"""The worker's side of deliveries to ticket systems: takes what is due, makes it, and says what became of it."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import structlog

from renderer.access.caller import Actor
from renderer.access.shares import Shares
from renderer.attach import fit_in, parcel_of
from renderer.database.engine import now_ms
from renderer.deliver.deliver import deliver
from renderer.deliver.journal import LostDeliveryError, Steps
from renderer.deliver.model import Receipt
from renderer.deliver.outbox import Outbox
from renderer.deliver.parcel import Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.schedule import pause_s
from renderer.deliver.withdraw import take_away
from renderer.errors import DestinationError, RendererError, SetupError
from renderer.jobs.model import Failure
from renderer.jobs.tickets.fetch import fetch
from renderer.jobs.tickets.rows import InHand, TicketRows
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore
from renderer.store.work import work_folder

_DAY_MS: Final = 24 * 3600 * 1000
_SERVICE: Final = Actor(name="service")

log = structlog.get_logger("renderer.worker")


class _StoppedError(Exception):
    """The worker is to stop."""


class Attaching:
    """`stopping`: set when no more is to be begun. `chance`: see `renderer.deliver.schedule`."""

    def __init__(
        self,
        rows: TicketRows,
        destinations: Destinations,
        store: ClipStore,
        shares: Shares,
        settings: Settings,
        stopping: threading.Event | None = None,
        clock: Callable[[], int] = now_ms,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._rows = rows
        self._destinations = destinations
        self._store = store
        self._shares = shares
        self._settings = settings
        self._stopping = stopping or threading.Event()
        self._now_ms = clock
        self._chance = chance

    def attach_one(self) -> bool:
        """Whether there was one due."""
        hand = self._rows.take()
        if not isinstance(hand, InHand):
            return hand
        try:
            with self._held(hand), work_folder(self._settings) as folder:
                if hand.is_withdrawal:
                    self._withdraw(hand)
                else:
                    self._deliver(hand, folder)
        except LostDeliveryError:
            log.warning("delivery_lost", delivery=hand.id)
        except _StoppedError:
            self._rows.settle(hand, status="queued", available_ms=self._now_ms(), attempt=hand.attempt - 1)
        except RendererError as error:
            self._failed(hand, error)
        return True

    def _deliver(self, hand: InHand, folder: Path) -> None:
        system, ticket = self._destinations.resolve(hand.destination)
        manifest, files = fetch(hand, self._store, folder)
        parcel = parcel_of(
            manifest,
            files,
            files["summary"].read_text("utf-8") if "summary" in files else "",
            key=hand.id,
            is_public=bool(hand.options.get("public")),
            accepts=frozenset(hand.options.get("accepts", ())),
            watch=self._watch(hand),
        )
        outbox = Outbox(self._rows.database, hand.id, self._rows.check(hand), self._now_ms)
        receipt = deliver(system, ticket, parcel, Steps(outbox), fit_in(folder, self._settings), self._go_on)
        self._rows.settle(
            hand, forget=True, status="succeeded", finished_ms=self._now_ms(), receipt=receipt.told(), error=None
        )
        if replaced := hand.options.get("replaces"):
            self._rows.withdraw(str(replaced), hand)
        log.info("delivered", delivery=hand.id, clip=hand.clip_id, system=system.name, way=receipt.way)

    def _go_on(self, words: str) -> None:
        """Between two steps: whoever takes the delivery up goes on there."""
        if self._stopping.is_set():
            raise _StoppedError

    def _withdraw(self, hand: InHand) -> None:
        system, _ = self._destinations.resolve(hand.destination)
        take_away(system, Receipt.read(hand.receipt or {}))
        self._rows.settle(hand, forget=True, status="withdrawn", finished_ms=self._now_ms(), error=None)

    def _watch(self, hand: InHand) -> Callable[[], Watch] | None:
        root = self._settings.public_url
        if root is None:  # a link needs an address that others can open
            return None

        def make() -> Watch:
            days = max(1, round(self._settings.clip_days))
            _, token = self._shares.create(hand.tenant, hand.clip_id, by=_SERVICE, ttl_ms=days * _DAY_MS)
            return Watch(f"{root.rstrip('/')}/s/{token}", f"for {days} days")

        return make

    def _failed(self, hand: InHand, error: RendererError) -> None:
        now = self._now_ms()
        after_s = error.retry_after_s if isinstance(error, DestinationError) else None
        pause = pause_s(hand.attempt, self._chance(), after_s) if error.retryable else None
        log.warning("delivery_failed", delivery=hand.id, code=error.code, again_in_s=pause)
        failure = Failure.of(error).told()
        if pause is not None:
            self._rows.settle(hand, status="queued", available_ms=now + round(pause * 1000), error=failure)
        elif hand.is_withdrawal:  # it is still where it was
            options = {name: value for name, value in hand.options.items() if name != "withdraw"}
            self._rows.settle(hand, status="succeeded", options=options, error=failure)
        else:
            self._rows.settle(hand, status="failed", finished_ms=now, error=failure)

    @contextmanager
    def _held(self, hand: InHand) -> Iterator[None]:
        """From a thread of its own: an upload may take longer than a lease."""
        over = threading.Event()

        def beat() -> None:
            while not over.wait(self._rows.lease_ms / 1000 / 6):
                try:
                    self._rows.hold(hand)
                except LostDeliveryError:
                    return
                except SetupError:  # the database is away: that costs a beat
                    continue

        thread = threading.Thread(target=beat, name="holding", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
