"""Server-side request forgery by name: a host is judged by all its addresses, once, and dialled where it was judged."""

import asyncio

import httpcore2
import pytest

from renderer.assets.dial import GuardedBackend
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import NameBook, system_resolver
from tests.integration.assets.guard.common import CDN, INSIDE, Get
from tests.integration.assets.site import (
    PUBLIC,
    PUBLIC_V6,
    Loopback,
    Names,
    Site,
    picture,
)


@pytest.mark.parametrize(
    "addresses",
    [
        *([address] for address in INSIDE),
        ["0.0.0.0"],
        ["224.0.0.1"],
        ["::ffff:169.254.169.254"],
        ["64:ff9b::a9fe:a9fe"],
        ["2002:a9fe:a9fe::1"],
        ["fec0::1"],
        ["fe80::1%eth0"],
        ["::127.0.0.1"],
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        [PUBLIC, PUBLIC_V6, "::1"],
        [PUBLIC, "not an address"],
    ],
    ids=str,
)
def test_a_name_is_refused_when_any_of_its_addresses_is_inside(
    get: Get, wire: Loopback, names: Names, addresses: list[str]
) -> None:
    names.table["evil.example.test"] = addresses
    asset = get("http://evil.example.test/a.png")
    assert (asset.origin, asset.reason) == ("refused", "address")
    assert wire.dialled == []


@pytest.mark.parametrize("addresses", [[PUBLIC], [PUBLIC_V6], [PUBLIC_V6, PUBLIC], ["::ffff:93.184.216.34"]], ids=str)
def test_a_public_name_is_dialled_at_the_address_that_was_judged(
    get: Get, wire: Loopback, names: Names, site: Site, addresses: list[str]
) -> None:
    names.table["cdn.example.test"] = addresses
    wire.routes["::ffff:93.184.216.34"] = site.port
    assert get(f"{CDN}/a.png").origin == "network"
    assert wire.dialled == [(sorted(addresses, key=lambda address: ":" in address)[0], 80)]


def test_only_a_host_named_in_full_is_looked_up_in_the_search_domains(get: Get, names: Names) -> None:
    names.table |= {"app.example.test": ["10.0.0.5"], "img.example.test": [PUBLIC]}
    assert get(f"{CDN}/a.png").ok
    assert get("http://img.example.test/a.png", "app.example.test,*.example.test").ok
    assert (names.absolute, len(names.asked)) == (2, 2)
    assert get("http://app.example.test/a.png", "app.example.test,*.example.test").ok
    assert (names.absolute, len(names.asked)) == (2, 3)


def test_a_second_address_is_tried_when_the_first_refuses(get: Get, wire: Loopback, names: Names) -> None:
    names.table["cdn.example.test"] = ["93.184.216.35", PUBLIC]
    assert get(f"{CDN}/a.png").origin == "network"
    assert wire.dialled == [("93.184.216.35", 80), (PUBLIC, 80)]


def test_a_rebinding_name_is_resolved_exactly_once(get: Get, wire: Loopback, names: Names, site: Site) -> None:
    names.table["rebind.example.test"] = [[PUBLIC], ["127.0.0.1"]]
    site.has("/b.png", picture(colour=1), headers=[("Connection", "close")])
    site.has("/c.png", picture(colour=2), headers=[("Connection", "close")])
    for name in ("b", "c"):
        assert get(f"http://rebind.example.test/{name}.png").origin == "network"
    assert names.asked == ["rebind.example.test"]
    assert wire.dialled == [(PUBLIC, 80)] * 2


def test_the_backend_dials_nothing_that_was_not_judged(site: Site) -> None:
    wire = Loopback({"127.0.0.1": site.port, PUBLIC: site.port})
    guard = GuardedBackend(AssetPolicy.parse("public"), NameBook(system_resolver, 1.0), wire)

    async def dial() -> None:
        with pytest.raises(httpcore2.ConnectError):
            await guard.connect_tcp("127.0.0.1", site.port)
        with pytest.raises(httpcore2.ConnectError):
            await guard.connect_unix_socket("/var/run/docker.sock")

    asyncio.run(dial())
    assert wire.dialled == []
