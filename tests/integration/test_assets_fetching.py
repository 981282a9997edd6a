"""The fetcher and the cache against real servers: what comes back, what is remembered, what is given up."""

import asyncio
import dataclasses
import gzip
import multiprocessing
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from renderer.assets.cache import AssetCache
from renderer.assets.dial import Network
from renderer.assets.fetch import Limits
from renderer.assets.library import AssetLibrary
from renderer.assets.placeholder import BOX
from renderer.assets.policy import AssetPolicy
from renderer.notices import Notices
from tests.integration.assets_site import PUBLIC, Handler, Loopback, Names, Site, network, picture

CDN = "http://cdn.example.test"
# Generous where an answer is to come, since the machine may be busy; hasty where none will.
LIMITS = Limits(connect_s=5.0, read_s=5.0, total_s=8.0, body_bytes=300_000)
HASTY = Limits(connect_s=0.4, read_s=0.5, total_s=0.8, body_bytes=300_000)

Open = Callable[..., AssetLibrary]


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as running:
        yield running


@pytest.fixture
def wire(site: Site) -> Loopback:
    return Loopback({PUBLIC: site.port}, silent=["93.184.216.99"])


@pytest.fixture
def names() -> Names:
    return Names(
        {"cdn.example.test": [PUBLIC], "dead.example.test": ["93.184.216.99"], "closed.example.test": ["93.184.216.98"]}
    )


@pytest.fixture
def library(tmp_path: Path, wire: Loopback, names: Names) -> Iterator[Open]:
    """Opens libraries on one cache, each as a new run would."""
    opened: list[AssetLibrary] = []

    def open_library(
        policy: str = "public", *, limits: Limits = LIMITS, budget_s: float = 20.0, **more: object
    ) -> AssetLibrary:
        opened.append(
            AssetLibrary(
                tmp_path / "assets",
                AssetPolicy.parse(policy),
                budget_s=budget_s,
                limits=limits,
                network=network(names, wire),
                **more,  # type: ignore[arg-type]
            )
        )
        return opened[-1]

    yield open_library
    for one in opened:
        one.close()


def test_a_picture_is_fetched_as_a_stranger_would(library: Open, site: Site) -> None:
    site.has("/a.png?sig=s3cret", picture(), "image/png")
    asset = library().submit(f"{CDN}/a.png?sig=s3cret#top").result(5)
    assert (asset.status, asset.origin, asset.content_type, asset.body) == (200, "network", "image/png", picture())
    headers = {name.lower(): value for name, value in site.headers["/a.png?sig=s3cret"].items()}
    assert headers["host"] == "cdn.example.test"
    assert headers["user-agent"].startswith("renderer/")
    assert not {"cookie", "authorization", "referer", "origin", "proxy-authorization"} & headers.keys()


