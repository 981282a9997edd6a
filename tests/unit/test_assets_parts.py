"""The small parts: budget, health of hosts, memory, inflating, what may be used again, and the warnings."""

import asyncio
import errno
import gzip
from collections.abc import Callable

import httpcore2
import pytest
from httpcore2._exceptions import map_exceptions

from renderer.assets.asset import Asset
from renderer.assets.budget import TIMEOUTS_BEFORE_DOWN, Budget, Health
from renderer.assets.cache import Entry, Hop
from renderer.assets.dial import Network
from renderer.assets.entries import dated, usable
from renderer.assets.failure import FetchError
from renderer.assets.fetch import Fetched, Fetcher, Limits
from renderer.assets.inflate import Inflater
from renderer.assets.memo import Memo
from renderer.assets.policy import AssetPolicy
from renderer.assets.tally import Tally
from renderer.assets.urls import parse_target
from renderer.notices import Notices


@pytest.fixture
def now(monkeypatch) -> Callable[[float], None]:
    """Sets the monotonic clock of the budget."""
    time_s = [100.0]
    monkeypatch.setattr("renderer.assets.budget.time.monotonic", lambda: time_s[0])
    return lambda seconds: time_s.__setitem__(0, 100.0 + seconds)


def test_the_budget_is_the_union_of_the_waits(now) -> None:
    budget = Budget(10.0, 100)
    with budget.waiting():
        now(2.0)
        with budget.waiting():
            now(3.0)
        assert budget.left_s == 7.0
    now(50.0)
    assert budget.left_s == 7.0
    with budget.waiting():
        now(60.0)
    assert budget.left_s == -3.0
    with pytest.raises(FetchError, match="budget"), budget.waiting():
        pass


def test_the_budget_of_bytes() -> None:
    budget = Budget(10.0, 100)
    budget.spend_bytes(100)
    with pytest.raises(FetchError, match="budget"), budget.waiting():
        pass
    with pytest.raises(FetchError, match="budget"):
        Budget(10.0, 100).spend_bytes(101)


def test_a_host_is_down_at_once_when_it_cannot_be_reached() -> None:
    health = Health()
    health.check("a")
    health.unreachable("a", "tls")
    with pytest.raises(FetchError, match="tls"):
        health.check("a")
    health.check("b")


def test_a_host_that_answered_gets_more_patience() -> None:
    health = Health()
    health.answered("a")
    for _ in range(TIMEOUTS_BEFORE_DOWN - 1):
        health.unreachable("a", "connect")
    health.check("a")
    health.answered("a")
    for _ in range(TIMEOUTS_BEFORE_DOWN - 1):
        health.timed_out("a")
    health.check("a")
    health.timed_out("a")
    with pytest.raises(FetchError, match="host_down"):
        health.check("a")


def test_memory_is_bounded_by_bytes_and_failures_stay() -> None:
    memo = Memo(keep_bytes=100)
    memo.put("gone", Entry("missing", reason="http_404"), b"")
    memo.put("a", Entry("ok"), bytes(60))
    memo.put("b", Entry("ok"), bytes(30))
    assert memo.get("a") is not None
    memo.put("c", Entry("ok"), bytes(40))
    assert memo.get("b") is None, "the least recently used goes first"
    assert memo.get("a") is not None
    memo.put("a", Entry("ok"), bytes(10))
    memo.put("d", Entry("ok"), bytes(50))
    assert [key for key in "abcd" if memo.get(key)] == ["a", "c", "d"]
    memo.put("big", Entry("ok"), bytes(1000))
    assert [key for key in (*"abcd", "big") if memo.get(key)] == ["big"]
    assert memo.get("gone") == (Entry("missing", reason="http_404"), b"")


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_inflating_in_pieces_of_any_size(step: int) -> None:
    data = bytes(range(256)) * 20
    packed = gzip.compress(data)
    inflater = Inflater(" GZIP ", 10_000)
    assert sum(inflater.feed(packed[at : at + step]) for at in range(0, len(packed), step)) == len(data)
    assert inflater.finish() == data


@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("", bytes)])
def test_the_size_limit_is_exact(size: int, fits: bool, encoding: str, pack) -> None:
    inflater = Inflater(encoding, 1000)
    if fits:
        inflater.feed(pack(bytes(size)))
        assert inflater.finish() == bytes(size)
    else:
        with pytest.raises(FetchError, match="too_big"):
            inflater.feed(pack(bytes(size)))


def test_an_empty_body_is_a_body() -> None:
    assert Inflater("gzip", 10).finish() == b""


