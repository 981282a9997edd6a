"""Server-side request forgery by the URL itself: addresses inside, and spellings that parsers read differently."""

import pytest

from tests.integration.assets.guard.common import CDN, Get
from tests.integration.assets.site import (
    Loopback,
    Names,
    Site,
)

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
    "url", ["HTTP://CDN.Example.TEST/a.png", "hTTp://cdn.example.test./a.png", "http://cdn.example.test:80/a.png"]
)
def test_spellings_of_one_url_are_one_url(get: Get, site: Site, names: Names, url: str) -> None:
    assert get(f"{CDN}/a.png").origin == "network"
    assert get(url).origin == "cache"
    assert names.asked == ["cdn.example.test"]
    assert site.asked == ["/a.png"]
