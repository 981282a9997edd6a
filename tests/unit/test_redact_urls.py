"""Addresses: shown ones lose their values, loaded ones keep working under another name."""

import base64
from urllib.parse import quote

import pytest

from renderer.redact import DEFAULT, redact_url
from renderer.redact.text.markup import style
from renderer.redact.text.scrub import Scrub
from renderer.redact.text.urls import Urls
from tests.canaries import element, snapshot
from tests.unit.redact_fixtures import events_of, meta, policy, redacted

SHOWN = {
    "https://shop.example/a/b?token=s3cret&page=2": "https://shop.example/a/b?token=•&page=•",
    "https://shop.example/a#section-2": "https://shop.example/a#section-2",
    "https://shop.example/#/orders/7?who=ann": "https://shop.example/#/orders/7?who=•",
    "https://shop.example/cb#access_token=abc&state=x": "https://shop.example/cb#access_token=•&state=•",
    "https://ann:pw@shop.example:8443/x": "https://shop.example:8443/x",
    "https://shop.example/u/jane@example.com/orders": "https://shop.example/u/••••••••••••••••/orders",
    "https://shop.example/u/jane%40example.com/orders": "https://shop.example/u/••••••••••••••••••/orders",
    "/relative?q=1": "/relative?q=•",
    "?only=query": "?only=•",
    "https://shop.example/?flag": "https://shop.example/?•",
    "https://shop.example/a;jsessionid=ABC123/b": "https://shop.example/a;jsessionid=•/b",
    "mailto:jane@example.com?subject=x": "mailto:••••••••••••••••",
    "tel:+491701234567": "tel:•••••••••••••",
    "javascript:alert('x')": "javascript:",
    "javascript:void(0)": "javascript:void(0)",
    "#": "#",
    "": "",
    "about:blank": "about:blank",
    "blob:https://shop.example/550e8400-e29b-41d4-a716-446655440000": "blob:https://shop.example/550e8400-e29b-41d4-a716-446655440000",
    "https://shop.example/v1/orders/550e8400-e29b-41d4-a716-446655440000": "https://shop.example/v1/orders/550e8400-e29b-41d4-a716-446655440000",
    "https://shop.example/?jane@example.com=1": "https://shop.example/?•=•",
    "https://[::1]:80/?a=b": "https://[::1]:80/?a=•",
    "https://shop.example/?next=https%3A%2F%2Fx.example%2F%3Fmail%3Djane%2540example.com": "https://shop.example/?next=•",
}


@pytest.mark.parametrize("url", SHOWN)
def test_an_address_that_is_shown(url: str) -> None:
    assert redact_url(url, DEFAULT) == SHOWN[url]
    assert redact_url(SHOWN[url], DEFAULT) == SHOWN[url]


def test_parameters_that_are_allowed_are_kept_but_for_patterns() -> None:
    rules = policy(urls={"query": "mask", "allow": ["Page", "who"]}, text={"patterns": {"email": True}})
    assert redact_url("/x?page=2&who=a%40b.example&q=1", rules) == "/x?page=2&who=•&q=•"


@pytest.mark.parametrize(("how", "after"), [("drop", "/x"), ("keep", "/x?a=1#b=2"), ("mask", "/x?a=•#b=•")])
def test_queries_can_be_dropped_kept_or_masked(how: str, after: str) -> None:
    assert redact_url("/x?a=1#b=2", policy(urls={"query": how, "fragment": how})) == after


def test_what_is_loaded_keeps_its_query_and_is_renamed_when_it_holds_a_secret() -> None:
    urls = Urls(Scrub(DEFAULT))
    assert urls.loaded("https://cdn.example/a.png?sig=abc&w=2") == "https://cdn.example/a.png?sig=abc&w=2"
    assert urls.aliases == {}
    original = "https://cdn.example/jane@example.com/a.png?sig=abc"
    masked = urls.loaded(original)
    assert masked == "https://cdn.example/****************/a.png?sig=abc&redacted=1".replace(
        "****************", "************.***"
    )
    assert urls.loaded(original) == masked
    other = urls.loaded("https://cdn.example/june@example.com/a.png?sig=abc")
    assert other != masked
    assert urls.aliases == {masked: original, other: "https://cdn.example/june@example.com/a.png?sig=abc"}
    assert urls.loaded(masked) == masked


