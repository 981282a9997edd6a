from collections.abc import Iterator

import pytest

from renderer.access.audit import Audit
from renderer.access.keys import Keys
from renderer.access.quotas import Quotas
from renderer.access.shares import Shares
from renderer.database.engine import Database
from renderer.settings import Settings
from tests.unit.access.fixtures import Clock, add_clip, secret


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(database: Database, clock: Clock) -> Keys:
    return Keys(database, secret(), clock)


@pytest.fixture
def audit(database: Database, clock: Clock) -> Audit:
    return Audit(database, secret(), clock)


@pytest.fixture
def shares(database: Database, clock: Clock) -> Shares:
    return Shares(database, secret(), clock)


@pytest.fixture
def quotas(clock: Clock) -> Quotas:
    return Quotas(Settings(concurrent_clips=3, clips_per_day=5), clock)


@pytest.fixture
def clip_id(database: Database, clock: Clock) -> str:
    """Of tenant acme."""
    return add_clip(database, clock(), tenant="acme")
