"""A PostHog of its own for each test that asks for one; a module that needs a filled one has a `server` of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.posthog_desk import Desk
from tests.integration.posthog_server import PostHogServer, running


@pytest.fixture
def server() -> Iterator[PostHogServer]:
    with running() as own:
        yield own


@pytest.fixture
def desk(server: PostHogServer, tmp_path: Path) -> Desk:
    return Desk(server, tmp_path)
