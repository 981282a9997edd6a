"""The cache on disk: what it gives back, what it takes for damage, and how it is kept within its size."""

import fcntl
import hashlib
import os
import time
from pathlib import Path

import pytest

from renderer.assets.cache import AssetCache, Entry, Hop
from renderer.assets.prune import prune

KEYS = [hashlib.sha256(bytes([number])).hexdigest() for number in range(8)]


def _store(cache: AssetCache, key: str, body: bytes, used_s: float = 0.0) -> Path:
    """Write a body under a key, last used `used_s` seconds ago; gives the body's file."""
    sha256 = hashlib.sha256(body).hexdigest()
    cache.write(key, Entry("ok", sha256=sha256), body)
    path = cache.root / "bodies" / sha256[:2] / sha256
    os.utime(path, (time.time() - used_s, time.time() - used_s))
    return path


def test_everything_that_is_written_comes_back(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    body = b"body"
    entry = Entry(
        "ok",
        stored_s=1.5,
        reason="",
        hops=(Hop("https://a.test:443", "public"), Hop("http://[::1]:80", "private")),
        kind="font",
        content_type="font/woff2",
        sha256=hashlib.sha256(body).hexdigest(),
        animated=True,
    )
    moved = Entry("moved", location="https://a.test/b.css", kind="stylesheet")
    spent = Entry("failed", reason="budget", budget_s=30.0, expires_s=time.time() + 60)
    cache.write(KEYS[0], entry, body)
    cache.write(KEYS[1], moved)
    cache.write(KEYS[2], spent)
    again = AssetCache(tmp_path)
    assert again.read(KEYS[0]) == (entry, body)
    assert again.read(KEYS[1]) == (moved, b"")
    assert again.read(KEYS[2]) == (spent, b"")
    assert again.read(KEYS[3]) is None


def test_an_empty_body_is_kept_too(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    _store(cache, KEYS[0], b"")
    found = cache.read(KEYS[0])
    assert found is not None
    assert found[1] == b""


def test_entries_end_at_their_time(tmp_path: Path) -> None:
    now_s = [100.0]
    cache = AssetCache(tmp_path, lambda: now_s[0])
    cache.write(KEYS[0], Entry("missing", expires_s=200.0))
    now_s[0] = 199.9
    assert cache.read(KEYS[0]) is not None
    now_s[0] = 200.0
    assert cache.read(KEYS[0]) is None


def test_one_body_under_two_urls_is_one_file(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    assert _store(cache, KEYS[0], b"same") == _store(cache, KEYS[1], b"same")
    assert len([path for path in (cache.root / "bodies").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("damage", [b"", b"sam", b"samf", b"same and more"])
def test_a_damaged_body_is_removed_and_can_be_written_again(tmp_path: Path, damage: bytes) -> None:
    cache = AssetCache(tmp_path)
    path = _store(cache, KEYS[0], b"same")
    path.write_bytes(damage)
    assert cache.read(KEYS[0]) is None
    assert not path.exists()
    _store(cache, KEYS[0], b"same")
    assert cache.read(KEYS[0]) is not None


def test_the_longest_unused_leave_first(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    paths = [_store(cache, key, key[:1].encode() * 100 + key.encode(), used_s=1000.0 - n) for n, key in enumerate(KEYS)]
    size = paths[0].stat().st_size
    assert cache.read(KEYS[0]) is not None  # used just now
    assert prune(tmp_path, 5 * size, time.time()) == 4 * size
    assert [path.exists() for path in paths] == [True, False, False, False, False, True, True, True]
    assert cache.read(KEYS[1]) is None
    assert prune(tmp_path, 5 * size, time.time()) == 0


def test_what_dead_processes_left_is_swept_up(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    _store(cache, KEYS[0], b"kept")
    cache.write(KEYS[1], Entry("missing"))
    now_s = time.time()
    old, fresh = cache.root / "tmp" / "old", cache.root / "tmp" / "fresh"
    for path, age_s in ((old, 7200.0), (fresh, 10.0), (cache.root / "urls" / KEYS[1][:2] / KEYS[1], 91 * 86_400.0)):
        path.touch()
        os.utime(path, (now_s - age_s, now_s - age_s))
    prune(tmp_path, 10**9, now_s)
    assert (old.exists(), fresh.exists()) == (False, True)
    assert cache.read(KEYS[1]) is None
    assert cache.read(KEYS[0]) is not None


def test_two_do_not_prune_at_once(tmp_path: Path) -> None:
    cache = AssetCache(tmp_path)
    path = _store(cache, KEYS[0], bytes(1000))
    with (cache.root / "prune.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert prune(tmp_path, 10, time.time()) == 0
        assert path.exists()
    assert prune(tmp_path, 10, time.time()) == 1000
    assert not path.exists()
