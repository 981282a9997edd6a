"""What has to be done by somebody, whether or not there is a clip to make: rows that are looked after, files that go."""

import time
from collections.abc import Callable
from typing import Final

import structlog

from renderer.bootstrap import build_shared_recordings
from renderer.database.engine import Database
from renderer.errors import RendererError
from renderer.jobs.duties import Duties
from renderer.jobs.recordings import Recordings
from renderer.jobs.schedules import Schedules
from renderer.jobs.sweeper import Sweeper
from renderer.settings import Settings
from renderer.store.clips.model import ClipStore

CLEANING_S: Final = 60.0
"""Old files are in nobody's way for a minute."""
_STRAYS_S: Final = 3600.0
_DUTY_ROUNDS: Final = 3

log = structlog.get_logger("renderer.worker")


class Chores:
    """One worker at a time does each; whoever is lost is followed by another one within three rounds."""

    def __init__(self, settings: Settings, database: Database, store: ClipStore, worker_id: str) -> None:
        self._sweeper = Sweeper(database, store)
        self._recordings = Recordings(database, build_shared_recordings(settings), settings)
        self._schedules = Schedules(database)
        self._duties = Duties(database, worker_id)
        self._strays_s = time.monotonic() + _STRAYS_S

    def sweep(self, round_s: float) -> None:
        """Rows alone, so that it takes no time: what lost workers had is for others, and batches are made that are due."""
        if self._duties.take("sweeping", round(_DUTY_ROUNDS * round_s * 1000)) and (count := self._sweeper.recover()):
            log.warning("work_recovered", count=count)
        if self._duties.take("scheduling", round(_DUTY_ROUNDS * round_s * 1000)) and (
            made := self._schedules.run_due()
        ):
            log.info("batches_scheduled", count=made)

    def is_work_due(self) -> bool:
        return self._sweeper.is_work_due()

    def clean(self) -> None:
        """What served its time goes, from the database and from the store, which may be slow or away."""
        if not self._duties.take("cleaning", round(_DUTY_ROUNDS * CLEANING_S * 1000)):
            return
        acts: list[Callable[[], int]] = [
            self._sweeper.expire,
            self._sweeper.purge,
            self._sweeper.tidy,
            self._recordings.expire,
            self._schedules.tidy,
        ]
        if time.monotonic() >= self._strays_s:
            self._strays_s = time.monotonic() + _STRAYS_S
            acts.append(self._recordings.sweep)
        for act in acts:
            try:
                act()
            except RendererError as error:  # the others may still be possible
                log.warning("cleaning_waits", why=error.code)
