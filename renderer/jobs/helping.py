"""Segments of somebody else's clip, filmed by a render process of this worker's."""

import structlog

from renderer.database.engine import Database
from renderer.jobs.model import Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.messages import Failed, Made, Message
from renderer.jobs.render.process import RenderProcess
from renderer.jobs.segments import Help, is_wanted

log = structlog.get_logger("renderer.worker")


class Helping:
    """Its process keeps the rows of its segments by itself, and their leases end when it is lost: here is nothing to write."""

    def __init__(self, database: Database, wanted: Help, process: RenderProcess) -> None:
        self._database = database
        self._wanted = wanted
        self._process = process

    def take(self, message: Message) -> str | None:
        if isinstance(message, Failed):
            return self.fail(message.failure)
        return "helped" if isinstance(message, Made) else None

    def look(self, *, beats: bool) -> str | None:
        return None if patiently(lambda: is_wanted(self._database, self._wanted.claim)) else self.give_back()

    def give_back(self) -> str:
        self._process.end()
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
        return "failed"
