"""How many clips a key may have under way, and ask for in 24 hours: counted from the rows, so no restart forgets any."""

import math
from collections.abc import Callable
from typing import Final

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from renderer.database.engine import now_ms
from renderer.database.locks import alone
from renderer.database.states import UNFINISHED
from renderer.database.tables import ApiKey, Clip
from renderer.errors import RequestError, TryLaterError
from renderer.settings import Settings

_DAY_MS: Final = 86_400_000
# Nobody knows when one of them ends.
_TRY_AGAIN_S: Final = 30

# Made once: to put them together takes longer than the database takes to answer them.
_UNFINISHED: Final = select(func.count()).where(Clip.key_id == bindparam("key_id"), Clip.status.in_(UNFINISHED))
_RECENT: Final = (Clip.key_id == bindparam("key_id"), Clip.created_ms > bindparam("after_ms"))
_COUNT_RECENT: Final = select(func.count()).where(*_RECENT)


class Quotas:
    def __init__(self, settings: Settings, clock: Callable[[], int] = now_ms) -> None:
        self._concurrent = settings.concurrent_clips
        self._per_day = settings.clips_per_day
        self._clock = clock

    def check(self, session: Session, key_id: str, clips: int = 1) -> None:
        """Whether the key may ask for so many more; inside the `Database.write()` that adds them, before it does: transactions of
        one key wait for each other, so that together they do not ask for more. Raises quota_concurrent, quota_day: TryLaterError, or
        RequestError where waiting does not help because the limit itself is lower.
        """
        alone(session, f"quota {key_id}")
        key = session.get(ApiKey, key_id)
        concurrent = (key and key.concurrent_clips) or self._concurrent
        per_day = (key and key.clips_per_day) or self._per_day
        self._check_concurrent(session, key_id, clips, concurrent)
        self._check_day(session, key_id, clips, per_day)

    def _check_concurrent(self, session: Session, key_id: str, clips: int, most: int) -> None:
        code, rule = "quota_concurrent", f"this API key may have {most} unfinished clips at a time"
        _refuse_more(code, rule, clips, most)
        if (session.scalar(_UNFINISHED, {"key_id": key_id}) or 0) + clips > most:
            raise TryLaterError(code, f"{rule}: wait until some end", _TRY_AGAIN_S)

    def _check_day(self, session: Session, key_id: str, clips: int, most: int) -> None:
        code, rule = "quota_day", f"this API key may ask for {most} clips in 24 hours"
        _refuse_more(code, rule, clips, most)
        now = self._clock()
        recent = {"key_id": key_id, "after_ms": now - _DAY_MS}
        too_many = (session.scalar(_COUNT_RECENT, recent) or 0) + clips - most
        if too_many <= 0:
            return
        oldest = select(Clip.created_ms).where(*_RECENT).order_by(Clip.created_ms).offset(too_many - 1).limit(1)
        free_ms = session.scalars(oldest, recent).one() + _DAY_MS
        raise TryLaterError(
            code, f"{rule}: wait until the oldest of them are a day old", math.ceil((free_ms - now) / 1000)
        )


def _refuse_more(code: str, rule: str, clips: int, most: int) -> None:
    if clips > most:
        raise RequestError(code, f"{rule}: ask for fewer at once")
