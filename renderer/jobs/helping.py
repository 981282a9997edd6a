"""Segments of somebody else's clip, filmed by a render process of this worker's."""

import structlog

from renderer.database.engine import Database
from renderer.jobs.model import Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.messages import Failed, Made, Message
from renderer.jobs.render.process import RenderProcess
from renderer.jobs.segments import Help, Segments, hand_of, is_wanted

log = structlog.get_logger("renderer.worker")


class Helping:
    """Its process keeps the rows of its segments by itself; once it has ended, what it had in hand is for others at once."""

    def __init__(self, database: Database, wanted: Help, process: RenderProcess) -> None:
        self._database = database
        self._wanted = wanted
        self._process = process
        claim = wanted.claim
        self._segments = Segments(database, claim.clip_id, claim.attempt, hand_of(claim.owner, process.pid))

    def take(self, message: Message) -> str | None:
        if isinstance(message, Failed):
            return self.fail(message.failure)
        return "helped" if isinstance(message, Made) else None

    def look(self, *, beats: bool) -> str | None:
        return None if patiently(lambda: is_wanted(self._database, self._wanted.claim)) else self.give_back()

    def give_back(self) -> str:
        self._process.end()
        patiently(self._segments.give_back)
        return "given_back"

    def fail(self, failure: Failure) -> str:
        self._process.end()
        log.warning(
            "help_failed",
            clip=self._wanted.claim.clip_id,
            code=failure.code,
            detail=failure.detail,
            last_words=self._process.last_words,
        )
        patiently(lambda: self._segments.drop(failure))
        return "failed"
