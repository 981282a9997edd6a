"""Certificates, checked against the name though the address is pinned."""

from pathlib import Path

from tests.integration.assets.guard.common import Get
from tests.integration.assets.site import (
    PUBLIC,
    Loopback,
    Names,
    Site,
    certificate,
    picture,
)


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
