"""What may come in an answer: lengths, encodings, types."""

import gzip
import time
import zlib
from collections.abc import Callable

import pytest

from renderer.assets.fetch import Limits
from tests.integration.assets.common import CDN, HASTY, LIMITS, Open
from tests.integration.assets.site import Handler, Site, picture


def test_an_endless_body_ends_at_the_limit(library: Open, site: Site) -> None:
    sent = []

    def endless(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "image/png")
        handler.send_header("Connection", "close")
        handler.end_headers()
        while not site.over.is_set():
            handler.wfile.write(picture() + bytes(20_000))
            sent.append(20_000)

    site.table["/endless.png"] = endless
    asset = library().submit(f"{CDN}/endless.png").result(5)
    assert (asset.origin, asset.reason) == ("refused", "too_big")
    # What the sockets' buffers took besides is the kernel's.
    assert sum(sent) < 8_000_000


def test_a_body_that_drips_is_cut_off(library: Open, site: Site) -> None:
    def drip(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not site.over.wait(0.05):
            handler.wfile.write(b"x")

    site.table["/drip.png"] = drip
    started = time.monotonic()
    assert library(limits=HASTY).submit(f"{CDN}/drip.png").result(5).reason == "timeout"
    assert time.monotonic() - started < 4.0


def test_a_declared_length_beyond_the_limit_is_not_even_read(library: Open, site: Site) -> None:
    def huge(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", "9000000000")
        handler.end_headers()
        site.over.wait(5)

    site.table["/huge.png"] = huge
    started = time.monotonic()
    assert library().submit(f"{CDN}/huge.png").result(5).reason == "too_big"
    assert time.monotonic() - started < LIMITS.read_s


def _raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
        ("deflate", zlib.compress),
        ("deflate", _raw_deflate),
        ("identity", bytes),
    ],
    ids=["gzip", "x-gzip", "two members", "zlib", "raw deflate", "identity"],
)
def test_encodings_are_undone(library: Open, site: Site, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    css = b"p{margin:0}" * 5_000
    site.has("/a.css", pack(css), "text/css", [("Content-Encoding", encoding)])
    assert library().submit(f"{CDN}/a.css", "Stylesheet").result(5).body == css


@pytest.mark.parametrize(
    ("encoding", "body", "reason"),
    [
        ("gzip", gzip.compress(bytes(500_000_000), 1), "too_big"),
        ("deflate", zlib.compress(bytes(50_000_000)), "too_big"),
        ("gzip", gzip.compress(picture() * 50)[:-20], "encoding"),
        ("gzip", b"this is no gzip at all", "encoding"),
        ("br", b"\x0b\x02\x80", "encoding"),
        ("gzip, gzip", gzip.compress(gzip.compress(picture())), "encoding"),
    ],
    ids=["gzip bomb", "deflate bomb", "truncated", "no gzip", "not asked for", "twice"],
)
def test_bombs_and_broken_encodings(library: Open, site: Site, encoding: str, body: bytes, reason: str) -> None:
    site.has("/a.png", body, "image/png", [("Content-Encoding", encoding)])
    assert library(limits=Limits(body_bytes=2_000_000)).submit(f"{CDN}/a.png").result(10).reason == reason


def test_types_that_a_replay_cannot_use_are_refused_unasked(library: Open, site: Site) -> None:
    site.has("/a", picture())
    run = library()
    for resource_type in (
        "Media",
        "Script",
        "Document",
        "XHR",
        "Fetch",
        "WebSocket",
        "Ping",
        "Other",
        "Manifest",
        "nonsense",
    ):
        asset = run.submit(f"{CDN}/a", resource_type).result(5)
        assert (asset.status, asset.origin, asset.reason, asset.body) == (404, "refused", "resource_type", b"")
    assert site.asked == []


def test_the_bytes_beat_the_header(library: Open, site: Site) -> None:
    site.has("/a.png", picture("WEBP"), "text/html")
    site.has("/b.png", b"<html>sign in, please", "image/png")
    site.has("/c.css", b"<html>sign in, please", "text/html")
    site.has("/d.woff2", b"wOF2" + bytes(100), "application/octet-stream")
    run = library()
    assert run.submit(f"{CDN}/a.png").result(5).content_type == "image/webp"
    assert run.submit(f"{CDN}/b.png").result(5).reason == "not_wanted"
    assert run.submit(f"{CDN}/c.css", "Stylesheet").result(5).reason == "not_wanted"
    font = run.submit(f"{CDN}/d.woff2", "Font").result(5)
    assert {"name": "Access-Control-Allow-Origin", "value": "*"} in font.response_headers()
    assert {"name": "Content-Type", "value": "font/woff2"} in font.response_headers()
    # A picture is no stylesheet, however it is asked for.
    assert run.submit(f"{CDN}/a.png", "Stylesheet").result(5).reason == "wrong_kind"


def test_a_stylesheet_that_moved_sends_the_page_to_its_new_address(library: Open, site: Site) -> None:
    site.redirects("/v1/app.css", "../v2/app.css?n=1", 301)
    site.has("/v2/app.css?n=1", b"i{background:url(a.png)}", "text/css")
    run = library()
    moved = run.submit(f"{CDN}/v1/app.css", "Stylesheet").result(5)
    assert (moved.status, moved.location) == (302, f"{CDN}/v2/app.css?n=1")
    assert {"name": "Location", "value": moved.location} in moved.response_headers()
    assert run.submit(moved.location, "Stylesheet").result(5).body == b"i{background:url(a.png)}"
    assert site.count() == {"/v1/app.css": 1, "/v2/app.css?n=1": 1}