def test_environment_proxies_and_netrc_are_not_believed(library: Open, site: Site, monkeypatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text("machine cdn.example.test login someone password s3cret\n")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    site.has("/a.png", picture())
    assert library().submit(f"{CDN}/a.png").result(5).origin == "network"
    assert "Authorization" not in site.headers["/a.png"]


def test_a_second_run_asks_the_network_for_nothing(library: Open, site: Site, names: Names, wire: Loopback) -> None:
    site.has("/a.png", picture(), "image/png")
    site.has("/a.css", b"body{color:red}", "text/css; charset=ISO-8859-1")
    site.has("/page.html", b"<!doctype html><p>hello", "text/html")
    site.has("/old.css", b"a{}", "text/css")
    site.redirects("/moved.css", "/old.css")
    site.fails("/busy.png", 503)
    asked = [
        (f"{CDN}/a.png", "Image"),
        (f"{CDN}/a.css", "Stylesheet"),
        (f"{CDN}/moved.css", "Stylesheet"),
        (f"{CDN}/old.css", "Stylesheet"),
        (f"{CDN}/page.html", "Image"),
        (f"{CDN}/gone.png", "Image"),
        (f"{CDN}/busy.png", "Image"),
        ("http://dead.example.test/x.png", "Image"),
        ("http://closed.example.test/x.png", "Image"),
        ("http://unknown.example.test/x.woff2", "Font"),
        ("http://127.0.0.1/x.png", "Image"),
    ]
    with library(limits=dataclasses.replace(LIMITS, connect_s=0.5)) as first:
        before = [first.submit(*question).result(5) for question in asked]
    assert [asset.origin for asset in before] == (
        ["network"] * 3 + ["cache", "refused", "missing"] + ["failed"] * 4 + ["refused"]
    )
    requests, lookups, dials = len(site.asked), len(names.asked), len(wire.dialled)
    assert requests == 7
    with library() as second:
        after = [second.submit(*question).result(5) for question in asked]
        assert second.summary().fetched == 0
    assert (len(site.asked), len(names.asked), len(wire.dialled)) == (requests, lookups, dials)
    for was, now in zip(before, after, strict=True):
        assert (now.status, now.content_type, now.body, now.reason, now.location) == (
            was.status,
            was.content_type,
            was.body,
            was.reason,
            was.location,
        )
        assert now.remembered


def test_one_url_in_flight_is_fetched_once_for_all_who_ask(library: Open, site: Site) -> None:
    release = threading.Event()

    def slow(handler: Handler) -> None:
        release.wait(5)
        handler.reply(200, picture(), "image/png")

    site.table["/a.png"] = slow
    open_library = library(limits=Limits())

    async def ask() -> list[bytes]:
        tasks = [asyncio.create_task(open_library.get(f"{CDN}/a.png#{number}")) for number in range(20)]
        while not site.asked:
            await asyncio.sleep(0.005)
        tasks[0].cancel()
        release.set()
        answers = await asyncio.gather(*tasks, return_exceptions=True)
        assert isinstance(answers[0], asyncio.CancelledError)
        return [answer.body for answer in answers[1:] if not isinstance(answer, BaseException)]

    assert asyncio.run(ask()) == [picture()] * 19
    assert site.count() == {"/a.png": 1}


def test_asking_does_not_hold_up_the_callers_loop(library: Open, site: Site) -> None:
    site.is_silent("/slow.png")
    open_library = library(limits=HASTY)

    async def longest_gap_s() -> float:
        task = asyncio.create_task(open_library.get(f"{CDN}/slow.png"))
        longest, last = 0.0, time.monotonic()
        while not task.done():
            await asyncio.sleep(0.001)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        assert task.result().reason == "timeout"
        return longest

    assert asyncio.run(longest_gap_s()) < HASTY.read_s * 0.9


@pytest.mark.parametrize(
    ("status", "origin", "days"),
    [(404, "missing", 30), (410, "missing", 30), (403, "missing", 1), (500, "failed", 1), (429, "failed", 1)],
)
def test_bad_statuses_are_remembered_for_their_time(
    library: Open, site: Site, status: int, origin: str, days: int
) -> None:
    site.fails("/x.png", status)
    now = time.time()
    for offset_s, requests in [(0.0, 1), (days * 86_400 - 60.0, 1), (days * 86_400 + 60.0, 2)]:
        with library(clock=lambda offset_s=offset_s: now + offset_s) as run:
            asset = run.submit(f"{CDN}/x.png").result(5)
        assert (asset.origin, asset.reason, asset.body, asset.status) == (origin, f"http_{status}", BOX, 200)
        assert len(site.asked) == requests


def test_trouble_of_this_machine_is_forgotten_soon(library: Open, site: Site, names: Names) -> None:
    import socket

    async def no_network(host: str) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    site.has("/a.png", picture())
    now = time.time()
    offline = library(clock=lambda: now)
    offline._network = Network(resolver=no_network, backend=Loopback({}))
    assert offline.submit(f"{CDN}/a.png").result(5).reason == "name_try_again"
    offline.close()
    assert library(clock=lambda: now + 60).submit(f"{CDN}/a.png").result(5).origin == "failed"
    assert library(clock=lambda: now + 700).submit(f"{CDN}/a.png").result(5).origin == "network"


def test_a_hundred_pictures_of_a_dead_host_cost_one_timeout(library: Open, wire: Loopback) -> None:
    started = time.monotonic()
    run = library(limits=HASTY)
    futures = [run.submit(f"http://dead.example.test/{number}.png") for number in range(100)]
    assert {future.result(5).reason for future in futures} == {"connect"}
    assert time.monotonic() - started < 3.0, "without giving the host up: 6.8 s"
    assert len(wire.dialled) <= LIMITS.connections_per_server


def test_a_hundred_pictures_of_a_host_that_never_answers_cost_one_timeout(library: Open, site: Site) -> None:
    site.is_silent("*")
    started = time.monotonic()
    run = library(limits=HASTY)
    reasons = {future.result(5).reason for future in [run.submit(f"{CDN}/{number}.png") for number in range(100)]}
    assert reasons == {"timeout", "host_down"}
    assert time.monotonic() - started < 3.0, "without giving the host up: 8.5 s"
    assert len(site.asked) <= LIMITS.connections_per_server


def test_one_slow_picture_does_not_condemn_its_host(library: Open, site: Site) -> None:
    site.is_silent("/slow.png")
    site.has("/quick.png", picture())
    run = library(limits=HASTY)
    assert run.submit(f"{CDN}/slow.png").result(5).reason == "timeout"
    assert run.submit(f"{CDN}/quick.png").result(5).origin == "network"


def test_the_budget_bounds_the_waiting_of_a_whole_clip(library: Open, names: Names, wire: Loopback) -> None:
    for number in range(40):
        names.table[f"d{number}.example.test"] = [f"93.184.217.{number}"]
        wire.silent.add(f"93.184.217.{number}")
    notices = Notices()
    urls = [f"http://d{number}.example.test/a.png" for number in range(40)]
    limits = Limits(connect_s=0.4, connections=2)
    started = time.monotonic()
    with library(limits=limits, budget_s=1.0, notices=notices) as run:
        reasons = [future.result(5).reason for future in [run.submit(url) for url in urls]]
    assert 0.9 < time.monotonic() - started < 4.0, "without a budget: 8 s"
    assert 1 <= reasons.count("connect") <= 6
    assert reasons.count("budget") == 40 - reasons.count("connect")
    by_code = {notice.code: notice for notice in notices}
    assert by_code["missing_assets"].count == 40
    assert by_code["asset_budget_spent"].count == reasons.count("budget")
    assert "1 s" in by_code["asset_budget_spent"].message

    # The same budget would end at the same place; a bigger one is worth another try.
    dials = len(wire.dialled)
    with library(limits=limits, budget_s=1.0) as again:
        assert [again.submit(url).result(5).reason for url in urls] == reasons
    assert len(wire.dialled) == dials
    wire.silent.clear()
    with library(limits=limits, budget_s=2.0) as bigger:
        assert [bigger.submit(url).result(5).reason for url in urls] == ["connect"] * 40
    assert len(wire.dialled) > dials


def test_the_budget_counts_overlapping_waits_once_and_idle_time_never(library: Open, site: Site) -> None:
    def half_slow(handler: Handler) -> None:
        time.sleep(0.25)
        handler.reply(200, picture(), "image/png")

    site.table["*"] = half_slow
    run = library(budget_s=1.4)
    together = [run.submit(f"{CDN}/{number}.png") for number in range(6)]
    assert {future.result(5).origin for future in together} == {"network"}
    time.sleep(1.2)
    assert run.submit(f"{CDN}/later.png").result(5).origin == "network"


def test_bytes_have_a_budget_too(library: Open, site: Site) -> None:
    for number in range(4):
        site.has(f"/{number}.css", b"/* " + b"x" * 40_000 + b" */", "text/css")
    run = library(limits=Limits(budget_bytes=100_000))
    reasons = [run.submit(f"{CDN}/{number}.css", "Stylesheet").result(5).reason for number in range(4)]
    assert reasons == ["", "", "budget", "budget"]
    assert run.summary().bytes == 80_012


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


def _abrupt(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nabc")
    handler.close_connection = True


def _nonsense(handler: Handler) -> None:
    handler.wfile.write(b"\x00\xffwhat is this\r\n\r\n")
    handler.close_connection = True


def _long_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"X-A: " + b"a" * 300_000 + b"\r\n\r\n")
    handler.close_connection = True


def _odd_length(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc")
    handler.close_connection = True


def test_a_connection_that_breaks_before_the_answer_is_tried_once_more(library: Open, site: Site) -> None:
    def drop_once(handler: Handler) -> None:
        handler.close_connection = True
        if site.count()["/a.png"] > 1:
            handler.reply(200, picture())

    def drop(handler: Handler) -> None:
        handler.close_connection = True

    site.table |= {"/a.png": drop_once, "/b.png": drop}
    run = library()
    assert run.submit(f"{CDN}/a.png").result(5).origin == "network"
    assert run.submit(f"{CDN}/b.png").result(5).reason == "protocol"
    assert site.count() == {"/a.png": 2, "/b.png": 2}


@pytest.mark.parametrize("answer", [_abrupt, _nonsense, _long_headers, _odd_length])
def test_a_server_that_breaks_the_protocol_is_a_failed_picture(library: Open, site: Site, answer) -> None:
    site.table["/a.png"] = answer
    asset = library().submit(f"{CDN}/a.png").result(5)
    assert (asset.origin, asset.reason, asset.body) == ("failed", "protocol", BOX)


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


def test_a_picture_that_moved_is_simply_given(library: Open, site: Site) -> None:
    site.redirects("/a.png", f"{CDN}/b.png")
    site.has("/b.png", picture())
    asset = library().submit(f"{CDN}/a.png").result(5)
    assert (asset.status, asset.body) == (200, picture())


def test_offline_shows_what_is_cached_and_asks_for_nothing(library: Open, site: Site, names: Names) -> None:
    site.has("/a.png", picture())
    with library() as run:
        run.submit(f"{CDN}/a.png").result(5)
    notices, names.asked = Notices(), []
    with library("offline", notices=notices) as run:
        assert run.submit(f"{CDN}/a.png").result(5).origin == "cache"
        lacking = run.submit(f"{CDN}/b.png?token=s3cret").result(5)
        assert (lacking.origin, lacking.reason, lacking.body) == ("refused", "offline", BOX)
    assert site.count() == {"/a.png": 1}
    assert names.asked == []
    [notice] = notices
    assert (notice.code, notice.count) == ("missing_assets", 1)
    assert "cdn.example.test" in notice.message
    assert "s3cret" not in notice.message
    assert "b.png" not in notice.message


def test_lookup_knows_what_was_fetched_and_never_fetches(library: Open, site: Site) -> None:
    site.has("/a.png", picture())
    run = library()
    assert run.lookup(f"{CDN}/a.png") is None
    run.submit(f"{CDN}/a.png").result(5)
    here, later = run.lookup(f"{CDN}/a.png"), library().lookup(f"{CDN}/a.png")
    assert here is not None
    assert later is not None
    assert here.body == later.body == picture()
    assert site.count() == {"/a.png": 1}


def test_a_damaged_body_is_noticed_and_fetched_again(library: Open, site: Site, tmp_path: Path) -> None:
    site.has("/a.png", picture())
    with library() as run:
        run.submit(f"{CDN}/a.png").result(5)
    [body] = [path for path in (tmp_path / "assets/v1/bodies").rglob("*") if path.is_file()]
    for damage in (body.read_bytes()[:-4], bytes([body.read_bytes()[0] ^ 1]) + body.read_bytes()[1:], b""):
        body.write_bytes(damage)
        with library() as run:
            asset = run.submit(f"{CDN}/a.png").result(5)
        assert (asset.origin, asset.body) == ("network", picture())
        assert body.read_bytes() == picture()
    assert site.count() == {"/a.png": 4}


def test_a_damaged_index_entry_is_fetched_again(library: Open, site: Site, tmp_path: Path) -> None:
    site.has("/a.png", picture())
    with library() as run:
        run.submit(f"{CDN}/a.png").result(5)
    [entry] = [path for path in (tmp_path / "assets/v1/urls").rglob("*") if path.is_file()]
    bystander = tmp_path / "bystander"
    bystander.write_text("mine")
    outside = str(bystander)
    for damage in (b"", b"{", b"\xff\xfe", b"[]", entry.read_bytes().replace(b'"ok"', b'"great"')):
        entry.write_bytes(damage)
        assert library().submit(f"{CDN}/a.png").result(5).origin == "network"
    entry.write_bytes(b'{"outcome":"ok","sha256":"' + outside.encode() + b'"}')
    assert library().submit(f"{CDN}/a.png").result(5).origin == "network"
    assert bystander.read_text() == "mine"


def test_what_is_still_under_way_at_the_end_is_not_asked_for_again(library: Open, site: Site) -> None:
    site.is_silent("/slow.png")
    run = library(limits=Limits())
    future = run.submit(f"{CDN}/slow.png")
    while not site.asked:
        time.sleep(0.005)
    run.close()
    assert future.result(0).reason == "too_late"
    assert library().submit(f"{CDN}/slow.png").result(5).reason == "too_late"
    assert site.count() == {"/slow.png": 1}


def test_the_end_does_not_forget_what_is_cached_but_not_read_yet(library: Open, site: Site, monkeypatch) -> None:
    site.has("/a.png", picture())
    with library() as run:
        run.submit(f"{CDN}/a.png").result(5)
    reading = threading.Event()
    read = AssetCache.read

    def slow_read(cache: AssetCache, key: str) -> object:
        reading.set()
        time.sleep(0.2)
        return read(cache, key)

    monkeypatch.setattr(AssetCache, "read", slow_read)
    run = library()
    future = run.submit(f"{CDN}/a.png")
    assert reading.wait(5)
    run.close()
    assert future.result(0).reason == "too_late"
    monkeypatch.undo()
    assert library().submit(f"{CDN}/a.png").result(5).origin == "cache"


def test_a_render_that_broke_off_concludes_nothing(library: Open, site: Site) -> None:
    site.is_silent("/slow.png")
    run = library(limits=Limits())
    with pytest.raises(KeyboardInterrupt), run:
        future = run.submit(f"{CDN}/slow.png")
        while not site.asked:
            time.sleep(0.005)
        raise KeyboardInterrupt
    assert future.result(0).reason == "too_late"
    site.has("/slow.png", picture())
    assert library().submit(f"{CDN}/slow.png").result(5).origin == "network"


def test_the_cache_keeps_within_its_size_and_drops_the_longest_unused(
    library: Open, site: Site, tmp_path: Path
) -> None:
    import os

    def held() -> int:
        return sum(path.stat().st_size for path in (tmp_path / "assets/v1/bodies").rglob("*") if path.is_file())

    for number in range(10):
        site.has(f"/{number}.css", b"%d" % number * 10_000, "text/css")
        with library() as run:
            run.submit(f"{CDN}/{number}.css", "Stylesheet").result(5)
    now = time.time()
    for path in (tmp_path / "assets/v1").rglob("*"):
        if path.is_file():
            os.utime(path, (now - 1000, now - 1000))
    with library() as run:  # used again, so not the longest unused
        run.submit(f"{CDN}/0.css", "Stylesheet").result(5)
    site.has("/new.css", b"n" * 10_000, "text/css")
    with library(cache_bytes=50_000) as run:
        run.submit(f"{CDN}/new.css", "Stylesheet").result(5)
    assert 20_000 <= held() <= 50_000
    run = library("offline")
    assert run.submit(f"{CDN}/0.css", "Stylesheet").result(5).origin == "cache"
    assert run.submit(f"{CDN}/new.css", "Stylesheet").result(5).origin == "cache"


def test_an_unwritable_cache_serves_the_run_and_says_so(library: Open, site: Site, tmp_path: Path) -> None:
    (tmp_path / "assets").write_text("a file where the folder should be")
    site.has("/a.png", picture())
    notices = Notices()
    with library(notices=notices) as run:
        assert [run.submit(f"{CDN}/a.png").result(5).origin for _ in range(2)] == ["network", "cache"]
    assert site.count() == {"/a.png": 1}
    assert [notice.code for notice in notices] == ["asset_cache_unwritable"]


def _render_in_a_process(cache: str, port: int, number: int) -> None:
    there = network(Names({"cdn.example.test": [PUBLIC]}), Loopback({PUBLIC: port}))
    with AssetLibrary(Path(cache), AssetPolicy.parse("public"), network=there, cache_bytes=200_000) as run:
        futures = [run.submit(f"{CDN}/{(item * (1 + number)) % 40}.css", "Stylesheet") for item in range(40)]
        for item, future in enumerate(futures):
            expected = b"%d" % ((item * (1 + number)) % 40) * 5_000
            assert future.result(10).body == expected


def test_processes_share_one_cache(site: Site, tmp_path: Path, library: Open) -> None:
    for number in range(40):
        site.has(f"/{number}.css", b"%d" % number * 5_000, "text/css")
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_render_in_a_process, args=(str(tmp_path / "assets"), site.port, number))
        for number in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(30)
    assert [worker.exitcode for worker in workers] == [0, 0]
    assert not list((tmp_path / "assets/v1/tmp").iterdir())
    run = library("offline")
    kept = [run.submit(f"{CDN}/{number}.css", "Stylesheet").result(5) for number in range(40)]
    assert any(asset.ok for asset in kept)
    assert all(asset.body == b"%d" % number * 5_000 for number, asset in enumerate(kept) if asset.ok)


def test_a_url_has_one_answer_for_the_whole_run(library: Open, site: Site, tmp_path: Path) -> None:
    site.fails("/a.png", 500)
    run = library()
    assert run.submit(f"{CDN}/a.png").result(5).reason == "http_500"
    site.has("/a.png", picture())
    for path in (tmp_path / "assets/v1/urls").rglob("*"):
        if path.is_file():
            path.unlink()
    assert run.submit(f"{CDN}/a.png").result(5).reason == "http_500"


def test_counts(library: Open, site: Site) -> None:
    site.has("/a.png", picture())
    with library() as run:
        run.submit(f"{CDN}/a.png").result(5)
    site.has("/b.png", picture(colour=7))
    run = library()
    for url in (
        f"{CDN}/a.png",
        f"{CDN}/b.png",
        f"{CDN}/b.png",
        f"{CDN}/none.png",
        "http://closed.example.test/",
        "ftp://x.test/",
    ):
        run.submit(url).result(5)
    assert run.summary().as_dict() == {
        "asked": 6,
        "from_cache": 1,
        "fetched": 1,
        "missing": 1,
        "failed": 1,
        "refused": 1,
        "bytes": len(picture(colour=7)),
    }


def test_a_page_that_asks_without_end_is_refused_in_the_end(library: Open, site: Site, monkeypatch) -> None:
    monkeypatch.setattr("renderer.assets.library.MAX_URLS", 3)
    for number in range(5):
        site.has(f"/{number}.png", picture())
    run = library()
    reasons = [run.submit(f"{CDN}/{number}.png").result(5).reason for number in range(5)]
    assert reasons == ["", "", "", "too_many_urls", "too_many_urls"]
    assert run.submit(f"{CDN}/0.png").result(5).ok
    assert len(site.asked) == 3


def test_the_cache_is_for_its_owner_and_names_no_url(library: Open, site: Site, tmp_path: Path) -> None:
    site.has("/a.png?sig=s3cret", picture())
    library().submit(f"{CDN}/a.png?sig=s3cret").result(5)
    assert (tmp_path / "assets/v1").stat().st_mode & 0o077 == 0
    files = [path for path in (tmp_path / "assets").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"s3cret" in path.read_bytes() or "s3cret" in str(path) for path in files)


def test_closing_twice_and_asking_after(library: Open, site: Site) -> None:
    site.has("/a.png", picture())
    run = library()
    run.submit(f"{CDN}/a.png").result(5)
    threads = threading.active_count()
    run.close()
    run.close()
    assert threading.active_count() < threads
    assert run.submit(f"{CDN}/a.png").result(0).origin == "cache"
    assert run.submit(f"{CDN}/b.png").result(0).reason == "closed"
