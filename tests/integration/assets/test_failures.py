"""What dead, slow and broken servers cost, and for how long they are remembered."""

import time

import pytest

from renderer.assets.budget import TIMEOUTS_BEFORE_DOWN
from renderer.assets.dial import Network
from renderer.assets.fetch import Limits
from renderer.assets.placeholder import BOX
from renderer.notices import Notices
from tests.integration.assets.common import CDN, HASTY, LIMITS, Open
from tests.integration.assets.site import Handler, Loopback, Names, Site, picture


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
    # Until the last of these timeouts is noted, each that was noted lets one more in.
    assert len(site.asked) < LIMITS.connections_per_server + TIMEOUTS_BEFORE_DOWN


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
