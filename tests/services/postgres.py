"""A real PostgreSQL on loopback: one cluster for the run, a database of its own for each test.

`postgres_url`          with the service's tables, empty. For rows only: who changes tables takes the other one
`empty_postgres_url`    without tables
`postgres_server`       the server itself; a test may `stop()`, `kill()` and `start()` it: the next one finds it running
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from pg8000.exceptions import DatabaseError, InterfaceError
from pg8000.native import Connection

from renderer.database.engine import Database
from renderer.database.tables import Base
from renderer.database.upgrade import upgrade
from tests.services.processes import end, free_port, wait_until

# No disk is waited for. `synchronous_commit` stays on: what was committed outlives a killed server, as in production.
_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "127.0.0.1",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "autovacuum": "off",
}


class PostgresServer:
    """A cluster below `folder`, which belongs to `user`: PostgreSQL refuses to run as root."""

    def __init__(self, folder: Path, user: str | None) -> None:
        self.port = free_port()
        self._folder = folder
        self._user = user
        self._group = pwd.getpwnam(user).pw_gid if user else None
        self._groups: list[int] | None = [] if user else None
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = count(1)
        self._spare: list[str] = []
        self._initdb()

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def start(self) -> None:
        """Does nothing where it runs."""
        if self._process is not None and self._process.poll() is None:
            return
        options = {**_OPTIONS, "port": str(self.port), "unix_socket_directories": str(self._folder)}
        log = self._folder / "log"
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [
                    _program("postgres"),
                    "-D",
                    str(self._data),
                    *(f"-c{name}={value}" for name, value in options.items()),
                ],
                stdout=out,
                stderr=out,
                cwd=self._folder,
                user=self._user,
                group=self._group,
                extra_groups=self._groups,
            )
        wait_until(self._answers, self._process, log)

    def stop(self) -> None:
        """In order: connections are cut, the next start has nothing to mend."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As when the machine takes it away: connections are cut, the next start has to recover."""
        self._end(signal.SIGQUIT)

    @contextmanager
    def database(self, *, tables: bool) -> Iterator[str]:
        """The URL of one that nobody else uses."""
        name = self._with_tables() if tables else self._create()
        yield self.url(name)
        self.start()
        if tables:
            self._spare.append(name)
        else:
            self._run(f"DROP DATABASE {name} WITH (FORCE)")

    def _create(self) -> str:
        name = f"test_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name}")
        return name

    def _with_tables(self) -> str:
        """To make one takes half a second, to empty one a hundredth. Under a new name: what an earlier test left running cannot come in."""
        if not self._spare:
            name = self._create()
            database = Database(self.url(name))
            upgrade(database)
            database.close()
            return name
        old, name = self._spare.pop(), f"test_{next(self._numbers)}"
        self._run(
            f"ALTER DATABASE {old} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{old}'",
            f"ALTER DATABASE {old} RENAME TO {name}",
            f"ALTER DATABASE {name} ALLOW_CONNECTIONS true",
        )
        self._run(*(f"DELETE FROM {table.name}" for table in reversed(Base.metadata.sorted_tables)), database=name)
        return name

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def _run(self, *statements: str, database: str = "postgres") -> None:
        # Without TLS: to read the machine's certificates takes 50 ms, for each connection.
        connection = Connection("postgres", "127.0.0.1", database, self.port, ssl_context=False)
        try:
            for statement in statements:
                connection.run(statement)
        finally:
            connection.close()

    def _answers(self) -> bool:
        try:
            self._run("SELECT 1")
        except (DatabaseError, InterfaceError):
            return False
        return True

    def _end(self, signal_number: int) -> None:
        if self._process is not None:
            end(self._process, signal_number)
            self._process = None

    def _initdb(self) -> None:
        options = ("--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "--username=postgres")
        done = subprocess.run(
            [_program("initdb"), "-D", str(self._data), *options],
            capture_output=True,
            text=True,
            cwd=self._folder,
            user=self._user,
            group=self._group,
            extra_groups=self._groups,
        )
        assert done.returncode == 0, f"initdb failed: {done.stderr[-2000:]}"


def _program(name: str) -> str:
    """Debian keeps PostgreSQL's own programs off PATH, by version."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    assert path is not None, f"{name} was not found: run make setup"
    return path


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """A cluster of its own, gone afterwards. Not below pytest's folder, which nobody but its owner may enter."""
    user = _unprivileged() if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    try:
        if user is not None:
            shutil.chown(folder, user)
        server = PostgresServer(folder, user)
        try:
            server.start()
            yield server
        finally:
            server.kill()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _unprivileged() -> str:
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


@pytest.fixture(scope="session")
def shared_postgres() -> Iterator[PostgresServer]:
    """One for the whole run, started by the first test that asks."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_server(shared_postgres: PostgresServer) -> PostgresServer:
    shared_postgres.start()
    return shared_postgres


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database(tables=True) as url:
        yield url


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database(tables=False) as url:
        yield url
