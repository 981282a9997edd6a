"""Servers that tests share, and a PostHog of its own for each test that asks for one."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.integration.posthog_desk import Desk
from tests.integration.posthog_server import PostHogServer, running
from tests.integration.sources.azure_server import azure_server
from tests.integration.sources.object_server import ObjectServer
from tests.integration.sources.s3_server import as_google, s3_server

Clouds = Callable[[str], ObjectServer]
"""By scheme, the server that stands for the cloud; its credentials are in the environment from then on."""


@pytest.fixture(scope="session")
def shared_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    """One server for the whole run."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture(scope="session")
def shared_azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with azure_server(tmp_path_factory.mktemp("azure")) as server:
        yield server


@pytest.fixture
def clouds(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Clouds:
    def cloud(scheme: str) -> ObjectServer:
        server: ObjectServer = request.getfixturevalue("shared_azure" if scheme == "az" else "shared_s3")
        if scheme == "gs":
            server = as_google(server)
        for name, value in server.environment().items():
            monkeypatch.setenv(name, value)
        return server

    return cloud


@pytest.fixture
def s3(clouds: Clouds) -> ObjectServer:
    return clouds("s3")


@pytest.fixture(params=["s3", "gs", "az"])
def cloud(request: pytest.FixtureRequest, clouds: Clouds) -> ObjectServer:
    return clouds(request.param)


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        yield own


@pytest.fixture
def desk(server: PostHogServer, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)
