"""How many clips a key may ask for, counted in a real database. `tests/integration/access` runs the same on PostgreSQL."""

import threading

import pytest
from sqlalchemy import update

from renderer.access.caller import KeyLimits
from renderer.access.keys import Keys
from renderer.access.quotas import Quotas
from renderer.database.engine import Database
from renderer.database.states import CLIP_STATUSES, ENDED, UNFINISHED
from renderer.database.tables import Clip
from renderer.errors import RequestError, TryLaterError
from renderer.settings import Settings
from tests.unit.access.fixtures import DAY_MS, DESK, Clock, add_clip

KEY = "0123456789ab"


def _check(quotas: Quotas, database: Database, clips: int = 1, key_id: str = KEY) -> tuple[str, int | None] | None:
    """The code and when to come back, or None when it may."""
    try:
        with database.write() as session:
            quotas.check(session, key_id, clips)
    except RequestError as error:
        assert error.retryable == isinstance(error, TryLaterError)
        return error.code, error.retry_after_s if isinstance(error, TryLaterError) else None
    return None


def test_unfinished_clips_count_up_to_the_limit(quotas: Quotas, database: Database, clock: Clock) -> None:
    for _ in range(3):
        assert _check(quotas, database) is None
        clip_id = add_clip(database, clock(), key_id=KEY)
    assert _check(quotas, database) == ("quota_concurrent", 30)
    assert _check(quotas, database, key_id="another00000") is None
    with database.write() as session:
        session.execute(update(Clip).where(Clip.id == clip_id).values(status="succeeded"))
    assert _check(quotas, database) is None
    assert _check(quotas, database, 2) == ("quota_concurrent", 30)


@pytest.mark.parametrize("status", CLIP_STATUSES)
def test_which_clips_are_unfinished(quotas: Quotas, database: Database, clock: Clock, status: str) -> None:
    for _ in range(3):
        add_clip(database, clock(), key_id=KEY, status=status)
    assert (status in UNFINISHED) != (status in ENDED)
    assert _check(quotas, database) == (None if status in ENDED else ("quota_concurrent", 30))


def test_clips_of_the_last_24_hours_count_also_ended_and_deleted_ones(
    quotas: Quotas, database: Database, clock: Clock
) -> None:
    for number in range(5):
        assert _check(quotas, database) is None
        add_clip(database, clock(), key_id=KEY, status=ENDED[number % 4], deleted_ms=clock() if number else None)
        clock.pass_ms(1000)
    assert _check(quotas, database) == ("quota_day", 86_400 - 5)
    clock.pass_ms(DAY_MS - 5000 - 1)
    assert _check(quotas, database) == ("quota_day", 1)
    clock.pass_ms(1)
    assert _check(quotas, database) is None
    assert _check(quotas, database, 2) == ("quota_day", 1)
    assert _check(quotas, database, 3) == ("quota_day", 2)
    clock.pass_ms(1000)
    assert _check(quotas, database, 2) is None


def test_more_than_the_limit_at_once_is_not_worth_waiting_for(quotas: Quotas, database: Database) -> None:
    assert _check(quotas, database, 3) is None
    assert _check(quotas, database, 4) == ("quota_concurrent", None)


def test_more_than_a_day_s_at_once_neither(database: Database, clock: Clock) -> None:
    assert _check(Quotas(Settings(clips_per_day=5), clock), database, 5) is None
    assert _check(Quotas(Settings(clips_per_day=5), clock), database, 6) == ("quota_day", None)


def test_a_key_s_own_limits_go_before_the_service_s(
    quotas: Quotas, database: Database, keys: Keys, clock: Clock
) -> None:
    few = keys.create("few", ["admin"], by=DESK, limits=KeyLimits(concurrent_clips=1, clips_per_day=2)).facts.id
    many = keys.create("many", ["admin"], by=DESK, limits=KeyLimits(concurrent_clips=50, clips_per_day=60)).facts.id
    assert _check(quotas, database, 2, few) == ("quota_concurrent", None)
    assert _check(quotas, database, 50, many) is None
    assert _check(quotas, database, 51, many) == ("quota_concurrent", None)
    for _ in range(2):
        add_clip(database, clock(), key_id=few, status="succeeded")
    assert _check(quotas, database, 1, few) == ("quota_day", 86_400)


def test_who_asks_at_the_same_time_does_not_get_more_together(quotas: Quotas, database: Database, clock: Clock) -> None:
    said: list[str] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        try:
            with database.write() as session:
                quotas.check(session, KEY)
                session.add(
                    Clip(
                        id=f"clip_{threading.get_ident()}",
                        tenant="acme",
                        key_id=KEY,
                        status="queued",
                        recording="recording:1",
                        request={},
                        request_key="",
                        created_ms=clock(),
                        available_ms=clock(),
                    )
                )
            said.append("ok")
        except TryLaterError as error:
            said.append(error.code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["ok"] * 3 + ["quota_concurrent"] * 5
