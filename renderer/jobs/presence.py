"""That a worker is there, and how busy: a row that is refreshed, for whoever looks after the service."""

import socket

from sqlalchemy import delete

from renderer import __version__
from renderer.database.engine import Database, now_ms
from renderer.database.tables import Worker


class Presence:
    def __init__(self, database: Database, worker_id: str, slots: int) -> None:
        self._database = database
        self._worker_id = worker_id
        self._slots = slots
        self._started_ms = now_ms()

    def show(self, busy: int) -> None:
        with self._database.write() as session:
            session.merge(
                Worker(
                    id=self._worker_id,
                    host=socket.gethostname()[:100],
                    slots=self._slots,
                    busy=busy,
                    started_ms=self._started_ms,
                    seen_ms=now_ms(),
                    version=__version__,
                )
            )

    def leave(self) -> None:
        with self._database.write() as session:
            session.execute(delete(Worker).where(Worker.id == self._worker_id))
