"""`sqlite_url`: a SQLite database with the service's tables, the test's own. Copied: to run the migrations takes twenty times as long."""

import shutil
from pathlib import Path

import pytest

from renderer.database.engine import Database
from renderer.database.upgrade import upgrade


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    database.close()  # the last connection brings all from the log into the file
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    path = tmp_path / "renderer.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"
