"""One slot of a worker: takes a clip, or segments of one, and has them made in a process of their own."""

import threading
import time
from collections.abc import Callable

import structlog

from renderer.database.engine import Database
from renderer.errors import SetupError
from renderer.jobs.claims import Claims
from renderer.jobs.helping import Helping
from renderer.jobs.making import Making
from renderer.jobs.model import Claim, ClaimLostError, Failure
from renderer.jobs.render.messages import Job
from renderer.jobs.render.process import RenderProcess
from renderer.jobs.segments import find_help_wanted
from renderer.jobs.uploaded import UploadedEvents
from renderer.jobs.watch import watch
from renderer.settings import Settings

RECORDING_GONE = Failure(
    "recording_not_found", "recording", "input", retryable=False, detail="the recording was deleted"
)

log = structlog.get_logger("renderer.worker")


class Slot:
    """`stopping`: when it is set, what is in hand goes back to the queue. `call_hands`: others may help."""

    def __init__(
        self,
        database: Database,
        claims: Claims,
        settings: Settings,
        stopping: threading.Event,
        call_hands: Callable[[], None],
    ) -> None:
        self._database = database
        self._claims = claims
        self._settings = settings
        self._stopping = stopping
        self._call_hands = call_hands
        self._events_of = UploadedEvents(database)

    def run_one(self) -> bool:
        """Whether there was something to do. A clip that nobody works on goes before one that others may be helped with."""
        claim = self._claims.take()
        if claim is not None:
            self._logged(claim, "clip", lambda: self._make(claim))
            return True
        wanted = find_help_wanted(self._database, self._claims.owner)
        if wanted is None:
            return False
        job = self._job(wanted.claim, plan_digest=wanted.plan_digest)
        if job is None:
            return False

        def help_out() -> str:
            with RenderProcess(job) as process:
                return watch(process, Helping(self._database, wanted, process), self._settings, self._stopping)

        return self._logged(wanted.claim, "segments", help_out) == "helped"

    def _make(self, claim: Claim) -> str:
        job = self._job(claim)
        if job is None:
            self._claims.fail(claim, RECORDING_GONE)
            return "failed"
        with RenderProcess(job) as process:
            making = Making(self._claims, claim, process, self._call_hands)
            return watch(process, making, self._settings, self._stopping)

    def _job(self, claim: Claim, plan_digest: str | None = None) -> Job | None:
        """None when the recording is not there any more."""
        try:
            events = self._events_of(claim)
        except LookupError:
            return None
        return Job(
            kind="clip" if plan_digest is None else "segments",
            clip_id=claim.clip_id,
            attempt=claim.attempt,
            owner=claim.owner,
            tenant=claim.tenant,
            request=dict(claim.request),
            events=events,
            plan_digest=plan_digest,
        )

    def _logged(self, claim: Claim, kind: str, act: Callable[[], str]) -> str:
        told = log.bind(clip=claim.clip_id, session=claim.session, attempt=claim.attempt, worker=claim.owner)
        told.info(f"{kind}_taken")
        began_s = time.monotonic()
        try:
            outcome = act()
        except ClaimLostError:
            outcome = "lost"
        except SetupError as error:  # the database is away: the lease ends, and whoever is there then takes the clip
            outcome = error.code
        told.info(f"{kind}_left", outcome=outcome, seconds=round(time.monotonic() - began_s, 2))
        return outcome
