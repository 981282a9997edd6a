"""Server-side request forgery, case by case: what a hostile recording may not make this machine ask for."""

import asyncio
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import httpcore2
import pytest

from renderer.assets.asset import Asset
from renderer.assets.dial import GuardedBackend
from renderer.assets.fetch import Limits
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.assets.resolve import NameBook, system_resolver
from tests.integration.assets.site import (
    ELSEWHERE,
    PUBLIC,
    PUBLIC_V6,
    Loopback,
    Names,
    Site,
    certificate,
    network,
    picture,
)

CDN = "http://cdn.example.test"
LIMITS = Limits(connect_s=5.0, read_s=5.0, total_s=8.0)
INSIDE = ["127.0.0.1", "10.0.0.5", "192.168.1.1", "169.254.169.254", "::1", "fd00:ec2::254", "100.64.0.1"]

Get = Callable[..., Asset]


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


LITERALS = {
    "loopback": "http://127.0.0.1/a.png",
    "another loopback": "http://127.8.9.10/a.png",
    "unspecified": "http://0.0.0.0/a.png",
    "this network": "http://0.1.2.3/a.png",
    "private": "http://10.0.0.5/a.png",
    "private 172": "http://172.31.255.1/a.png",
    "private 192": "http://192.168.1.1/a.png",
    "carrier-grade NAT": "http://100.64.0.1/a.png",
    "cloud metadata": "http://169.254.169.254/latest/meta-data/",
    "cloud metadata, Alibaba": "http://100.100.100.200/",
    "cloud metadata, Oracle": "http://192.0.0.192/",
    "cloud metadata, Azure": "http://168.63.129.16/",
    "cloud metadata, AWS over IPv6": "http://[fd00:ec2::254]/",
    "cloud metadata, Google over IPv6": "http://[fd20:ce::254]/",
    "multicast": "http://224.0.0.1/a.png",
    "broadcast": "http://255.255.255.255/a.png",
    "loopback v6": "http://[::1]/a.png",
    "unspecified v6": "http://[::]/a.png",
    "mapped": "http://[::ffff:127.0.0.1]/a.png",
    "mapped metadata in hex": "http://[::ffff:a9fe:a9fe]/",
    "compatible": "http://[::127.0.0.1]/a.png",
    "NAT64": "http://[64:ff9b::a9fe:a9fe]/",
    "local NAT64": "http://[64:ff9b:1::a9fe:a9fe]/",
    "6to4": "http://[2002:a9fe:a9fe::1]/",
    "Teredo": "http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/",
    "site local": "http://[fec0::1]/",
    "link local": "http://[fe80::1]/",
    "unique local": "http://[fd12:3456::1]/",
    "multicast v6": "http://[ff02::1]/",
}


@pytest.mark.parametrize("url", LITERALS.values(), ids=LITERALS.keys())
def test_address_literals_inside_are_refused(get: Get, wire: Loopback, names: Names, url: str) -> None:
    asset = get(url)
    assert (asset.origin, asset.reason) == ("refused", "address")
    assert (wire.dialled, names.asked) == ([], [])


UNREADABLE = {
    "decimal": ("http://2130706433/a.png", "malformed_url"),
    "octal": ("http://0177.0.0.1/a.png", "malformed_url"),
    "hex": ("http://0x7f000001/a.png", "malformed_url"),
    "hex parts": ("http://0x7f.0.0.0x1/a.png", "malformed_url"),
    "short": ("http://127.1/a.png", "malformed_url"),
    "too many parts": ("http://1.2.3.4.5/a.png", "malformed_url"),
    "name that ends in a number": ("http://cdn.example.1/a.png", "malformed_url"),
    "full-width digits": ("http://１２７.0.0.1/a.png", "malformed_url"),
    "zone": ("http://[fe80::1%25eth0]/a.png", "malformed_url"),
    "userinfo": ("http://cdn.example.test@127.0.0.1/a.png", "credentials"),
    "password": ("http://user:s3cret@cdn.example.test/a.png", "credentials"),
    "encoded at sign": ("http://127.0.0.1%2f@cdn.example.test/", "credentials"),
    "backslash": ("http://cdn.example.test\\@127.0.0.1/", "credentials"),
    "backslash host": ("http://127.0.0.1\\.cdn.example.test/", "malformed_url"),
    "space": ("http://cdn.example.test 127.0.0.1/", "malformed_url"),
    "line break": ("http://cdn.example.test/a\r\nHost: 127.0.0.1", "malformed_url"),
    "null": ("http://cdn.example.test\0.evil.test/", "malformed_url"),
    "no host": ("http:///a.png", "malformed_url"),
    "port 0": ("http://cdn.example.test:0/", "malformed_url"),
    "port 65616, which is 80 after overflow": ("http://cdn.example.test:65616/", "malformed_url"),
    "empty": ("", "scheme"),
    "relative": ("/a.png", "scheme"),
    "file": ("file:///etc/passwd", "scheme"),
    "ftp": ("ftp://cdn.example.test/a.png", "scheme"),
    "gopher": ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme"),
    "view-source": ("view-source:http://127.0.0.1/", "scheme"),
    "javascript": ("javascript:alert(1)", "scheme"),
    "long": ("http://cdn.example.test/" + "a" * 100_000, "malformed_url"),
}


