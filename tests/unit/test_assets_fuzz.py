"""Whatever a recording or a server makes of a URL, a policy, a body or a cache file: a verdict, never another exception."""

import contextlib
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from renderer.assets.cache import AssetCache
from renderer.assets.content import UnwantedError, examine
from renderer.assets.failure import FetchError
from renderer.assets.inflate import Inflater
from renderer.assets.policy import AssetPolicy
from renderer.assets.urls import BadUrlError, parse_target
from renderer.errors import RequestError

MAGICS = [
    b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR",
    b"GIF89a",
    b"\xff\xd8\xff\xe0",
    b"RIFF....WEBPVP8X",
    b"\0\0\0\x20ftypavif",
    b"BM" + bytes(12) + b"\x28\0\0\0",
    b"\0\0\1\0\1\0",
    b"",
]
URLISH = st.text(alphabet=st.sampled_from("htps:/@.%[]#?\\0123456789abxé\t\n ０。-_"), max_size=40)
ENTRIES = [
    b"{}",
    b"[]",
    b'{"outcome":"ok"}',
    b'{"outcome":"ok","sha256":"../../x"}',
    b'{"outcome":"ok","expires_s":"NaN"}',
]


# The first international host name loads a table, which takes longer than hypothesis allows an example.
@settings(deadline=None)
@given(st.one_of(st.text(max_size=60), URLISH, URLISH.map("http://{}".format)))
def test_urls(text: str) -> None:
    with contextlib.suppress(BadUrlError):
        target = parse_target(text)
        assert parse_target(target.url) == target
        assert target.host.isascii()
        assert not set(target.host) & set("/\\@?#% \t\n")


@settings(deadline=None)
@given(st.one_of(st.text(max_size=40), URLISH))
def test_policies(text: str) -> None:
    with contextlib.suppress(RequestError):
        AssetPolicy.parse(text)


@given(st.sampled_from(MAGICS), st.binary(max_size=300), st.text(max_size=30))
def test_bodies(magic: bytes, rest: bytes, header: str) -> None:
    with contextlib.suppress(UnwantedError):
        examine(magic + rest, header)


@given(st.sampled_from(["gzip", "deflate", ""]), st.binary(max_size=300))
def test_encoded_bodies(encoding: str, data: bytes) -> None:
    with contextlib.suppress(FetchError):
        inflater = Inflater(encoding, 1000)
        inflater.feed(data)
        assert len(inflater.finish()) <= 1000


@given(st.one_of(st.binary(max_size=100), st.sampled_from(ENTRIES)))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_cache_files(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "v1" / "urls" / "ab" / "abc"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    assert AssetCache(tmp_path).read("abc") is None
