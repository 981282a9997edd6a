"""One slot of a worker: takes a clip, has it rendered in a process of its own, and says what became of it."""

import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeVar

import structlog

from renderer.database.states import ClipStatus
from renderer.errors import SetupError
from renderer.jobs.claims import LEASE_MS, Claims
from renderer.jobs.model import Claim, ClaimLostError, Failure
from renderer.jobs.render.messages import Job, Made, Message, Planned, Told
from renderer.jobs.render.process import RenderProcess
from renderer.settings import Settings

_STATUS_OF: Final[dict[str, ClipStatus]] = {
    "reading": "fetching",
    "fetching": "fetching",
    "filming": "rendering",
    "encoding": "encoding",
    "publishing": "publishing",
}
_HEARTBEAT_S: Final = LEASE_MS / 1000 / 6
# A cancellation takes 2 s at the most, of which 1 s belongs to the process.
_LOOK_S: Final = 0.4
_MEMORY_S: Final = 2.0
# A database that restarts is waited for, as long as the lease can be ours.
_PATIENCE_S: Final = LEASE_MS / 1000
_NEWS_S: Final = 0.5

_Answer = TypeVar("_Answer")
log = structlog.get_logger("renderer.worker")


class Slot:
    """`stopping`: when it is set, the clip in hand goes back to the queue."""

    def __init__(self, claims: Claims, settings: Settings, stopping: threading.Event, clips: "Lookup") -> None:
        self._claims = claims
        self._settings = settings
        self._stopping = stopping
        self._lookup = clips

    def run_one(self) -> bool:
        """Whether there was a clip to work on."""
        claim = self._claims.take()
        if claim is None:
            return False
        told = log.bind(clip=claim.clip_id, session=claim.session, attempt=claim.attempt)
        told.info("clip_taken", recording=claim.recording.partition(":")[0])
        began_s = time.monotonic()
        try:
            outcome = self._render(claim)
        except ClaimLostError:
            outcome = "lost"
        except SetupError as error:  # the database is away: the lease ends, and whoever is there then takes the clip
            outcome = error.code
        told.info("clip_left", outcome=outcome, seconds=round(time.monotonic() - began_s, 2))
        return True

    def _render(self, claim: Claim) -> str:
        try:
            job = Job(
                kind="clip",
                clip_id=claim.clip_id,
                attempt=claim.attempt,
                owner=claim.owner,
                tenant=claim.tenant,
                request=dict(claim.request),
                events=self._lookup(claim),
            )
        except LookupError:
            gone = Failure(
                "recording_not_found", "recording", "input", retryable=False, detail="the recording was deleted"
            )
            self._claims.fail(claim, gone)
            return "failed"
        with RenderProcess(job) as process:
            return _Watch(self._claims, claim, process, self._settings, self._stopping).until_the_end()


Lookup = Callable[[Claim], str | None]
"""Of a claim, the events file that was uploaded with its recording. LookupError when the tenant has no such recording."""


