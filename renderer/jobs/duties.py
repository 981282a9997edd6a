"""What one process at a time does for all of them."""

from collections.abc import Callable

from sqlalchemy.exc import IntegrityError

from renderer.database.engine import Database, now_ms
from renderer.database.tables import Duty


class Duties:
    def __init__(self, database: Database, owner: str, clock: Callable[[], int] = now_ms) -> None:
        self._database = database
        self._owner = owner
        self._now_ms = clock

    def take(self, name: str, for_ms: int) -> bool:
        """Whether it is this owner's now, for so long; who has it may take it again."""
        try:
            return self._take(name, for_ms)
        except IntegrityError:  # two came for what nobody had had before: one of them was first
            return False

    def _take(self, name: str, for_ms: int) -> bool:
        now = self._now_ms()
        with self._database.write() as session:
            duty = session.get(Duty, name, with_for_update=True)
            if duty is None:
                duty = Duty(name=name, until_ms=0)
                session.add(duty)
                session.flush()
            if duty.owner != self._owner and duty.until_ms > now:
                return False
            duty.owner, duty.until_ms = self._owner, now + for_ms
            return True
