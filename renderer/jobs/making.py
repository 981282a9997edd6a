"""A clip that a render process makes: what it says becomes rows."""

import time
from collections.abc import Callable
from typing import Any, Final

import structlog

from renderer.database.states import ClipStatus
from renderer.jobs.claims import Claims
from renderer.jobs.model import Claim, Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.messages import Failed, Made, Message, Offered, Planned, Told
from renderer.jobs.render.process import RenderProcess

_STATUS_OF: Final[dict[str, ClipStatus]] = {
    "reading": "fetching",
    "fetching": "fetching",
    "filming": "rendering",
    "encoding": "encoding",
    "publishing": "publishing",
}
# A row and an event each time: more often than this nobody looks.
_NEWS_S: Final = 0.5
# Before that the rest cannot be told from the start.
_TELLING_SHARE: Final = 0.08

log = structlog.get_logger("renderer.worker")


class Making:
    """`call_hands`: others may help with the clip from now on."""

    def __init__(self, claims: Claims, claim: Claim, process: RenderProcess, call_hands: Callable[[], None]) -> None:
        self._claims = claims
        self._claim = claim
        self._process = process
        self._call_hands = call_hands
        self._began_s = time.monotonic()
        self._told_s = 0.0
        self._status: ClipStatus | None = None
        self._render_id = ""

    def take(self, message: Message) -> str | None:
        match message:
            case Told():
                self._tell(message)
            case Planned():
                answer = patiently(lambda: self._claims.planned(self._claim, message.key, message.session))
                if answer in {"adopted", "parked", "canceled"}:
                    return answer
                self._render_id = answer
                self._process.go(answer)
            case Offered():
                self._call_hands()
            case Made():
                patiently(lambda: self._claims.succeed(self._claim, self._render_id, message.files, message.facts))
                return "succeeded"
            case Failed():
                return self.fail(message.failure)
        return None

    def look(self, *, beats: bool) -> str | None:
        standing = patiently(lambda: self._claims.hold(self._claim) if beats else self._claims.standing(self._claim))
        if standing == "held":
            return None
        # The process first: once the clip is called canceled, nothing of it goes on.
        self._process.end()
        patiently(lambda: self._claims.canceled(self._claim))
        return "canceled"

    def give_back(self) -> str:
        self._process.end()
        patiently(lambda: self._claims.give_back(self._claim))
        return "given_back"

    def fail(self, failure: Failure) -> str:
        self._process.end()
        log.warning(
            "render_failed",
            clip=self._claim.clip_id,
            code=failure.code,
            stage=failure.stage,
            last_words=self._process.last_words,
        )
        patiently(lambda: self._claims.fail(self._claim, failure))
        return "failed"

    def _tell(self, told: Told) -> None:
        now_s = time.monotonic()
        status = _STATUS_OF[told.stage]
        if status == self._status and now_s - self._told_s < _NEWS_S:
            return
        self._status, self._told_s = status, now_s
        progress: dict[str, Any] = {"stage": status, "percent": round(told.done * 100, 1)}
        if told.message:
            progress["message"] = told.message[:200]
        if told.frames:
            progress["frames_done"], progress["frames_total"] = told.frames
        if told.done > _TELLING_SHARE:
            progress["eta_s"] = round((now_s - self._began_s) * (1 - told.done) / told.done, 1)
        patiently(lambda: self._claims.tell(self._claim, status, progress))
