"""Server-side request forgery by redirect: each is judged as if it were asked for."""

import pytest

from tests.integration.assets.guard.common import CDN, Get
from tests.integration.assets.site import (
    ELSEWHERE,
    PUBLIC,
    Loopback,
    Names,
    Site,
    picture,
)

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


def test_a_redirect_out_of_the_list_is_refused(get: Get, names: Names, site: Site, wire: Loopback) -> None:
    names.table["other.example.test"] = [ELSEWHERE]
    site.redirects("/from.png", "http://other.example.test/a.png")
    assert get(f"{CDN}/from.png", "cdn.example.test").reason == "host_not_listed"
    assert [address for address, _ in wire.dialled] == [PUBLIC]
    # That refusal was the list's alone.
    assert get(f"{CDN}/from.png", "public").ok
