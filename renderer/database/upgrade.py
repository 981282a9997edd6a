"""Bringing a database up to what this version expects. Safe to call from any number of processes at once."""

from pathlib import Path
from typing import Final

from sqlalchemy import inspect, text

from renderer.database.engine import Database, told

NEWEST: Final = "0003_tickets"
"""Of the migrations; a test holds it against them."""
_VERSION: Final = "alembic_version"


def upgrade(database: Database) -> None:
    """Runs what is missing of the migrations. Raises SetupError: database_unreachable, database_unprepared, database_newer."""
    path = database.url.database
    if database.is_sqlite and path:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not is_current(database):
        from renderer.database.migrate import migrate  # half a second, for those who need it

        migrate(database)


def is_current(database: Database) -> bool:
    """Raises SetupError `database_unreachable`."""
    reading = database.engine.execution_options(renderer_reads=True)
    with told(database.url), reading.connect() as connection:
        if not inspect(connection).has_table(_VERSION):
            return False
        found: str | None = connection.scalar(text(f"SELECT version_num FROM {_VERSION}"))  # noqa: S608 - our own word
        return found == NEWEST
