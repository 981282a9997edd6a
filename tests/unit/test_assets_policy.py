"""`--assets` as it is written, and URLs as the policy sees them."""

import pytest

from renderer.assets.policy import AssetPolicy, HostRule
from renderer.assets.urls import BadUrlError, parse_target
from renderer.errors import RequestError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("public", AssetPolicy(fetches=True, public=True)),
        ("offline", AssetPolicy(fetches=False, public=True)),
        (" Offline ", AssetPolicy(fetches=False, public=True)),
        ("cdn.example.com", AssetPolicy(True, False, (HostRule("cdn.example.com", False, None),))),
        (
            "CDN.Example.com., *.example.org",
            AssetPolicy(True, False, (HostRule("cdn.example.com", False, None), HostRule("example.org", True, None))),
        ),
        ("localhost:3000", AssetPolicy(True, False, (HostRule("localhost", False, 3000),))),
        ("a.test:80", AssetPolicy(True, False, (HostRule("a.test", False, 80),))),
        (
            "[::1]:3000,10.0.0.5",
            AssetPolicy(True, False, (HostRule("::1", False, 3000), HostRule("10.0.0.5", False, None))),
        ),
        ("public,localhost:3000", AssetPolicy(True, True, (HostRule("localhost", False, 3000),))),
        ("bücher.example", AssetPolicy(True, False, (HostRule("xn--bcher-kva.example", False, None),))),
    ],
)
def test_parse(text: str, expected: AssetPolicy) -> None:
    assert AssetPolicy.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "public,",
        "*",
        "*.",
        "*.*.com",
        "a.*.com",
        "http://a.com",
        "a.com/path",
        "user@a.com",
        "a b.com",
        "*.10.0.0.1",
        "::1",
        "a:b",
        "a.com:",
        "a.com:0",
        "a.com:99999",
        "offline,a.com",
        "public,offline",
        "0x7f.1",
        "a..b",
        "-a.com",
        "[::1",
        "a\n.com",
    ],
)
def test_what_cannot_be_read_is_a_one_line_request_error(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        AssetPolicy.parse(text)
    assert (caught.value.code, caught.value.exit_code) == ("bad_assets", 2)
    assert "\n" not in caught.value.message
    assert "--assets" in caught.value.message
    assert "for example" in caught.value.message


@pytest.mark.parametrize(
    ("policy", "url", "objection"),
    [
        ("public", "https://cdn.example.com/a.png", ""),
        ("public", "http://cdn.example.com:443/a.png", ""),
        ("public", "https://cdn.example.com:8443/a.png", "port"),
        ("public", "http://intranet/a.png", "address"),
        ("public", "http://printer.local/a.png", "address"),
        ("public,intranet:8080", "http://intranet:8080/a.png", ""),
        ("public,intranet:8080", "http://intranet/a.png", "address"),
        ("a.test", "http://a.test/x", ""),
        ("a.test", "https://a.test/x", ""),
        ("a.test", "http://a.test:81/x", "host_not_listed"),
        ("a.test:81", "http://a.test:81/x", ""),
        ("a.test:81", "http://a.test/x", "host_not_listed"),
        ("a.test", "http://b.a.test/x", "host_not_listed"),
        ("*.a.test", "http://c.b.a.test/x", ""),
        ("*.a.test", "http://a.test/x", "host_not_listed"),
        ("*.a.test", "http://ba.test/x", "host_not_listed"),
        ("offline", "http://a.test:8080/x", ""),
    ],
)
def test_objections(policy: str, url: str, objection: str) -> None:
    assert AssetPolicy.parse(policy).objection(parse_target(url)) == objection


@pytest.mark.parametrize(
    ("policy", "public", "private", "never"),
    [
        ("public", True, False, False),
        ("offline", True, False, False),
        ("a.test", True, True, False),
        ("*.test", True, False, False),
        ("other.test", True, False, False),
    ],
)
def test_only_a_host_named_in_full_may_be_private(policy: str, public: bool, private: bool, never: bool) -> None:
    read, target = AssetPolicy.parse(policy), parse_target("http://a.test/x")
    assert (read.admits(target, "public"), read.admits(target, "private"), read.admits(target, "never")) == (
        public,
        private,
        never,
    )


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://A.Test:80/x#top", "http://a.test/x"),
        ("https://a.test:443", "https://a.test/"),
        ("http://a.test.:8080/x?q=1", "http://a.test:8080/x?q=1"),
        ("http://a.test?q", "http://a.test/?q"),
        ("http://[2606:2800:220:1:0:0:0:1]/x", "http://[2606:2800:220:1::1]/x"),
        ("http://bücher.example/ü", "http://xn--bcher-kva.example/%C3%BC"),
        ("http://a_b.test/a b", "http://a_b.test/a%20b"),
    ],
)
def test_urls_are_always_written_the_same_way(url: str, normal: str) -> None:
    assert parse_target(url).url == normal
    assert parse_target(normal).url == normal
    assert parse_target(url).key == parse_target(normal).key


def test_what_differs_has_another_key() -> None:
    urls = [
        "http://a.test/x",
        "https://a.test/x",
        "http://a.test:8080/x",
        "http://a.test/X",
        "http://a.test/x?",
        "http://a.test/x?a",
    ]
    assert len({parse_target(url).key for url in urls}) == 6


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        ("b.png", "https://a.test/dir/b.png"),
        ("../b.png?x", "https://a.test/b.png?x"),
        ("/b.png", "https://a.test/b.png"),
        ("//b.test/c", "https://b.test/c"),
        ("http://b.test/c", "http://b.test/c"),
        ("?only", "https://a.test/dir/a.png?only"),
    ],
)
def test_redirects_are_relative_to_where_they_came_from(location: str, expected: str) -> None:
    assert parse_target(location, base=parse_target("https://a.test/dir/a.png")).url == expected


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "data:text/html,x", "http://u:p@b.test/", "http://0x7f.1/", "\r\nX: y"]
)
def test_redirects_that_lead_nowhere(location: str) -> None:
    with pytest.raises(BadUrlError):
        parse_target(location, base=parse_target("https://a.test/dir/a.png"))
