"""Every bad recording is refused: exit code 2, one line that a support person understands, nothing left, soon."""

import gzip
import json
import os
import zlib
from pathlib import Path

import pytest

from tests.e2e.program import Program, clip, refused
from tests.unit.recordings import Json, dump, full, lines, meta, move, session

YEAR_MS = 365 * 86_400_000
GOOD = dump(session()).encode()
PACKED = gzip.compress(GOOD, mtime=0)


def at(*timestamps: object) -> bytes:
    """Events with these times; json.dumps writes NaN and Infinity as JavaScript names, as Python recorders do."""
    events = [meta(), full(), *(move(0) for _ in timestamps[2:])]
    return json.dumps([{**event, "timestamp": time} for event, time in zip(events, timestamps, strict=True)]).encode()


def sized(width: object, height: object) -> list[Json]:
    return [meta(0, width, height), full(5), move(1000)]


BAD: dict[str, tuple[object, str]] = {
    "empty": (b"", "is empty; record or download it again"),
    "not JSON": (b"<!doctype html><title>404 Not Found</title>", "is not JSON; give an rrweb event array"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not JSON; give an rrweb event array"),
    "no events": ([], "is JSON but holds no rrweb events"),
    "events that are not objects": ([1, "a", None, []], "is JSON but holds no rrweb events"),
    "truncated JSON": (GOOD[:-40], "ends in the middle of its JSON; copy or download it again"),
    "truncated gzip": (PACKED[:-20], "ends inside its gzip data; copy or download it again"),
    "damaged gzip": (PACKED[:-8] + bytes(8), "the gzip data of recording is damaged; copy or download it again"),
    "truncated gzip of lines": (
        gzip.compress(lines(session()).encode())[:-20],
        "ends inside its gzip data; copy or download it again",
    ),
    "no full snapshot": ([meta(), move(100), move(200)], "has no full snapshot to start from"),
    "a single event": ([full()], "holds a single event, which shows nothing happening"),
    "viewport 0": (sized(0, 0), "gives its page no size between 1x1 and 16384x16384 pixels"),
    "viewport absurd": (sized(10_000_000, 10_000_000), "gives its page no size between 1x1 and 16384x16384 pixels"),
    "viewport negative": (sized(-1280, 720), "gives its page no size between 1x1 and 16384x16384 pixels"),
    "NaN times": (
        at(*[float("nan")] * 3),
        "none of the 3 events in recording can be used: their times are not milliseconds since 1970",
    ),
    "negative times": (
        at(-3000, -2000, -1000),
        "none of the 3 events in recording can be used: their times are not milliseconds since 1970",
    ),
    "ten years": ([meta(), full(5), move(10 * YEAR_MS)], "lasts 10.0 years, more than the 25 hours there can be"),
    "no time passes": ([meta(0), full(0), move(0)], "all events of the recording have the same time"),
    "mobile, from its middle": (
        [
            meta(),
            {
                "type": 3,
                "data": {"source": 0, "adds": [{"parentId": 1, "wireframe": {"id": 2, "type": "div"}}]},
                "timestamp": 1_760_000_000_001,
            },
        ],
        "has no full snapshot to start from",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_recording(name: str, renderer: Program) -> None:
    content, message = BAD[name]
    (renderer.folder / "recording").write_bytes(content if isinstance(content, bytes) else dump(content).encode())
    error = refused(renderer, *clip("recording", "-o", "bug.mp4"))
    assert message in error
    assert "recording" in error


def test_inspect_refuses_alike(renderer: Program) -> None:
    (renderer.folder / "recording").write_bytes(GOOD[:-40])
    assert "ends in the middle of its JSON" in refused(renderer, "inspect", "recording", "--json")


def test_a_missing_file(renderer: Program) -> None:
    assert refused(renderer, *clip("gone.json", "-o", "bug.mp4")) == "gone.json does not exist; check the path"


def test_a_directory(renderer: Program) -> None:
    (renderer.folder / "sessions").mkdir()
    error = refused(renderer, *clip("sessions", "-o", "bug.mp4"))
    assert error == "sessions is a directory; give the recording file inside it"


def test_a_pipe_is_not_waited_for(renderer: Program) -> None:
    os.mkfifo(renderer.folder / "pipe")
    assert "is not a regular file" in refused(renderer, *clip("pipe", "-o", "bug.mp4"))


def test_a_source_that_is_not_there(renderer: Program) -> None:
    assert "recordings cannot be read from ftp:" in refused(renderer, *clip("ftp://host/x.json", "-o", "bug.mp4"))


def one_stream(path: Path, piece: bytes, count: int) -> None:
    """A valid gzip member that inflates to `[` and `count` times `piece`, which is compressed once: full flushes forget."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    head = deflate.compress(b"[") + deflate.flush(zlib.Z_FULL_FLUSH)
    body = deflate.compress(piece) + deflate.flush(zlib.Z_FULL_FLUSH)
    crc = zlib.crc32(b"[")
    with path.open("wb") as file:
        file.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + head)
        for _ in range(count):
            file.write(body)
            crc = zlib.crc32(piece, crc)
        file.write(deflate.flush() + crc.to_bytes(4, "little") + (1 + count * len(piece)).to_bytes(4, "little"))


def many_members(path: Path, piece: bytes, count: int) -> None:
    path.write_bytes(gzip.compress(b"[") + gzip.compress(piece, 9) * count)


@pytest.mark.parametrize("make", [one_stream, many_members])
def test_a_bomb_of_2_gigabytes(make: object, renderer: Program) -> None:
    bomb = renderer.folder / "bomb.json.gz"
    assert callable(make)
    make(bomb, b" " * (32 << 20), 64)
    assert bomb.stat().st_size < 3_000_000
    with renderer.leaving_nothing():
        result = renderer(*clip("bomb.json.gz", "-o", "bug.mp4"), timeout_s=30)
    assert (result.code, result.out) == (2, "")
    assert "inflates to more than" in result.error
    assert result.peak_bytes < 400_000_000
