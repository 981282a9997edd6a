"""How often a key may ask, counted in memory; the clock that the library reads is the test's."""

import threading

import pytest
from pydantic import SecretStr

from renderer.access.caller import Caller, KeyLimits
from renderer.access.rates import RateLimits
from renderer.errors import SetupError, TryLaterError
from renderer.settings import Settings
from tests.unit.access.fixtures import Clock


def caller(key_id: str = "0123456789ab", per_minute: int | None = None) -> Caller:
    limits = KeyLimits(requests_per_minute=per_minute)
    return Caller(key_id=key_id, tenant="acme", name="k", scopes=frozenset({"admin"}), limits=limits)


def wait_s(rates: RateLimits, who: Caller) -> int | None:
    """None when it may, else the seconds after which to come back."""
    try:
        rates.take(who)
    except TryLaterError as error:
        assert (error.code, error.retryable) == ("rate_limited", True)
        return error.retry_after_s
    return None


@pytest.fixture
def rates(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> RateLimits:
    monkeypatch.setattr("limits.storage.memory.time", clock)
    return RateLimits(Settings(requests_per_minute=4), clock)


def test_so_many_in_a_minute_and_no_more(rates: RateLimits, clock: Clock) -> None:
    for _ in range(4):
        assert wait_s(rates, caller()) is None
        clock.pass_ms(10_000)
    assert wait_s(rates, caller()) == 20
    clock.pass_ms(19_999)
    assert wait_s(rates, caller()) == 1
    clock.pass_ms(2)
    assert wait_s(rates, caller()) is None
    assert wait_s(rates, caller()) == 10


def test_what_is_refused_does_not_count(rates: RateLimits, clock: Clock) -> None:
    for _ in range(4):
        assert wait_s(rates, caller()) is None
    for _ in range(50):
        assert wait_s(rates, caller()) is not None
    clock.pass_ms(60_001)
    assert [wait_s(rates, caller()) for _ in range(4)] == [None] * 4


def test_a_window_moves_and_does_not_begin_anew_each_minute(rates: RateLimits, clock: Clock) -> None:
    clock.pass_ms(60_000 - clock() % 60_000 - 1)
    assert [wait_s(rates, caller()) for _ in range(4)] == [None] * 4
    clock.pass_ms(2)  # the next minute by the clock on the wall
    assert wait_s(rates, caller()) == 60


def test_keys_are_counted_apart_and_have_limits_of_their_own(rates: RateLimits) -> None:
    for _ in range(4):
        assert wait_s(rates, caller()) is None
    assert wait_s(rates, caller()) is not None
    assert wait_s(rates, caller("another00000")) is None
    assert wait_s(rates, caller("limited00000", per_minute=1)) is None
    assert wait_s(rates, caller("limited00000", per_minute=1)) == 60
    assert [wait_s(rates, caller("generous0000", per_minute=9)) for _ in range(10)] == [None] * 9 + [60]


def test_threads_do_not_get_more_together(rates: RateLimits) -> None:
    got: list[int | None] = []
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        for _ in range(5):
            got.append(wait_s(rates, caller(per_minute=17)))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count(None) == 17


@pytest.mark.parametrize("broker", [None, "amqp://guest@localhost//"])
def test_without_a_redis_each_process_counts_for_itself(broker: str | None, clock: Clock) -> None:
    settings = Settings(broker_url=None if broker is None else SecretStr(broker))
    assert not RateLimits(settings, clock).is_shared()


@pytest.mark.parametrize(
    "broker", ["redis://:canary@host:port/0", "redis://:canary@host/0?nonsense=1", "rediss://:canary@[/0"]
)
def test_an_address_that_is_none_is_told_without_its_password(broker: str, clock: Clock) -> None:
    with pytest.raises(SetupError) as told:
        RateLimits(Settings(broker_url=SecretStr(broker)), clock)
    assert told.value.code == "bad_broker_url"
    assert "canary" not in f"{told.value!r} {told.value.__cause__!r}"
