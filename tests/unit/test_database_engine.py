"""One way into the database, on SQLite."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from renderer.database.engine import Database
from renderer.database.locks import alone


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