@pytest.mark.parametrize(("url", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_urls_that_parsers_read_differently_are_refused(
    get: Get, wire: Loopback, names: Names, url: str, reason: str
) -> None:
    asset = get(url)
    assert (asset.origin, asset.reason) == ("refused", reason)
    assert (wire.dialled, names.asked) == ([], [])


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST",
        "localhost.",
        "a.localhost",
        "redis",
        "metadata",
        "metadata.google.internal",
        "printer.local",
        "page.invalid",
    ],
)
def test_names_of_the_local_network_are_refused_unresolved(get: Get, names: Names, host: str) -> None:
    assert get(f"http://{host}/a.png").reason == "address"
    assert names.asked == []


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


@pytest.mark.parametrize(
    "url", ["HTTP://CDN.Example.TEST/a.png", "hTTp://cdn.example.test./a.png", "http://cdn.example.test:80/a.png"]
)
def test_spellings_of_one_url_are_one_url(get: Get, site: Site, names: Names, url: str) -> None:
    assert get(f"{CDN}/a.png").origin == "network"
    assert get(url).origin == "cache"
    assert names.asked == ["cdn.example.test"]
    assert site.asked == ["/a.png"]


REDIRECTS = {
    "literal": ("http://127.0.0.1/a.png", "address"),
    "metadata": ("http://169.254.169.254/latest/meta-data/", "address"),
    "name inside": ("http://evil.example.test/a.png", "address"),
    "localhost": ("http://localhost/a.png", "address"),
    "mapped": ("http://[::ffff:127.0.0.1]/", "address"),
    "without a scheme": ("//127.0.0.1/a.png", "address"),
    "decimal": ("http://2130706433/", "malformed_url"),
    "other port": ("http://cdn.example.test:6379/", "port"),
    "file": ("file:///etc/passwd", "scheme"),
    "userinfo": ("http://a:b@cdn.example.test/a.png", "credentials"),
    "itself": ("/from.png", "redirects"),
}


@pytest.mark.parametrize(("location", "reason"), REDIRECTS.values(), ids=REDIRECTS.keys())
@pytest.mark.parametrize("status", [302, 308])
def test_every_redirect_is_judged_again(
    get: Get, wire: Loopback, site: Site, location: str, reason: str, status: int
) -> None:
    site.redirects("/from.png", location, status)
    assert get(f"{CDN}/from.png").reason == reason
    assert {address for address, _ in wire.dialled} == {PUBLIC}


def test_five_redirects_are_followed_and_no_sixth(get: Get, site: Site) -> None:
    for number in range(1, 7):
        site.redirects(f"/{number}", f"/{number - 1}")
    site.has("/0", picture())
    assert get(f"{CDN}/5").origin == "network"
    assert get(f"{CDN}/6").reason == "redirects"


