"""One suite for every kind of reference: the same recording comes out of each, and the same refusals."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import zstandard

from renderer.bootstrap import build_sources
from renderer.errors import InputError
from renderer.recording.limits import MIB, Limits
from renderer.recording.model import Recording
from renderer.recording.read import read_recording
from renderer.session import read_session
from renderer.settings import Settings
from renderer.sources.model import Fetched
from tests.canaries import planted, survivors
from tests.integration.conftest import Clouds
from tests.integration.sources.kinds import AS_GIVEN, KINDS, PARTED, Kind, make_kind
from tests.unit import recordings


@pytest.fixture
def making(clouds: Clouds, tmp_path: Path) -> Iterator[Callable[[str], Kind]]:
    with ExitStack() as closing:
        yield lambda name: make_kind(name, clouds, closing, tmp_path)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest, making: Callable[[str], Kind]) -> Kind:
    return making(request.param)


@pytest.fixture(params=AS_GIVEN)
def as_given(request: pytest.FixtureRequest, making: Callable[[str], Kind]) -> Kind:
    return making(request.param)


@pytest.fixture(params=(*PARTED, "posthog:"))
def in_parts(request: pytest.FixtureRequest, making: Callable[[str], Kind]) -> Kind:
    return making(request.param)


@pytest.fixture(params=PARTED)
def parted(request: pytest.FixtureRequest, making: Callable[[str], Kind]) -> Kind:
    return making(request.param)


def _content(recording: Recording) -> list[tuple[str, int, int, object]]:
    return [
        (window.id, event.at_ms, event.type, json.loads(bytes(event.raw))["data"])
        for window in recording.windows
        for event in window.events
    ]


EXPECTED = recordings.session()
TEXT = recordings.lines([["w", event] for event in EXPECTED]).encode()
SEEN = [("w", event["timestamp"] - recordings.START_MS, event["type"], event["data"]) for event in EXPECTED]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_the_same_recording_comes_out(kind: Kind, pack: Callable[[bytes], bytes]) -> None:
    recording = kind.read(pack(TEXT))
    assert _content(recording) == SEEN
    assert not recording.notices


@pytest.mark.parametrize("shape", ["indented array", "posthog batches", "capture request", "indented export v2"])
def test_shapes_come_through(as_given: Kind, shape: str) -> None:
    write, _, window = recordings.SHAPES[shape]
    recording = as_given.read(gzip.compress(write(EXPECTED).encode()))
    assert [(at, what, data) for _, at, what, data in _content(recording)] == [each[1:] for each in SEEN]
    assert [each.id for each in recording.windows] == [window]


def test_twelve_parts_in_order_of_their_numbers(in_parts: Kind) -> None:
    """Events at one and the same time stay in the order of the parts: part-10 is after part-9."""
    marks = [recordings.custom(500, f"mark {number}") for number in range(12)]
    parts = [recordings.dump([["w", mark]]).encode() for mark in marks]
    parts[0] = TEXT + parts[0]
    parts[3] = gzip.compress(parts[3])
    parts[7] = zstandard.compress(b"\xef\xbb\xbf" + parts[7])
    content = _content(in_parts.read(*parts))
    assert len(content) == len(SEEN) + 12
    assert [data for _, _, what, data in content if what == 5] == [mark["data"] for mark in marks]


def test_what_is_no_part_is_left_out_and_said(parted: Kind) -> None:
    if parted.name == "recording: parts":
        with pytest.raises(InputError, match="not JSON"):
            parted.put([TEXT, b"hello"])
        return
    fetched = parted.fetch(parted.put([TEXT, b"How to read these files\n", gzip.compress(TEXT)[:-9], b"", b'{"a": 1}']))
    assert _content(read_recording(fetched.raw)) == SEEN
    assert {notice.code: notice.count for notice in fetched.notices} == {"foreign_parts": 2, "damaged_parts": 1}
    assert parted.fetch(parted.put([TEXT])).notices == ()


def test_nothing_is_there(kind: Kind) -> None:
    with pytest.raises(InputError) as caught:
        kind.fetch(kind.missing)
    assert (caught.value.code, caught.value.exit_code) == ("recording_not_found", 2)
    assert "\n" not in caught.value.message


BAD = {
    "cut": (gzip.compress(TEXT)[:-20], "truncated_gzip"),
    "text": (b"hello", "not_json"),
    "no events": (b'{"status": "ok"}', "not_a_recording"),
    "bomb": (gzip.compress(b"[" + b" " * (70 * MIB), mtime=0), "compression_bomb"),
    "zip": (b"PK\x03\x04" + bytes(30), "unsupported_compression"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_recording_is_refused_for_the_same_reason(as_given: Kind, name: str) -> None:
    data, code = BAD[name]
    with pytest.raises(InputError) as caught:
        as_given.read(data)
    assert caught.value.code == code
    assert str(as_given.settings.data_dir.parent) not in caught.value.message


def test_too_large_is_refused(kind: Kind) -> None:
    with pytest.raises(InputError) as caught:
        kind.read(TEXT, limits=Limits(text_bytes=100))
    assert caught.value.code == "recording_too_large"


def test_a_second_fetch_gives_the_same_and_adds_nothing(kind: Kind) -> None:
    reference = kind.put([TEXT, TEXT])
    first = kind.fetch(reference)
    before = _files(kind.settings)
    assert kind.fetch(reference) == first
    assert _files(kind.settings) == before


def test_what_users_typed_is_redacted_from_wherever_it_comes(kind: Kind) -> None:
    session = planted(lambda place: f"{place.replace(' ', '-')}-canary@private.example")
    reference = kind.put([session.recording])
    fetched = kind.fetch(reference)
    assert b"canary" in b"".join(_text(fetched))
    seen = read_session(reference, sources=build_sources(kind.settings))
    shown = b"\n".join(bytes(event.raw) for window in seen.recording.windows for event in window.events)
    assert not survivors(session.secrets, shown)
    assert not survivors(session.secrets, repr((fetched.raw, fetched.notices, seen.notices)).encode())


def _text(fetched: Fetched) -> list[bytes]:
    data = fetched.raw.path.read_bytes()
    return [zstandard.ZstdDecompressor().decompressobj().decompress(data) if data[:1] == b"\x28" else data]


def _files(settings: Settings) -> set[tuple[str, int]]:
    parents = (settings.data_dir, settings.cache_dir or settings.data_dir)
    return {(str(path), path.stat().st_size) for parent in parents for path in parent.rglob("*") if path.is_file()}
