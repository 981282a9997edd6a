"""How often a key may ask, counted by a real Redis for all processes, and what happens while it is away."""

import logging
import threading
import time

import pytest
from pydantic import SecretStr
from redis import Redis

from renderer.access.rates import RateLimits
from renderer.settings import Settings
from tests.services.redis import RedisServer
from tests.unit.access.fixtures import Clock
from tests.unit.access.test_rates import caller, wait_s


@pytest.fixture(autouse=True)
def _library_clock(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    for storage in ("memory", "redis"):
        monkeypatch.setattr(f"limits.storage.{storage}.time", clock)


def _process(url: str, clock: Clock, per_minute: int = 4) -> RateLimits:
    return RateLimits(Settings(requests_per_minute=per_minute, broker_url=SecretStr(url)), clock)


def test_processes_count_together(redis_url: str, clock: Clock) -> None:
    one, two = _process(redis_url, clock), _process(redis_url, clock)
    assert [wait_s(each, caller()) for each in (one, two, one, two)] == [None] * 4
    clock.pass_ms(15_000)
    assert [wait_s(each, caller()) for each in (one, two)] == [45, 45]
    assert wait_s(two, caller("another00000")) is None
    clock.pass_ms(45_001)
    assert [wait_s(each, caller()) for each in (one, two, one, two, one)] == [None] * 4 + [60]
    assert one.is_shared()


def test_boundaries_are_those_of_counting_in_memory(redis_url: str, clock: Clock) -> None:
    rates = _process(redis_url, clock)
    for _ in range(4):
        assert wait_s(rates, caller()) is None
        clock.pass_ms(10_000)
    assert wait_s(rates, caller()) == 20
    clock.pass_ms(19_999)
    assert wait_s(rates, caller()) == 1
    clock.pass_ms(2)
    assert wait_s(rates, caller()) is None
    assert wait_s(rates, caller()) == 10


def test_many_at_once_do_not_get_more(redis_url: str, clock: Clock) -> None:
    got: list[int | None] = []
    processes = [_process(redis_url, clock, per_minute=25) for _ in range(4)]

    def ask(rates: RateLimits) -> None:
        for _ in range(15):
            got.append(wait_s(rates, caller()))

    threads = [threading.Thread(target=ask, args=(each,)) for each in processes for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(None) == 25


def test_of_a_caller_redis_holds_its_id_for_a_minute_at_the_most(redis_url: str, clock: Clock) -> None:
    assert wait_s(_process(redis_url, clock), caller()) is None
    with Redis.from_url(redis_url, decode_responses=True) as client:
        names = client.keys()
        assert names == ["renderer:rates:LIMITER/0123456789ab/4/1/minute"]
        assert 0 < client.ttl(names[0]) <= 60


def test_while_redis_is_away_each_process_counts_and_it_is_told_once(
    redis_server: RedisServer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    one, two = _process(redis_server.url, clock), _process(redis_server.url, clock)
    assert wait_s(one, caller()) is None
    redis_server.kill()
    with caplog.at_level(logging.INFO):
        assert [wait_s(one, caller()) for _ in range(5)] == [None] * 4 + [60]
        assert [wait_s(two, caller()) for _ in range(5)] == [None] * 4 + [60]
        clock.pass_ms(10_000)
        assert wait_s(one, caller()) == 50
        assert not one.is_shared()
    told = [record.getMessage() for record in caplog.records]
    assert told == ["Redis is away (ConnectionError): request rates are counted by each process for itself"] * 2
    redis_server.start()
    caplog.clear()
    assert wait_s(one, caller()) == 50  # it is asked again 10 s after it was found away
    clock.pass_ms(10_000)
    assert [wait_s(one, caller()) for _ in range(2)] == [None, None]
    assert one.is_shared()
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is back: request rates are counted together again"
    ]


def test_a_redis_that_does_not_answer_costs_half_a_second_once(redis_server: RedisServer, clock: Clock) -> None:
    rates = _process(redis_server.url, clock)
    assert wait_s(rates, caller()) is None
    with Redis.from_url(redis_server.url) as client:
        client.client_pause(20_000)
    started = time.monotonic()
    assert wait_s(rates, caller()) is None
    first = time.monotonic()
    assert wait_s(rates, caller()) is None
    assert 0.4 < first - started < 3
    assert time.monotonic() - first < 0.3
    redis_server.kill()


def test_a_password_is_in_no_message(redis_server: RedisServer, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with Redis.from_url(redis_server.url) as client:
        client.config_set("requirepass", "the right one")
    wrong = redis_server.url.replace("redis://", "redis://:canary@")
    assert wait_s(_process(wrong, clock), caller()) is None
    redis_server.kill()
    assert "AuthenticationError" in caplog.text
    assert "canary" not in caplog.text
