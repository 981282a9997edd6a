"""Several processes with one database, SQLite and PostgreSQL: nothing is lost, nothing is made twice."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from renderer.access.audit import Audit
from renderer.access.keys import Keys
from renderer.database.engine import Database
from tests.unit.access.fixtures import SECRET_TEXT, secret

_PROGRAM = """
import json, sys
from renderer.access.audit import Audit
from renderer.access.caller import Actor
from renderer.access.keys import Keys
from renderer.access.opening import first_key
from renderer.access.secret import ServiceSecret
from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
database, secret, name = Database(sys.argv[1]), ServiceSecret(sys.argv[2]), sys.argv[3]
def say(value): print(json.dumps(value), flush=True)
say("ready")
sys.stdin.readline()
"""
_APPEND = """
audit = Audit(database, secret)
say([audit.record(Actor(name=name), "clip.create", f"{name} {count}", tenant="acme") for count in range(60)])
"""
_START = """
upgrade(database)
say(first_key(Keys(database, secret), "127.0.0.1"))
"""


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'renderer.db'}"
    return str(request.getfixturevalue("empty_postgres_url"))


def _together(work: str, url: str, count: int) -> list[str]:
    """The last line of each; they begin when all are ready."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", _PROGRAM + work, url, SECRET_TEXT, f"p{number}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[3],
        )
        for number in range(count)
    ]
    try:
        for process in processes:
            assert process.stdout
            assert process.stdout.readline() == '"ready"\n'
        for process in processes:
            assert process.stdin
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.communicate(timeout=100) for process in processes]
        assert [err for _, err in said] == [""] * count
        return [out for out, _ in said]
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_processes_append_to_one_audit_log_and_no_entry_is_lost(url: str) -> None:
    numbers = [json.loads(said) for said in _together(_APPEND, url, 2)]
    assert sorted(number for each in numbers for number in each) == list(range(1, 121))
    database = Database(url)
    audit = Audit(database, secret())
    assert audit.verify() is None
    for process, own in enumerate(numbers):
        assert own == sorted(own)
        objects = {entry.number: entry.object for entry in audit.page(120)}
        assert [objects[number] for number in own] == [f"p{process} {count}" for count in range(60)]
    database.close()


def test_processes_that_start_on_a_fresh_database_make_one_first_key(empty_url: str) -> None:
    made = [json.loads(said) for said in _together(_START, empty_url, 2)]
    text = next(key for key in made if key)
    assert made.count(None) == 1
    database = Database(empty_url)
    keys = Keys(database, secret())
    assert keys.verify(text).may("admin")
    assert len(keys.list()) == 1
    assert [entry.action for entry in Audit(database, secret()).page()] == ["key.create"]
    database.close()
