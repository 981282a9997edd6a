from collections.abc import Iterator

import pytest

from renderer.database.engine import Database
from renderer.database.tables import Base
from tests.services.postgres import PostgresServer
from tests.unit.jobs.desk import Desk


@pytest.fixture(scope="module")
def module_database(shared_postgres: PostgresServer) -> Iterator[Database]:
    with shared_postgres.database(tables=True) as url:
        database = Database(url)
        yield database
        database.close()


@pytest.fixture
def database(module_database: Database) -> Database:
    """One for all tests of a module, emptied for each: they are many, and to change the database takes half a second."""
    with module_database.write() as session:
        for table in reversed(Base.metadata.sorted_tables):
            session.execute(table.delete())
    return module_database


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
