from collections.abc import Iterator

import pytest

from tests.integration.sources.s3_server import OWNER, S3Server, s3_server


@pytest.fixture(scope="session")
def shared_s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One server for the whole run."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(shared_s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Server:
    """The server, and the environment of somebody who owns its bucket."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", shared_s3.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OWNER[0])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", OWNER[1])
    return shared_s3
