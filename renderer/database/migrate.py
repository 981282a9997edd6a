"""Running migrations, with Alembic."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from renderer.database.engine import Database, told
from renderer.errors import SetupError

# Any number will do, as long as nobody else takes it: who migrates holds it.
_LOCK = 7_263_158_900_411


def migrate(database: Database) -> None:
    """Runs what is missing of them; whoever comes meanwhile waits. Raises SetupError: database_unreachable, database_unprepared, database_newer."""
    try:
        with told(database.url), database.engine.begin() as connection, _alone(connection):
            config = _config()
            config.attributes["connection"] = connection
            _refuse_newer(connection)
            command.upgrade(config, "head")
    except DBAPIError as error:
        raise SetupError(
            "database_unprepared",
            "the service's tables cannot be made: check the rights of the database's user, and RENDERER_DATABASE_URL",
        ) from error


def _refuse_newer(connection: Connection) -> None:
    found = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        raise SetupError(
            "database_newer", "the database was made by a newer version of renderer: update this one, or use another"
        )


@contextmanager
def _alone(connection: Connection) -> Iterator[None]:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _LOCK})
    yield  # SQLite: the transaction began as a writer, of which there is one


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
