"""The first key, and to whom the door is open without one."""

import threading

import pytest

from renderer.access.keys import Keys
from renderer.access.opening import first_key, is_loopback, require_keys
from renderer.database.engine import Database
from renderer.errors import SetupError
from tests.unit.access.fixtures import DESK, Clock, secret


def test_the_first_key_is_made_once_and_is_an_admin_s(keys: Keys) -> None:
    assert not keys.has_usable_key()
    key = first_key(keys, "127.0.0.1")
    assert key is not None
    assert keys.verify(key).may("admin")
    assert keys.has_usable_key()
    assert first_key(keys, "127.0.0.1") is None
    keys.revoke(keys.list()[0].id, by=DESK)
    assert not keys.has_usable_key()
    assert first_key(keys, "127.0.0.1") is None  # whoever revoked it did not want another
    assert len(keys.list()) == 1


def test_of_several_that_start_one_makes_the_first_key(keys: Keys, database: Database, clock: Clock) -> None:
    made: list[str | None] = []
    barrier = threading.Barrier(6)

    def start() -> None:
        barrier.wait()
        made.append(first_key(Keys(database, secret(), clock), "localhost"))

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert len([key for key in made if key]) == 1
    assert len(keys.list()) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost", "LOCALHOST"])
def test_loopback(host: str, keys: Keys) -> None:
    assert is_loopback(host)
    require_keys(keys, host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "example.com", "localhost.example.com", "", "::ffff:8.8.8.8", "2130706433"]
)
def test_elsewhere_nobody_is_let_in_without_a_key(host: str, keys: Keys) -> None:
    assert not is_loopback(host)
    assert first_key(keys, host) is None
    assert keys.list() == []
    with pytest.raises(SetupError) as told:
        require_keys(keys, host)
    assert told.value.code == "no_keys"
    assert "renderer keys create" in told.value.message
    keys.create("k", ["clips:read"], by=DESK)
    require_keys(keys, host)
