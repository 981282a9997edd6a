"""The database, on SQLite: one way in, and the tables that the code has."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from renderer.database.engine import Database
from renderer.database.locks import alone
from renderer.database.tables import Base


def test_what_callers_sent_is_in_no_error(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(DBAPIError) as told, database.write() as session:
        for _ in range(2):
            session.execute(text("INSERT INTO duties (name) VALUES (:name)"), {"name": "canary"})
    assert "UNIQUE" in str(told.value)
    assert "canary" not in str(told.value)
    database.close()


def test_a_fresh_file_may_be_opened_by_many_at_once(tmp_path: Path) -> None:
    """Each turns it to write-ahead logging, at which SQLite refuses all but one."""
    for number in range(40):
        databases = [Database(f"sqlite:///{tmp_path / str(number)}.db") for _ in range(4)]
        start = Barrier(len(databases))

        def opened(database: Database, start: Barrier = start) -> object:
            start.wait(10)
            with database.write() as session:
                return session.scalar(text("PRAGMA journal_mode"))

        with ThreadPoolExecutor(len(databases)) as threads:
            assert list(threads.map(opened, databases)) == ["wal"] * len(databases)
        for database in databases:
            database.close()


def test_a_lock_by_name_is_no_hindrance_where_there_is_one_writer(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as session:
        alone(session, "a")
        alone(session, "a")
    database.close()


def test_migrations_make_the_tables_that_the_code_has(sqlite_url: str) -> None:
    assert differences(sqlite_url) == []


def differences(url: str) -> list[object]:
    """Of an upgraded database from `renderer.database.tables`."""
    database = Database(url)
    with database.engine.connect() as connection:
        found: list[object] = compare_metadata(MigrationContext.configure(connection), Base.metadata)
    database.close()
    return found