def test_a_secret_in_a_host_or_a_login_is_not_left_in_what_is_loaded() -> None:
    urls = Urls(Scrub(policy(text={"custom": [{"name": "corp", "regex": "acme"}]})))
    masked = urls.loaded("https://acme.example/logo.png")
    assert "acme" not in masked
    assert urls.aliases[masked] == "https://acme.example/logo.png"
    assert urls.loaded("https://ann:pw@cdn.example/a.png") == "https://cdn.example/a.png"


@pytest.mark.parametrize(
    "url",
    ["https://cdn.jsdelivr.net/npm/react@18.2.0/umd/react.js", "https://x.example/logo@2x.png", "/local.png", "data:,"],
)
def test_ordinary_addresses_are_loaded_as_they_are(url: str) -> None:
    assert Urls(Scrub(DEFAULT)).loaded(url) == url


def packed(kind: str, body: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(body.encode()).decode()}"


def test_text_in_data_addresses_is_scrubbed_and_packed_again() -> None:
    urls = Urls(Scrub(DEFAULT))
    svg = "<svg xmlns='http://www.w3.org/2000/svg'><path d='M1 1 0 01-1 1'/><text>{}</text></svg>"
    before, after = svg.format("jane@example.com"), svg.format("••••@•••••••.•••")
    assert urls.loaded(packed("image/svg+xml", before)) == packed("image/svg+xml", after)
    assert urls.loaded(f"data:image/svg+xml,{quote(before)}") == f"data:image/svg+xml,{quote(after)}"
    assert urls.loaded("data:image/svg+xml,%3Csvg%2F%3E") == "data:image/svg+xml,%3Csvg%2F%3E"
    picture = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
    assert urls.loaded(picture) == picture
    assert urls.loaded("data:text/plain;base64,//4A/w==") == "data:,"


CSS = {
    'a::after { content: "jane@example.com" }': 'a::after { content: "••••@•••••••.•••" }',
    r'a::after { content: "jane\40 example.com" }': 'a::after { content: "••••@•••••••.•••" }',
    'b { background: url("data:image/svg+xml,%3Csvg%2F%3E") }': 'b { background: url("data:image/svg+xml,%3Csvg%2F%3E") }',
    "@media (min-width: 600px) { c { margin: 0 0 1em } }": "@media (min-width: 600px) { c { margin: 0 0 1em } }",
    "@font-face { unicode-range: U+0100-02BA, U+02BD-02C5 }": "@font-face { unicode-range: U+0100-02BA, U+02BD-02C5 }",
    "d { background: url(https://x.example/a.png?v=1) }": "d { background: url(https://x.example/a.png?v=1) }",
    '@import "https://ann@x.example/a.css";': '@import "https://x.example/a.css";',
}


@pytest.mark.parametrize("css", CSS)
def test_style_sheets(css: str) -> None:
    scrub = Scrub(DEFAULT)
    assert style(css, scrub, Urls(scrub).loaded) == CSS[css]


def test_where_an_address_stands_says_what_becomes_of_it() -> None:
    link = "https://x.example/jane@example.com?a=1"
    body = [
        element(20, "a", {"href": link}), element(21, "img", {"src": link, "srcset": f"{link} 1x, https://x.example/b.png 2x"}),
        element(22, "iframe", {"src": link}), element(23, "svg", {}, element(24, "use", {"xlink:href": "#icon"})),
    ]  # fmt: skip
    sheet = element(9, "link", {"rel": "stylesheet", "href": "https://x.example/a.css?v=3"})
    done = redacted([meta(link), snapshot(*body, head=[sheet, element(8, "link", {"rel": "canonical", "href": link})])])
    first, second = events_of(done)
    shown, loaded = "https://x.example/••••••••••••••••?a=•", "https://x.example/************.***?a=1&redacted=1"
    assert first["data"]["href"] == shown
    assert done.recording.windows[0].viewports[0].href == shown
    html = second["data"]["node"]["childNodes"][0]["childNodes"]
    assert [one["attributes"]["href"] for one in html[0]["childNodes"]] == ["https://x.example/a.css?v=3", shown]
    a, img, frame, svg = html[1]["childNodes"]
    assert a["attributes"] == {"href": shown}
    assert img["attributes"] == {"src": loaded, "srcset": f"{loaded} 1x, https://x.example/b.png 2x"}
    assert frame["attributes"] == {"src": shown}
    assert svg["childNodes"][0]["attributes"] == {"xlink:href": "#icon"}
    assert done.aliases == {loaded: link}
