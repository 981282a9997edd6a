"""What a list of hosts allows, and that nobody else sees what it brought."""

import pytest

from tests.integration.assets.guard.common import CDN, Get
from tests.integration.assets.site import (
    PUBLIC,
    Loopback,
    Names,
    Site,
    picture,
)


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
