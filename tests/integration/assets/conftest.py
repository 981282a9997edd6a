"""A public site, a network that leads to it, and libraries on one cache."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.assets.fetch import Limits
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from tests.integration.assets.common import LIMITS, Open
from tests.integration.assets.site import PUBLIC, Loopback, Names, Site, network


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def wire(site: Site) -> Loopback:
    return Loopback({PUBLIC: site.port}, silent=["93.184.216.99"])


@pytest.fixture
def names() -> Names:
    return Names(
        {"cdn.example.test": [PUBLIC], "dead.example.test": ["93.184.216.99"], "closed.example.test": ["93.184.216.98"]}
    )


@pytest.fixture
def library(tmp_path: Path, wire: Loopback, names: Names) -> Iterator[Open]:
    """Opens libraries on one cache, each as a new run would."""
    opened: list[AssetLibrary] = []

    def open_library(
        policy: str = "public", *, limits: Limits = LIMITS, budget_s: float = 20.0, **more: object
    ) -> AssetLibrary:
        opened.append(
            AssetLibrary(
                tmp_path / "assets",
                AssetPolicy.parse(policy),
                budget_s=budget_s,
                limits=limits,
                network=network(names, wire),
                **more,  # type: ignore[arg-type]
            )
        )
        return opened[-1]

    yield open_library
    for one in opened:
        one.close()
