"""Sessions that a process of this worker looks into: what it says becomes rows."""

from collections.abc import Callable
from typing import Final

import structlog

from renderer.jobs.model import ClaimLostError, Failure
from renderer.jobs.patience import patiently
from renderer.jobs.render.messages import Failed, Found, Looked, Made, Message, NotLooked
from renderer.jobs.render.process import RenderProcess
from renderer.jobs.survey.claims import Surveys
from renderer.jobs.survey.model import Survey

log: Final = structlog.get_logger("renderer.worker")


class Surveying:
    """`call_hands`: there are clips to be made, or sessions to be looked into, that others may take."""

    def __init__(
        self, surveys: Surveys, survey: Survey, process: RenderProcess, call_hands: Callable[[], None]
    ) -> None:
        self._surveys = surveys
        self._survey = survey
        self._process = process
        self._call_hands = call_hands
        self._left = [each.number for each in survey.sessions]

    def take(self, message: Message) -> str | None:
        match message:
            case Found():
                patiently(lambda: self._surveys.found(self._survey, message.sessions))
                self._call_hands()
            case Looked():
                self._left.remove(message.number)
                self._of_one(
                    lambda: self._surveys.looked(
                        self._survey, message.number, message.recording_id, message.clips, message.archived
                    )
                )
                if message.clips:
                    self._call_hands()
            case NotLooked():
                self._left.remove(message.number)
                self._of_one(lambda: self._surveys.not_looked(self._survey, message.number, message.failure))
            case Made():
                if self._survey.is_listing:
                    was_cut = bool(message.facts.get("was_cut"))
                    patiently(lambda: self._surveys.listed(self._survey, was_cut=was_cut))
                return "surveyed"
            case Failed():
                return self.fail(message.failure)
        return None

    def look(self, *, beats: bool) -> str | None:
        if beats:
            patiently(lambda: self._surveys.hold(self._survey))
        return None

    def give_back(self) -> str:
        self._process.end()
        patiently(lambda: self._surveys.give_back(self._survey))
        return "given_back"

    def fail(self, failure: Failure) -> str:
        """The session that was being looked into is to blame; those after it are for others."""
        self._process.end()
        log.warning(
            "survey_failed", batch=self._survey.batch_id, code=failure.code, last_words=self._process.last_words
        )
        if self._survey.is_listing:
            patiently(lambda: self._surveys.list_failed(self._survey, failure))
            return "failed"
        if self._left:
            number = self._left.pop(0)
            self._of_one(lambda: self._surveys.not_looked(self._survey, number, failure))
        patiently(lambda: self._surveys.give_back(self._survey))
        return "failed"

    def _of_one(self, act: Callable[[], None]) -> None:
        """A session that somebody else has by now is theirs; the others are still ours."""
        try:
            patiently(act)
        except ClaimLostError:
            log.info("session_lost", batch=self._survey.batch_id)
