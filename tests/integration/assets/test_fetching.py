"""The fetcher and the cache against real servers: what comes back, and who is asked for it how often."""

import asyncio
import dataclasses
import threading
import time
from pathlib import Path

from renderer.assets.fetch import Limits
from renderer.assets.placeholder import BOX
from renderer.notices import Notices
from tests.integration.assets.common import CDN, HASTY, LIMITS, Open
from tests.integration.assets.site import Handler, Loopback, Names, Site, picture


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
