"""Ticket systems that Debian's packages bring. They are installed and tested by `make test-trackers` alone.

`redmine`, `rt`     one of each for the run, with its own settings; a test makes an issue of its own
"""

import os
from collections.abc import Iterator

import pytest

from tests.services.redmine import RedmineServer, running_redmine
from tests.services.rt import RtServer, running_rt

if os.environ.get("RENDERER_TEST_TRACKERS") != "1":
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(scope="session")
def shared_redmine() -> Iterator[RedmineServer]:
    with running_redmine() as server:
        yield server


@pytest.fixture
def redmine(shared_redmine: RedmineServer) -> RedmineServer:
    shared_redmine.start()
    shared_redmine.configure()
    return shared_redmine


@pytest.fixture(scope="session")
def shared_rt() -> Iterator[RtServer]:
    with running_rt() as server:
        yield server


@pytest.fixture
def rt(shared_rt: RtServer) -> RtServer:
    shared_rt.start()
    shared_rt.configure()
    return shared_rt
