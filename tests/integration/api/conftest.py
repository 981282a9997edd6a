"""The service that the tests of the API ask."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renderer.settings import Settings
from tests.integration.api.desk import Desk


@pytest.fixture
def set_up(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Settings]:
    """Settings in the environment, as every process of the service reads them."""

    def make(**settings: object) -> Settings:
        given = {"data_dir": str(tmp_path), "database_url": sqlite_url, **settings}
        for name, value in given.items():
            monkeypatch.setenv(f"RENDERER_{name.upper()}", str(value))
        return Settings()

    return make


@pytest.fixture
def make_desk(set_up: Callable[..., Settings]) -> Iterator[Callable[..., Desk]]:
    desks: list[Desk] = []

    def make(**settings: object) -> Desk:
        desks.append(Desk.open(set_up(**settings)))
        return desks[-1]

    yield make
    for desk in desks:
        desk.close()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    return make_desk()