def test_a_redirect_to_another_public_host_is_followed_without_naming_the_first(
    get: Get, names: Names, wire: Loopback, site: Site
) -> None:
    names.table["other.example.test"] = [ELSEWHERE]
    site.redirects("/from.png", "http://other.example.test/a.png")
    assert get(f"{CDN}/from.png").origin == "network"
    assert [address for address, _ in wire.dialled] == [PUBLIC, ELSEWHERE]
    assert site.headers["/a.png"]["Host"] == "other.example.test"
    assert "Referer" not in site.headers["/a.png"]


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://127.0.0.1:3000/a.png", True),
        ("http://127.0.0.1/a.png", False),
        ("http://127.0.0.1:3001/a.png", False),
        ("http://intranet/a.png", True),
        ("http://intranet:8080/a.png", False),
        ("http://img.example.test/a.png", True),
        ("http://example.test/a.png", False),
        ("http://notexample.test/a.png", False),
        ("http://inside.example.test/a.png", False),
        ("http://cdn.elsewhere.test/a.png", False),
        ("http://metadata.named.test/a.png", False),
    ],
)
def test_a_list_of_hosts_is_all_that_is_reached(
    get: Get, wire: Loopback, names: Names, url: str, allowed: bool
) -> None:
    names.table |= {
        "intranet": ["10.0.0.5"],
        "img.example.test": [PUBLIC],
        "inside.example.test": ["10.0.0.5"],  # below a wildcard: listed, but not by its own name
        "example.test": [PUBLIC],
        "notexample.test": [PUBLIC],
        "cdn.elsewhere.test": [PUBLIC],
        "metadata.named.test": ["169.254.169.254"],
    }
    asset = get(url, "127.0.0.1:3000,intranet,*.example.test,metadata.named.test")
    assert asset.ok == allowed
    assert bool(wire.dialled) == allowed


def test_public_and_a_named_private_host_go_together(get: Get) -> None:
    policy = "public,127.0.0.1:3000"
    assert get(f"{CDN}/a.png", policy).ok
    assert get("http://127.0.0.1:3000/a.png", policy).ok
    assert get("http://10.0.0.5/a.png", policy).reason == "address"


def test_a_redirect_out_of_the_list_is_refused(get: Get, names: Names, site: Site, wire: Loopback) -> None:
    names.table["other.example.test"] = [ELSEWHERE]
    site.redirects("/from.png", "http://other.example.test/a.png")
    assert get(f"{CDN}/from.png", "cdn.example.test").reason == "host_not_listed"
    assert [address for address, _ in wire.dialled] == [PUBLIC]
    # That refusal was the list's alone.
    assert get(f"{CDN}/from.png", "public").ok


def test_what_was_cached_from_inside_is_shown_to_nobody_who_may_not_ask_for_it(
    get: Get, names: Names, site: Site
) -> None:
    """Else a stranger's recording could bring an internal picture into a clip, by knowing its URL."""
    names.table["app.example.test"] = ["10.0.0.5"]
    site.has("/secret.png", picture(colour=250))
    url = "http://app.example.test/secret.png"
    assert get(url, "app.example.test").ok
    for policy in ("public", "offline", "*.example.test", "cdn.example.test"):
        asset = get(url, policy)
        assert not asset.ok
        assert asset.body != picture(colour=250)
    assert site.asked == ["/secret.png"]


def test_an_inside_refusal_does_not_stand_in_the_way_of_who_names_the_host(get: Get, names: Names) -> None:
    names.table["app.example.test"] = ["10.0.0.5"]
    assert get("http://app.example.test/a.png", "public").reason == "address"
    assert get("http://app.example.test/a.png", "app.example.test").ok


def test_tls_checks_the_certificate_against_the_name_though_the_address_is_pinned(
    tmp_path: Path, get: Get, wire: Loopback, names: Names
) -> None:
    server, client = certificate(tmp_path, "secure.example.test")
    seen: list[str | None] = []
    server.sni_callback = lambda _socket, name, _context: seen.append(name)
    names.table |= {"secure.example.test": [PUBLIC], "other.example.test": [PUBLIC]}
    with Site(server) as site:
        wire.routes[PUBLIC] = site.port
        site.has("/a.png", picture())
        site.redirects("/down.png", "http://cdn.example.test/a.png")
        assert get("https://secure.example.test/a.png", tls=client).ok
        assert get("https://secure.example.test/down.png", tls=client).reason == "downgrade"
        assert get("https://other.example.test/a.png", tls=client).reason == "tls"
    assert set(seen) == {"secure.example.test", "other.example.test"}
    assert {port for _, port in wire.dialled} == {443}


def test_a_self_made_certificate_is_not_trusted(tmp_path: Path, get: Get, wire: Loopback, names: Names) -> None:
    server, _ = certificate(tmp_path, "secure.example.test")
    names.table["secure.example.test"] = [PUBLIC]
    with Site(server) as site:
        wire.routes[PUBLIC] = site.port
        site.has("/a.png", picture())
        assert get("https://secure.example.test/a.png").reason == "tls"
        assert site.asked == []


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


# From here on the real resolver and real sockets, without any seam.


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
