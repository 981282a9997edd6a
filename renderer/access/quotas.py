"""How many clips a key may have under way, and ask for in 24 hours: counted from the rows, so no restart forgets any."""

import math
from collections.abc import Callable
from typing import Final

from sqlalchemy import BindParameter, bindparam, func, select
from sqlalchemy.orm import Session

from renderer.database.engine import now_ms
from renderer.database.locks import alone
from renderer.database.states import UNFINISHED
from renderer.database.tables import ApiKey, Clip, table_of
from renderer.errors import RequestError, TryLaterError
from renderer.settings import Settings

_DAY_MS: Final = 86_400_000
# Nobody knows when one of them ends.
_TRY_AGAIN_S: Final = 30

# Made once: to put them together takes longer than the database takes to answer them.
_KEY_ID: Final[BindParameter[str]] = bindparam("key_id")
_KEYS, _CLIPS = table_of(ApiKey).c, table_of(Clip).c
_RECENT: Final = (_CLIPS.key_id == _KEY_ID, _CLIPS.created_ms > bindparam("after_ms"))
_STANDING: Final = select(
    select(_KEYS.concurrent_clips).where(_KEYS.id == _KEY_ID).scalar_subquery(),
    select(_KEYS.clips_per_day).where(_KEYS.id == _KEY_ID).scalar_subquery(),
    select(func.count()).where(_CLIPS.key_id == _KEY_ID, _CLIPS.status.in_(UNFINISHED)).scalar_subquery(),
    select(func.count()).where(*_RECENT).scalar_subquery(),
)
_OLDEST: Final = select(_CLIPS.created_ms).where(*_RECENT).order_by(_CLIPS.created_ms)


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
        now = self._clock()
        asked = {"key_id": key_id, "after_ms": now - _DAY_MS}
        concurrent, per_day, unfinished, recent = session.execute(_STANDING, asked).one()
        _check_concurrent(unfinished, clips, concurrent or self._concurrent)
        too_many = _check_day(recent, clips, per_day or self._per_day)
        if too_many > 0:
            free_ms = session.scalars(_OLDEST.offset(too_many - 1).limit(1), asked).one() + _DAY_MS
            raise TryLaterError(
                "quota_day",
                f"{_day_rule(per_day or self._per_day)}: wait until the oldest of them are a day old",
                math.ceil((free_ms - now) / 1000),
            )


def _check_concurrent(unfinished: int, clips: int, most: int) -> None:
    code, rule = "quota_concurrent", f"this API key may have {most} unfinished clips at a time"
    _refuse_more(code, rule, clips, most)
    if unfinished + clips > most:
        raise TryLaterError(code, f"{rule}: wait until some end", _TRY_AGAIN_S)


def _check_day(recent: int, clips: int, most: int) -> int:
    """How many of the recent clips have to be a day old before there is room."""
    _refuse_more("quota_day", _day_rule(most), clips, most)
    return recent + clips - most


def _day_rule(most: int) -> str:
    return f"this API key may ask for {most} clips in 24 hours"


def _refuse_more(code: str, rule: str, clips: int, most: int) -> None:
    if clips > most:
        raise RequestError(code, f"{rule}: ask for fewer at once")
