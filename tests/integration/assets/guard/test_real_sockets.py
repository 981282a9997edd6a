"""The guard with the real resolver and real sockets, without any seam."""

import asyncio
from pathlib import Path

import pytest

from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import system_resolver
from tests.integration.assets.guard.common import LIMITS
from tests.integration.assets.site import (
    Site,
    picture,
)


def test_a_named_local_server_is_reached_for_real(tmp_path: Path, site: Site) -> None:
    policy = AssetPolicy.parse(f"localhost:{site.port}")
    with AssetLibrary(tmp_path, policy, limits=LIMITS) as library:
        asset = library.submit(f"http://localhost:{site.port}/a.png").result(10)
        refused = library.submit(f"http://127.0.0.1:{site.port}/a.png").result(10)
    assert (asset.origin, asset.body) == ("network", picture())
    assert refused.reason == "host_not_listed"
    assert site.asked == ["/a.png"]


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "0.0.0.0",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
    ],
)
def test_no_spelling_of_this_machine_reaches_it_for_real(tmp_path: Path, site: Site, host: str) -> None:
    with AssetLibrary(tmp_path, AssetPolicy.parse("public"), limits=LIMITS) as library:
        assert library.submit(f"http://{host}:{site.port}/a.png").result(10).origin == "refused"
    assert site.asked == []


def test_the_system_resolver_gives_all_addresses_or_an_error() -> None:
    async def resolve() -> list[str]:
        with pytest.raises(OSError, match=r".+"):
            await system_resolver("a..b")
        return await system_resolver("localhost")

    assert "127.0.0.1" in asyncio.run(resolve())
