"""The cache on disk: what it keeps, what it drops, and how it lives with damage and neighbours."""

import multiprocessing
import threading
import time
from pathlib import Path

import pytest

from renderer.assets.cache import AssetCache
from renderer.assets.fetch import Limits
from renderer.assets.library import AssetLibrary
from renderer.assets.policy import AssetPolicy
from renderer.notices import Notices
from tests.integration.assets.common import CDN, Open
from tests.integration.assets.site import PUBLIC, Loopback, Names, Site, network, picture


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


def test_the_cache_is_for_its_owner_and_names_no_url(library: Open, site: Site, tmp_path: Path) -> None:
    site.has("/a.png?sig=s3cret", picture())
    library().submit(f"{CDN}/a.png?sig=s3cret").result(5)
    assert (tmp_path / "assets/v1").stat().st_mode & 0o077 == 0
    files = [path for path in (tmp_path / "assets").rglob("*") if path.is_file()]
    assert len(files) == 2
    assert not any(b"s3cret" in path.read_bytes() or "s3cret" in str(path) for path in files)
