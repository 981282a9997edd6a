from collections.abc import Iterator

import pytest

from renderer.database.engine import Database
from tests.unit.jobs.desk import Desk


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    yield database
    database.close()


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
