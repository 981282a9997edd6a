from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import event

from renderer.database.engine import Database
from tests.unit.jobs.desk import Desk


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    database = Database(sqlite_url)
    event.listen(database.engine, "connect", _without_sync)
    yield database
    database.close()


def _without_sync(connection: Any, record: object) -> None:
    """No power is cut here, and waiting for the disk is most of a test's time."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
