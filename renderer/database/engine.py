"""One way into the database, SQLite or PostgreSQL: short transactions, each for reading or for writing."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, Final

import pg8000
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker

from renderer.database.turns import Turns
from renderer.errors import SetupError

BUSY_MS: Final = 20_000
"""How long a writer waits for another one of the same SQLite file."""
_CONNECT_S: Final = 5
_ANSWER_S: Final = 30
"""PostgreSQL: how long a statement may take. A lock is given up before that, and so is a transaction whose process does not go on."""
_ON_CONNECT: Final = ("SET lock_timeout = '10s'", "SET idle_in_transaction_session_timeout = '30s'")
# SQLSTATE of what passes by itself: a server that goes, comes or is full, a lock that another one has (PostgreSQL's appendix A).
_PASSING: Final = ("08", "53", "57P", "58", "40001", "40P01", "55P03", "25006")
# What callers sent stands in the parameters, and errors end in logs.
_POOL: Final[dict[str, Any]] = {"pool_size": 20, "max_overflow": 40, "hide_parameters": True}


class Database:
    """`read()` and `write()` give a session inside a transaction, committed on leaving and rolled back by an error.

    Transactions are short: nothing slow happens inside one. Raises SetupError `database_unreachable` (retryable) when there is
    no database to talk to. Safe to use from any number of threads.
    """

    def __init__(self, url: str) -> None:
        self.url = database_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(self.url)
        self._writing = sessionmaker(self.engine, expire_on_commit=False)
        # SQLite lets waiting writers poll, and who polls at the wrong moment waits again: of 16 threads one waited for 9 s.
        self._turn: AbstractContextManager[object] = Turns() if self.is_sqlite else nullcontext()
        self._reading = sessionmaker(self.engine.execution_options(renderer_reads=True), expire_on_commit=False)

    @contextmanager
    def write(self) -> Iterator[Session]:
        with told(self.url), self._turn, self._writing.begin() as session:
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        with told(self.url), self._reading.begin() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def database_url(text: str) -> URL:
    """Of `sqlite:///path` or `postgresql://user@host/name`, with the driver that is installed. SetupError `bad_database_url`."""
    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except ArgumentError:
        backend = ""
    if backend in {"postgresql", "postgres"}:
        return url.set(drivername="postgresql+pg8000")
    if backend == "sqlite" and url.database and url.database != ":memory:":
        return url.set(drivername="sqlite+pysqlite")
    raise SetupError(
        "bad_database_url",
        "RENDERER_DATABASE_URL is neither sqlite:///FILE nor postgresql://USER:PASSWORD@HOST/NAME",
    )


def now_ms() -> int:
    """Unix time. Leases are long compared with what clocks of a well-kept network differ."""
    return time.time_ns() // 1_000_000


def _engine(url: URL) -> Engine:
    return _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgres_engine(url)


def _postgres_engine(url: URL) -> Engine:
    engine = create_engine(url, **_POOL, pool_recycle=1800, connect_args={"timeout": _CONNECT_S})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: object) -> None:
        # The driver's one timeout is for connecting, and stays on for every answer.
        connection._usock.settimeout(_ANSWER_S)
        cursor = connection.cursor()
        for statement in _ON_CONNECT:
            cursor.execute(statement)
        cursor.close()
        connection.commit()

    @event.listens_for(engine, "checkout")
    def _on_checkout(connection: Any, record: object, proxy: object) -> None:
        # SQLAlchemy's own ping (pool_pre_ping) lets the OSError pass that pg8000 1.31 raises of a connection that was cut.
        try:
            connection.execute_simple("SELECT 1")
        except (pg8000.Error, OSError) as error:
            raise DisconnectionError from error

    @event.listens_for(engine, "handle_error")
    def _on_error(context: ExceptionContext) -> SetupError | None:
        if not _passes(context.original_exception):
            return None
        # An answer may still come: another statement on this connection would take it for its own.
        context.is_disconnect = True
        return _unreachable(url)

    return engine


def _passes(error: BaseException | None) -> bool:
    """pg8000 lets the socket's errors through (TimeoutError, ConnectionResetError), and has one class for most that the server says."""
    said = error.args[0] if error is not None and error.args else None
    return isinstance(error, OSError) or (isinstance(said, dict) and str(said.get("C", "")).startswith(_PASSING))


def _sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, **_POOL, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, record: object) -> None:
        # The driver's own idea of when a transaction begins gets in the way: SQLAlchemy's documentation on pysqlite.
        connection.isolation_level = None
        for pragma in (f"busy_timeout={BUSY_MS}", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _write_ahead(connection)

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("renderer_reads", False)
        # A transaction that reads first and writes later fails at once when another wrote meanwhile; one that begins as a writer waits.
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Two that turn a fresh file to WAL at once would wait for each other: SQLite refuses one of them at once, without its busy timeout."""
    until = time.monotonic() + BUSY_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)


@contextmanager
def told(url: URL) -> Iterator[None]:
    """A database that is away becomes one of our errors; whatever else goes wrong in SQL is a fault of ours and passes."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError) as error:
        raise _unreachable(url) from error
    except DBAPIError as error:
        if error.connection_invalidated or _passes(error.orig):
            raise _unreachable(url) from error
        raise


def _unreachable(url: URL) -> SetupError:
    where = url.database if url.get_backend_name() == "sqlite" else f"{url.host or 'localhost'}:{url.port or 5432}"
    return SetupError(
        "database_unreachable",
        f"the database at {where} cannot be used now: check that it runs, its disk and RENDERER_DATABASE_URL",
        retryable=True,
    )