class _Watch:
    """A render process under watch: heartbeats, cancellation, limits, messages."""

    def __init__(
        self, claims: Claims, claim: Claim, process: RenderProcess, settings: Settings, stopping: threading.Event
    ) -> None:
        self._claims = claims
        self._claim = claim
        self._process = process
        self._settings = settings
        self._stopping = stopping
        self._began_s = time.monotonic()
        self._filming_s: float | None = None
        self._told_s = 0.0
        self._render_id = ""
        self._told: Told | None = None

    def until_the_end(self) -> str:
        beat_s = look_s = memory_s = self._began_s
        while True:
            try:
                message = self._process.hear(0.1)
            except EOFError:
                return self._fail(_died(self._process))
            ended = self._take(message) if message is not None else None
            now_s = time.monotonic()
            if ended is None and now_s >= look_s:
                look_s = now_s + _LOOK_S
                beats = now_s >= beat_s
                beat_s = now_s + _HEARTBEAT_S if beats else beat_s
                ended = self._look(beats=beats)
            if ended is None and now_s >= memory_s:
                memory_s = now_s + _MEMORY_S
                ended = self._limits(now_s)
            if ended is not None:
                return ended

    def _look(self, *, beats: bool) -> str | None:
        if self._stopping.is_set():
            _patiently(lambda: self._claims.give_back(self._claim))
            return "given_back"
        standing = _patiently(lambda: self._claims.hold(self._claim) if beats else self._claims.standing(self._claim))
        if standing == "canceled":
            # The process first: once the clip is called canceled nothing of it goes on.
            self._process.end()
            _patiently(lambda: self._claims.canceled(self._claim))
            return "canceled"
        return None

    def _limits(self, now_s: float) -> str | None:
        if now_s - self._began_s > self._settings.clip_timeout_s:
            return self._fail(
                _of_ours(
                    "render_timeout",
                    f"the render took longer than {self._settings.clip_timeout_s:g} s: ask for a shorter range,"
                    " or raise RENDERER_CLIP_TIMEOUT_S",
                )
            )
        if self._process.memory_bytes() > self._settings.clip_memory_bytes:
            return self._fail(
                _of_ours(
                    "render_memory",
                    f"the render needed more than {self._settings.clip_memory_bytes / 1024**3:g} GiB of memory: ask for"
                    " a shorter range or a smaller size, or raise RENDERER_CLIP_MEMORY_BYTES",
                )
            )
        return None

    def _take(self, message: Message) -> str | None:
        if isinstance(message, Told):
            self._tell(message)
            return None
        if isinstance(message, Planned):
            planned = message
            answer = _patiently(lambda: self._claims.planned(self._claim, planned.key, planned.session))
            if answer in {"adopted", "parked"}:
                return answer
            self._render_id = answer
            self._process.go(answer)
            return None
        if isinstance(message, Made):
            made = message
            _patiently(lambda: self._claims.succeed(self._claim, self._render_id, made.files, made.facts))
            return "succeeded"
        return self._fail(message.failure)

    def _fail(self, failure: Failure) -> str:
        log.warning(
            "clip_failed",
            clip=self._claim.clip_id,
            code=failure.code,
            stage=failure.stage,
            last_words=self._process.last_words if self._settings.debug else None,
        )
        self._process.end()
        _patiently(lambda: self._claims.fail(self._claim, failure))
        return "failed"

    def _tell(self, told: Told) -> None:
        now_s = time.monotonic()
        status = _STATUS_OF[told.stage]
        turned = self._told is None or _STATUS_OF[self._told.stage] != status
        self._told = told
        if not turned and now_s - self._told_s < _NEWS_S:
            return
        self._told_s = now_s
        if status == "rendering" and self._filming_s is None:
            self._filming_s = now_s
        _patiently(lambda: self._claims.tell(self._claim, status, self._progress(told, status, now_s)))

    def _progress(self, told: Told, status: str, now_s: float) -> dict[str, Any]:
        progress: dict[str, Any] = {"stage": status, "percent": round(told.done * 100, 1)}
        if told.message:
            progress["message"] = told.message[:200]
        if told.frames:
            progress["frames_done"], progress["frames_total"] = told.frames
        elapsed_s = now_s - self._began_s
        if told.done > 0.08:
            progress["eta_s"] = round(elapsed_s * (1 - told.done) / told.done, 1)
        return progress


def _died(process: RenderProcess) -> Failure:
    return _of_ours(
        "render_died", "the render's process ended without a word, as one does that the system ends for lack of memory"
    )


def _of_ours(code: str, detail: str) -> Failure:
    return Failure(code, "render", "ours", retryable=False, detail=detail)


def _patiently(act: Callable[[], _Answer]) -> _Answer:
    """As often as it takes for a database that restarts; after the lease's time the clip is no longer ours."""
    until_s = time.monotonic() + _PATIENCE_S
    while True:
        try:
            return act()
        except SetupError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.5)
