"""The service that the tests of the API ask."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import structlog

from renderer.settings import Settings
from tests.integration.api.desk import Desk
from tests.integration.api.serving import Served, serving


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


@pytest.fixture(scope="module")
def shared_desk(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Desk]:
    """One for a whole module, whose tests do not mind each other."""
    folder = tmp_path_factory.mktemp("desk")
    shutil.copy(sqlite_template, folder / "renderer.db")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("RENDERER_DATA_DIR", str(folder))
        environment.delenv("RENDERER_DATABASE_URL", raising=False)
        desk = Desk.open(Settings())
        yield desk
        desk.close()


@pytest.fixture(scope="module")
def shared_served(shared_desk: Desk) -> Iterator[Served]:
    with serving(shared_desk) as served:
        yield served


@pytest.fixture
def served(desk: Desk) -> Iterator[Served]:
    with serving(desk) as served:
        yield served


@pytest.fixture
def process_logs() -> Iterator[None]:
    """For tests that configure logs as a process of its own does; what was there before is put back, as stderr is another one by then."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
