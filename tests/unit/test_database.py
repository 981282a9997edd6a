"""The database's tables come from migrations, and from nothing else; ids rise."""

import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from renderer import database as room
from renderer.database.engine import Database, database_url
from renderer.database.ids import is_id, new_id
from renderer.database.upgrade import NEWEST, is_current, upgrade
from renderer.errors import SetupError


def test_many_processes_may_prepare_one_database_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path / 'renderer.db'}") for _ in range(4)]
    begin = threading.Barrier(len(databases))
    failed: list[BaseException] = []

    def prepare(database: Database) -> None:
        begin.wait()
        try:
            upgrade(database)
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=prepare, args=(database,)) for database in databases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert all(is_current(database) for database in databases)
    for database in databases:
        database.close()


def test_the_newest_migration_is_known_without_asking_alembic(sqlite_url: str) -> None:
    script = ScriptDirectory(str(Path(str(room.__file__)).with_name("migrations")))
    assert script.get_heads() == [NEWEST]


def test_a_database_that_is_up_to_date_is_so_without_alembic(sqlite_url: str) -> None:
    """Half a second of every command that asks the database."""
    told = subprocess.run(
        [sys.executable, "-c", _UP_TO_DATE, sqlite_url], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout == "[]\n"


_UP_TO_DATE = """
import sys
from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
upgrade(Database(sys.argv[1]))
print([name for name in sys.modules if name.partition(".")[0] in ("alembic", "mako")])
"""


def test_a_database_of_a_newer_version_is_left_alone(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_later'"))
    with pytest.raises(SetupError) as told:
        upgrade(database)
    assert told.value.code == "database_newer"
    database.close()


@pytest.mark.parametrize("url", ["", "x", "mysql://u@h/d", "sqlite://", "sqlite:///:memory:", "postgresql"])
def test_what_is_no_address_of_a_database(url: str) -> None:
    with pytest.raises(SetupError) as told:
        database_url(url)
    assert told.value.code == "bad_database_url"


def test_a_database_that_cannot_be_opened_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    database = Database(f"sqlite:///{tmp_path / 'file' / 'renderer.db'}")
    with pytest.raises(SetupError) as told, database.read() as session:
        session.execute(text("SELECT 1"))
    assert (told.value.code, told.value.retryable) == ("database_unreachable", True)
    assert "\n" not in told.value.message


def test_an_error_undoes_all_of_its_transaction(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(LookupError), database.write() as session:
        session.execute(text("INSERT INTO duties (name) VALUES ('a')"))
        raise LookupError
    with database.read() as session:
        assert session.scalar(text("SELECT count(*) FROM duties")) == 0
    database.close()


def test_ids_rise_also_within_a_millisecond() -> None:
    ids = [new_id("clip") for _ in range(5000)]
    assert all(before < after for before, after in pairwise(ids))
    assert all(is_id(each, "clip") for each in ids)


def test_ids_of_many_threads_are_all_different() -> None:
    found: list[list[str]] = []
    threads = [threading.Thread(target=lambda: found.append([new_id("ren") for _ in range(500)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each for ids in found for each in ids}) == 4000


@pytest.mark.parametrize(
    "text_", ["", "clip_", "ren_" + "0" * 26, "clip_" + "u" * 26, "clip_" + "0" * 27, "clip_" + "0" * 25 + "\n"]
)
def test_what_is_no_id_of_a_clip(text_: str) -> None:
    assert not is_id(text_, "clip")
