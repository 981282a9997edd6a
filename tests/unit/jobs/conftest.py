import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
from tests.unit.jobs.desk import Desk


@pytest.fixture(scope="session")
def prepared_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the service's tables. To copy it is quicker than to make it."""
    path = tmp_path_factory.mktemp("database") / "prepared.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def database(prepared_file: Path, tmp_path: Path) -> Iterator[Database]:
    shutil.copy(prepared_file, tmp_path / "renderer.db")
    database = Database(f"sqlite:///{tmp_path / 'renderer.db'}")
    event.listen(database.engine, "connect", _without_sync)
    yield database
    database.close()


def _without_sync(connection: Any, record: object) -> None:
    """No power is cut here, and waiting for the disk is most of a test's time."""
    connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)
