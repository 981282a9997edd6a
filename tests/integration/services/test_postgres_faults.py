"""PostgreSQL that is slow, restarted or killed in the middle of work: one of our errors, and nobody gets another's answer."""

import threading

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from renderer.database import engine as module
from renderer.database.engine import Database
from renderer.database.locks import alone
from renderer.errors import SetupError
from tests.services.postgres import PostgresServer


def _ask(database: Database, number: int) -> int:
    with database.read() as session:
        return int(session.execute(text(f"SELECT {number}")).scalar_one())


def test_an_answer_that_does_not_come_is_nobody_else_s(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ANSWER_S", 0.5)
    database = Database(postgres_url)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with database.write() as session:
            alone(session, "a lock")
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(30)
    with pytest.raises(SetupError) as told, database.write() as session:
        alone(session, "a lock")
    assert (told.value.code, told.value.retryable) == ("database_unreachable", True)
    done.set()
    thread.join()
    assert [_ask(database, number) for number in range(5)] == list(range(5))
    database.close()


def test_a_statement_may_take_longer_than_connecting(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CONNECT_S", 0.3)
    database = Database(postgres_url)
    with database.read() as session:
        session.execute(text("SELECT pg_sleep(0.6)"))
    database.close()


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_gone_in_the_middle_of_a_transaction_it_is_told_and_nothing_of_it_is_kept(
    postgres_server: PostgresServer, postgres_url: str, how: str
) -> None:
    database = Database(postgres_url)
    with pytest.raises(SetupError) as told, database.write() as session:
        session.execute(text("INSERT INTO duties (name) VALUES ('half')"))
        getattr(postgres_server, how)()
        session.execute(text("INSERT INTO duties (name) VALUES ('other half')"))
    assert (told.value.code, told.value.retryable) == ("database_unreachable", True)
    postgres_server.start()
    with database.read() as session:
        assert session.execute(text("SELECT count(*) FROM duties")).scalar_one() == 0
    database.close()


def test_a_connection_that_was_ended_is_told(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(SetupError) as told, database.write() as session:
        session.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert told.value.code == "database_unreachable"
    assert _ask(database, 7) == 7
    database.close()


def test_what_is_wrong_with_a_statement_is_not_blamed_on_the_server(postgres_url: str) -> None:
    database = Database(postgres_url)
    with pytest.raises(DBAPIError, match="no_such_table") as told, database.read() as session:
        session.execute(text("SELECT * FROM no_such_table WHERE name = :name"), {"name": "canary"})
    assert "canary" not in str(told.value)
    assert _ask(database, 7) == 7
    database.close()
