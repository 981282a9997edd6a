"""The database, on SQLite: one way in, and the tables that the code has."""

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
