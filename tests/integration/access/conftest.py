"""The fixtures of the unit tests, on PostgreSQL."""

import pytest

from tests.unit.access.conftest import audit, clip_id, clock, database, keys, quotas, shares

__all__ = ["audit", "clip_id", "clock", "database", "database_url", "keys", "quotas", "shares"]


@pytest.fixture
def database_url(postgres_url: str) -> str:
    return postgres_url
