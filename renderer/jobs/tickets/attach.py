"""The worker's side of deliveries to ticket systems: takes what is due, makes it, and says what became of it."""

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from renderer.access.caller import Actor
from renderer.access.checks import LONGEST_TTL_MS
from renderer.access.shares import Shares
from renderer.attach import fit_in, parcel_of
from renderer.database.engine import now_ms
from renderer.deliver.deliver import NOTE, WATCH, abandon, deliver
from renderer.deliver.journal import LostDeliveryError, Steps
from renderer.deliver.model import Receipt
from renderer.deliver.outbox import Outbox
from renderer.deliver.parcel import Watch
from renderer.deliver.registry import Destinations
from renderer.deliver.schedule import pause_s
from renderer.deliver.withdraw import take_away
from renderer.errors import DestinationError, OperationError, RendererError, RequestError, SetupError
from renderer.jobs.model import Failure
from renderer.jobs.patience import patiently
from renderer.jobs.tickets.fetch import fetch
from renderer.jobs.tickets.rows import InHand, TicketRows
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore
from renderer.store.work import work_folder

_HOUR_MS: Final = 3600 * 1000
_MINUTE_MS: Final = 60 * 1000
_SERVICE: Final = Actor(name="service")
_UNEXPECTED: Final = OperationError(
    "delivery_broke", "the delivery broke off: this is a fault of renderer; its log says more"
)

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
            self._rows.settle(hand, status="queued", available_ms=self._now_ms())
        except RendererError as error:
            self._failed(hand, error)
        except Exception:
            # Whatever it is, it counts: what is tried without a count is tried for ever.
            log.exception("delivery_broke", delivery=hand.id)
            self._failed(hand, _UNEXPECTED)
        return True

    def _deliver(self, hand: InHand, folder: Path) -> None:
        system, ticket = self._destinations.resolve(hand.destination)
        manifest, files = fetch(hand, self._store, folder)
        parcel = parcel_of(
            manifest,
            files,
            files["summary"].read_text("utf-8") if "summary" in files else "",
            key=hand.key,
            is_public=bool(hand.options.get("public")),
            accepts=frozenset(hand.options.get("accepts", ())),
            watch=self._watch(hand),
        )
        steps = self._steps(hand)
        receipt = deliver(
            system,
            ticket,
            parcel,
            steps,
            fit_in(folder, self._settings),
            lambda _: self._go_on(hand, steps),
            name=hand.destination.partition(":")[0],
        )
        self._rows.settle_delivered(hand, receipt.told())
        log.info("delivered", delivery=hand.id, clip=hand.clip_id, system=system.name, way=receipt.way)

    def _steps(self, hand: InHand) -> Steps:
        return Steps(Outbox(self._rows.database, hand.id, self._rows.check(hand), self._now_ms, patiently))

    def _go_on(self, hand: InHand, steps: Steps) -> None:
        """Between two steps: whoever takes the delivery up goes on there. A note that may stand is seen through, to be taken away then."""
        if self._stopping.is_set():
            raise _StoppedError
        if not steps.was_begun(NOTE) and not self._rows.is_wanted(hand):
            raise DestinationError("clip_gone", "the clip was deleted while it was being delivered")

    def _withdraw(self, hand: InHand) -> None:
        system, _ = self._destinations.resolve(hand.destination)
        receipt = Receipt.read(hand.receipt or {})
        take_away(system, receipt)
        self._revoke(hand, receipt.share)
        self._rows.settle(hand, forget=True, status="withdrawn", finished_ms=self._now_ms(), error=None)

    def _watch(self, hand: InHand) -> Callable[[], Watch] | None:
        root = self._settings.public_url
        until_ms = hand.expires_ms or self._now_ms() + LONGEST_TTL_MS
        # A link needs an address that others can open, and somebody who has the time to.
        if root is None or until_ms - self._now_ms() < _HOUR_MS:
            return None

        def make() -> Watch:
            ttl_ms = min(until_ms - self._now_ms() - _MINUTE_MS, LONGEST_TTL_MS)
            link, token = self._shares.create(hand.tenant, hand.clip_id, by=_SERVICE, ttl_ms=ttl_ms)
            until = datetime.fromtimestamp(link.expires_ms / 1000, UTC)
            return Watch(f"{root.rstrip('/')}/s/{token}", f"until {until:%Y-%m-%d}", link.id)

        return make

    def _revoke(self, hand: InHand, share: str | None) -> None:
        if share is not None:
            with suppress(RequestError):  # it went with its clip
                self._shares.revoke(hand.tenant, share, by=_SERVICE)

    def _failed(self, hand: InHand, error: RendererError) -> None:
        now = self._now_ms()
        failures = hand.failures + 1
        after_s = error.retry_after_s if isinstance(error, DestinationError) else None
        # What is wrong on our side, a setting or the disk, is mended by somebody, and the delivery should not have ended meanwhile.
        may_pass = error.retryable or isinstance(error, OperationError)
        pause = pause_s(failures, self._chance(), after_s) if may_pass else None
        log.warning("delivery_failed", delivery=hand.id, code=error.code, again_in_s=pause)
        failure = Failure.of(error).told()
        if pause is not None:
            again_ms = now + round(pause * 1000)
            self._rows.settle(hand, status="queued", available_ms=again_ms, error=failure, failures=failures)
        elif hand.is_withdrawal:  # it is still where it was
            options = {name: value for name, value in hand.options.items() if name != "withdraw"}
            self._rows.settle(hand, status="succeeded", options=options, error=failure, failures=failures)
        else:
            self._give_up(hand)
            self._rows.settle(hand, status="failed", finished_ms=now, error=failure, failures=failures)

    def _give_up(self, hand: InHand) -> None:
        """What lies about goes away, as well as it can."""
        with suppress(RendererError, LostDeliveryError):
            steps = self._steps(hand)
            if (watch := steps.known(WATCH)) is not None and not steps.was_begun(NOTE):
                self._revoke(hand, watch.get("share"))
                steps.forget(WATCH)
            system, _ = self._destinations.resolve(hand.destination)
            abandon(system, steps)

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
