"""One slot of a worker: takes a clip, segments of one, or sessions to look into, and has it done in a process of its own."""

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import structlog

from renderer.database.engine import Database
from renderer.errors import SetupError
from renderer.jobs.claims import Claims
from renderer.jobs.helping import Helping
from renderer.jobs.making import Making
from renderer.jobs.model import Claim, ClaimLostError, Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.messages import Job, SurveyJob
from renderer.jobs.render.process import RenderProcess
from renderer.jobs.segments import Help, find_help_wanted
from renderer.jobs.survey.claims import Surveys
from renderer.jobs.survey.model import Survey
from renderer.jobs.surveying import Surveying
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
        surveys: Surveys,
        settings: Settings,
        stopping: threading.Event,
        call_hands: Callable[[], None],
    ) -> None:
        # Clips that this slot failed to help with: their makers can do without it.
        self._no_help: deque[str] = deque(maxlen=100)
        self._database = database
        self._claims = claims
        self._surveys = surveys
        self._surveys_next = False
        self._settings = settings
        self._stopping = stopping
        self._call_hands = call_hands
        self._events_of = UploadedEvents(database)

    def run_one(self) -> bool:
        """Whether there was something to do. Clips and sessions that are to be looked into take turns, as each brings the other about;
        a clip that nobody works on goes before one that others may be helped with.
        """
        self._surveys_next = not self._surveys_next
        acts = (self._survey_some, self._make_one) if self._surveys_next else (self._make_one, self._survey_some)
        return any(act() for act in acts) or self._help_one()

    def _make_one(self) -> bool:
        claim = self._claims.take()
        if claim is not None:
            self._logged(claim, "clip", lambda: self._make(claim))
        return claim is not None

    def _survey_some(self) -> bool:
        survey = self._surveys.take()
        if survey is None:
            return False
        told = log.bind(batch=survey.batch_id, sessions=len(survey.sessions), worker=survey.owner)
        self._timed(told, "survey", lambda: self._survey(survey))
        return True

    def _survey(self, survey: Survey) -> str:
        try:
            with RenderProcess(SurveyJob(survey=survey)) as process:
                surveying = Surveying(self._surveys, survey, process, self._call_hands)
                return watch(process, surveying, self._settings, self._stopping)
        except SetupError as error:
            patiently(lambda: self._surveys.give_back(survey))
            return error.code

    def _help_one(self) -> bool:
        wanted = find_help_wanted(self._database, self._claims.owner, without=self._no_help)
        if wanted is None:
            return False
        if self._logged(wanted.claim, "segments", lambda: self._help(wanted)) != "helped":
            self._no_help.append(wanted.claim.clip_id)
        return True

    def _make(self, claim: Claim) -> str:
        job = self._job(claim)
        if job is None:
            return self._fail(claim, RECORDING_GONE)
        with ExitStack() as stack:
            try:
                process = stack.enter_context(RenderProcess(job))
            except SetupError as error:
                return self._fail(claim, Failure.of(error))
            making = Making(self._claims, claim, process, self._call_hands)
            return watch(process, making, self._settings, self._stopping)

    def _help(self, wanted: Help) -> str:
        job = self._job(wanted.claim, plan_digest=wanted.plan_digest)
        if job is None:
            return "recording_not_found"
        with RenderProcess(job) as process:
            return watch(process, Helping(self._database, wanted, process), self._settings, self._stopping)

    def _fail(self, claim: Claim, failure: Failure) -> str:
        patiently(lambda: self._claims.fail(claim, failure))
        return failure.code

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
        return self._timed(told, kind, act)

    def _timed(self, told: Any, kind: str, act: Callable[[], str]) -> str:
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