@pytest.mark.parametrize(
    ("entry", "policy", "answer"),
    [
        (Entry("ok", hops=(Hop("https://a.test:443", "public"),)), "public", True),
        (Entry("ok", hops=(Hop("https://a.test:443", "public"),)), "offline", True),
        (Entry("ok", hops=(Hop("https://a.test:443", "public"),)), "b.test", False),
        (Entry("ok", hops=(Hop("http://a.test:3000", "public"),)), "offline", True),
        (Entry("ok", hops=(Hop("http://a.test:3000", "private"),)), "a.test:3000", True),
        (Entry("ok", hops=(Hop("http://a.test:3000", "private"),)), "public,a.test:3000", True),
        (Entry("ok", hops=(Hop("http://a.test:3000", "private"),)), "public", False),
        (Entry("ok", hops=(Hop("http://a.test:3000", "private"),)), "offline", False),
        (Entry("ok", hops=(Hop("http://a.test:80", "public"), Hop("http://b.test:80", "private"))), "a.test", False),
        (
            Entry("ok", hops=(Hop("http://a.test:80", "public"), Hop("http://b.test:80", "private"))),
            "a.test,b.test",
            True,
        ),
        (Entry("ok", hops=(Hop("nonsense", "public"),)), "public", False),
        (Entry("refused", reason="address", hops=(Hop("http://a.test:80", "private"),)), "public", True),
        (Entry("refused", reason="address", hops=(Hop("http://a.test:80", "private"),)), "a.test", False),
        (Entry("refused", reason="address", hops=(Hop("http://a.test:80", "never"),)), "a.test", True),
        (Entry("refused", reason="host_not_listed", hops=(Hop("http://b.test:80", "public"),)), "a.test", True),
        (Entry("refused", reason="host_not_listed", hops=(Hop("http://b.test:80", "public"),)), "public", False),
        (Entry("missing", reason="http_404", hops=(Hop("http://a.test:80", "public"),)), "public", True),
        (Entry("failed", reason="name"), "public", True),
        (Entry("failed", reason="budget", budget_s=30.0), "public", True),
        (Entry("failed", reason="budget", budget_s=29.0), "public", False),
    ],
)
def test_what_a_later_run_may_use(entry: Entry, policy: str, answer: bool) -> None:
    assert usable(entry, AssetPolicy.parse(policy), 30.0) == answer


@pytest.mark.parametrize(
    ("entry", "lasts_s"),
    [
        (Entry("missing", reason="http_404"), 30 * 86_400),
        (Entry("missing", reason="http_403"), 86_400),
        (Entry("failed", reason="timeout"), 86_400),
        (Entry("failed", reason="no_network"), 600),
    ],
)
def test_how_long_failures_last(entry: Entry, lasts_s: int) -> None:
    assert dated(entry, 1000.0).expires_s == 1000.0 + lasts_s
    assert dated(Entry("ok"), 1000.0).expires_s == 0.0


def test_a_machine_without_a_network_is_told_from_a_dead_host() -> None:
    class Unplugged(httpcore2.AsyncNetworkBackend):
        async def connect_tcp(self, *_: object, **__: object):
            with map_exceptions({OSError: httpcore2.ConnectError}):
                # As anyio wraps it.
                raise OSError("All connection attempts failed") from OSError(
                    errno.ENETUNREACH, "Network is unreachable"
                )

    async def resolver(_: str) -> list[str]:
        return ["93.184.216.34"]

    async def fetch() -> None:
        fetcher = Fetcher(AssetPolicy.parse("public"), Network(resolver, Unplugged()), Limits(), 5.0)
        with pytest.raises(FetchError, match="no_network"):
            await fetcher.fetch(parse_target("http://a.test/x.png"), "picture", Fetched())
        await fetcher.aclose()

    asyncio.run(fetch())


def test_warnings_count_what_is_seen_and_name_hosts_only() -> None:
    tally, notices = Tally(), Notices()
    for number in range(5):
        asset = Asset(f"https://h{number}.test/p?token=s3cret", 200, "image/png", b"", "missing", reason="http_404")
        tally.answered(asset, f"h{number}.test", shown=True)
    tally.answered(Asset("https://x.test/", 200, "", b"", "failed", reason="protocol"), "x.test", shown=True)
    tally.answered(
        Asset("https://video.test/", 404, "", b"", "refused", reason="resource_type"), "video.test", shown=False
    )
    tally.answered(Asset("https://fine.test/", 200, "", b"abc", "network"), "fine.test", shown=True)
    tally.report(notices, 30.0)
    [notice] = notices
    assert (notice.code, notice.count) == ("missing_assets", 6)
    assert "5 not found, 1 without a usable answer" in notice.message
    assert "h0.test, h1.test, h2.test" in notice.message
    for secret in ("s3cret", "/p", "h3.test", "video.test", "fine.test"):
        assert secret not in notice.message


def test_nothing_missing_is_no_warning() -> None:
    tally, notices = Tally(), Notices()
    tally.answered(Asset("https://fine.test/", 200, "", b"abc", "network"), "fine.test", shown=True)
    tally.report(notices, 30.0)
    assert list(notices) == []
    assert tally.summary().as_dict()["fetched"] == 1
