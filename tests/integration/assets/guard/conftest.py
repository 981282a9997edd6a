"""A public site, and a network in which every inside address would answer."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest

from renderer.assets.asset import Asset
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from tests.integration.assets.guard.common import INSIDE, LIMITS, Get
from tests.integration.assets.site import ELSEWHERE, PUBLIC, PUBLIC_V6, Loopback, Names, Site, network, picture


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        running.has("/a.png", picture())
        yield running


@pytest.fixture
def wire(site: Site) -> Loopback:
    """Every inside address would answer if it were dialled."""
    return Loopback(dict.fromkeys([PUBLIC, PUBLIC_V6, ELSEWHERE, *INSIDE], site.port))


@pytest.fixture
def names() -> Names:
    return Names({"cdn.example.test": [PUBLIC], "evil.example.test": ["10.0.0.5"]})


@pytest.fixture
def get(tmp_path: Path, wire: Loopback, names: Names) -> Iterator[Get]:
    opened: dict[str, AssetLibrary] = {}

    def ask(url: str, policy: str = "public", resource_type: str = "Image", tls: ssl.SSLContext | None = None) -> Asset:
        if policy not in opened:
            there = network(names, wire, tls)
            opened[policy] = AssetLibrary(tmp_path, AssetPolicy.parse(policy), limits=LIMITS, network=there)
        return opened[policy].submit(url, resource_type).result(10)

    yield ask
    for library in opened.values():
        library.close()
