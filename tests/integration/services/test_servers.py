"""The tests' own servers: fresh for each test, and there again after one that took them away."""

import pytest
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text

from renderer.database.engine import Database
from renderer.database.upgrade import is_current, upgrade
from renderer.errors import SetupError
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer
from tests.unit.test_database_engine import differences


def _rows(database: Database) -> int:
    with database.read() as session:
        return int(session.execute(text("SELECT count(*) FROM duties")).scalar_one())


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_a_database_of_its_own_with_tables(postgres_url: str, time: int) -> None:
    database = Database(postgres_url)
    assert is_current(database)
    assert _rows(database) == 0
    with database.write() as session:
        session.execute(text("INSERT INTO duties (name) VALUES ('sweep')"))
    assert _rows(database) == 1  # the connection is left open on purpose: the database goes all the same


def test_migrations_make_the_tables_that_the_code_has(postgres_url: str) -> None:
    assert differences(postgres_url) == []


def test_an_empty_database_has_no_tables_until_it_is_upgraded(empty_postgres_url: str) -> None:
    database = Database(empty_postgres_url)
    assert not is_current(database)
    upgrade(database)
    assert is_current(database)
    database.close()


def test_what_was_committed_outlives_a_killed_postgres(postgres_server: PostgresServer, postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.write() as session:
        session.execute(text("INSERT INTO duties (name) VALUES ('sweep')"))
    postgres_server.kill()
    with pytest.raises(SetupError) as told:
        _rows(database)
    assert told.value.code == "database_unreachable"
    postgres_server.start()
    assert _rows(database) == 1
    database.close()


@pytest.mark.parametrize("time", [1, 2])
def test_each_test_has_an_empty_redis(redis_url: str, time: int) -> None:
    with Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("name", "value")


def test_redis_can_be_taken_away_and_comes_back_at_the_same_address(redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as client:
        assert client.ping()
        redis_server.kill()
        with pytest.raises(RedisError):
            client.ping()
        redis_server.start()
        assert client.ping()
