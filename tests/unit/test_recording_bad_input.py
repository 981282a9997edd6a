"""Every recording that cannot be read: its code, and one line that says what to do."""

import gzip
import json
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
import zstandard

from renderer.errors import RecordingError
from renderer.recording.limits import HOUR_MS, MIB, Limits
from renderer.recording.raw import RawRecording
from renderer.recording.read import read_recording
from tests.unit import recordings as build

TEXT = build.dump(build.session()).encode()
LINES = build.lines(build.session()).encode()
YEAR_MS = 365 * 24 * HOUR_MS
DEEP = 200_000
WIREFRAME_UPDATE = {
    "type": 3,
    "data": {"source": 0, "updates": [{"wireframe": {"id": 1}}]},
    "timestamp": build.START_MS,
}
WIREFRAME_ADD = build.mutation(9, [{"parentId": 1, "wireframe": {"id": 1, "type": "text"}}])


def refused(folder: Path, content: object, limits: Limits | None = None) -> RecordingError:
    with pytest.raises(RecordingError) as caught:
        build.read(folder, content, limits)  # type: ignore[arg-type]
    message = caught.value.message
    assert "\n" not in message
    assert 20 < len(message) < 200
    assert caught.value.exit_code == 2
    return caught.value


CASES: list[tuple[object, str, str]] = [
    (b"", "empty_file", "recording is empty"),
    (b" \n\r\n\t ", "empty_file", "is empty"),
    (b"\xef\xbb\xbf", "empty_file", "is empty"),
    (gzip.compress(b""), "empty_file", "is empty"),
    (zstandard.compress(b""), "empty_file", "is empty"),
    (b"hello", "not_json", "is not JSON; give an rrweb event array"),
    (b"<html>\n<body>\n</html>", "not_json", "is not JSON"),
    (b"[nope]", "not_json", "is not JSON"),
    (b"[1,]", "not_json", "is not JSON"),
    (TEXT + b"x", "not_json", "is not JSON"),
    (TEXT.replace(b"shop", b"sh\x01p"), "not_json", "is not JSON"),
    (b"\0" * 100, "not_json", "is not JSON"),
    (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not_json", "is not JSON"),
    (TEXT.decode().encode("utf-16"), "not_utf8", "save it as UTF-8"),
    (TEXT.decode().encode("utf-16-be"), "not_utf8", "save it as UTF-8"),
    (TEXT.decode().encode("utf-32-le"), "not_utf8", "save it as UTF-8"),
    (TEXT[:-1], "truncated_json", "ends in the middle of its JSON"),
    (TEXT[:200], "truncated_json", "ends in the middle"),
    (b"[", "truncated_json", "ends in the middle"),
    (b'[{"type":4,"data":{"href":"x', "truncated_json", "ends in the middle"),
    (json.dumps(build.session(), indent=2).encode()[:300], "truncated_json", "ends in the middle"),
    (b"[\n" + LINES.replace(b"\n", b",\n")[:-2], "truncated_json", "ends in the middle"),
    (build.dump(build.export_v2(build.session(), "w")).encode()[:-20], "truncated_json", "ends in the middle"),
    (gzip.compress(TEXT)[:-1], "truncated_gzip", "ends inside its gzip data"),
    (gzip.compress(TEXT)[:40], "truncated_gzip", "ends inside its gzip data"),
    (gzip.compress(TEXT)[:2], "truncated_gzip", "ends inside its gzip data"),
    (gzip.compress(LINES) + gzip.compress(LINES)[:30], "truncated_gzip", "ends inside its gzip data"),
    (gzip.compress(TEXT)[:10] + b"\x07" * 40, "corrupt_gzip", "the gzip data of recording is damaged"),
    (gzip.compress(TEXT)[:-8] + b"\0" * 8, "corrupt_gzip", "is damaged"),
    (zstandard.compress(TEXT)[:-1], "truncated_zstd", "ends inside its zstd data"),
    (zstandard.compress(TEXT)[:4], "truncated_zstd", "ends inside its zstd data"),
    (b"\x28\xb5\x2f\xfd\x00\x58" + b"\xff" * 40, "corrupt_zstd", "is damaged"),
    (gzip.compress(zstandard.compress(TEXT)[:-1]), "truncated_zstd", "ends inside its zstd data"),
    (gzip.compress(gzip.compress(gzip.compress(gzip.compress(TEXT)))), "too_many_layers", "more than 3 times over"),
    (b"PK\x03\x04" + b"\0" * 40, "unsupported_compression", "is a zip archive; decompress it first"),
    (b"BZh91AY&SY" + b"\0" * 40, "unsupported_compression", "is bzip2"),
    (gzip.compress(b"\xfd7zXZ\0" + b"\0" * 40), "unsupported_compression", "is xz"),
    (b"[" * DEEP, "json_too_deep", "nests more than 4000 levels deep"),
    (b'{"data":' * DEEP, "json_too_deep", "nests more than"),
    (b"[{},\n" * DEEP, "json_too_deep", "nests more than"),
    (LINES + b'{"a":' * DEEP + b"1" + b"}" * DEEP + b"\n", "json_too_deep", "nests more than"),
    (b"[]", "not_a_recording", "is JSON but holds no rrweb events"),
    (b"{}", "not_a_recording", "holds no rrweb events"),
    (b"17", "not_a_recording", "holds no rrweb events"),
    (b'"a"', "not_a_recording", "holds no rrweb events"),
    (b"null", "not_a_recording", "holds no rrweb events"),
    (b'[1,"a",null,[],[[[[[[[[[[{}]]]]]]]]]]]', "not_a_recording", "holds no rrweb events"),
    (b'{"version":"2023-04-28","data":{"snapshots":[]}}', "not_a_recording", "holds no rrweb events"),
    (b'{"data":{"snapshotsByWindowId":[1]}}', "not_a_recording", "holds no rrweb events"),
    (b'{"name":"package","version":"1.0.0"}', "not_a_recording", "holds no rrweb events"),
    (b'{"event":"$snapshot","properties":{"$snapshot_data":7}}', "not_a_recording", "holds no rrweb events"),
    (b'{"event":"$snapshot","properties":[]}', "not_a_recording", "holds no rrweb events"),
    ([{"type": "x", "timestamp": 1}], "no_usable_events", "none of the 1 events in recording can be used"),
    ([{"type": 4, "timestamp": -5, "data": {}}] * 3, "no_usable_events", "none of the 3 events"),
    ([build.full()], "single_event", "holds a single event"),
    ([build.meta()], "single_event", "holds a single event"),
    ([build.meta(), build.move(5)], "no_full_snapshot", "has no full snapshot to start from"),
    ([build.meta(), {**build.full(), "data": {"node": None}}, build.move(5)], "no_full_snapshot", "full snapshot"),
    ([WIREFRAME_UPDATE, build.move(5)], "no_full_snapshot", "has no full snapshot to start from"),
    ([build.meta(), WIREFRAME_ADD], "no_full_snapshot", "has no full snapshot"),
    ([WIREFRAME_ADD], "single_event", "holds a single event"),
    ([build.meta(0, 0, 0), build.full()], "bad_viewport", "no size between 1x1 and 16384x16384"),
    ([build.meta(0, -5, 720), build.full()], "bad_viewport", "no size"),
    ([build.meta(0, 1280, 16385), build.full()], "bad_viewport", "no size"),
    ([build.meta(0, 1e300, 1e300), build.full()], "bad_viewport", "no size"),
    ([build.meta(0, "1280", None), build.full()], "bad_viewport", "no size"),
    ([build.meta(0, float("nan"), True), build.full()], "bad_viewport", "no size"),
    ([build.meta(), build.full(), build.move(10 * YEAR_MS)], "session_too_long", "lasts 10.0 years"),
    ([*build.session(), build.move(26 * HOUR_MS)], "session_too_long", "lasts 26 hours, more than the 25 hours"),
    ([build.move(at * YEAR_MS // 10) for at in range(99)] + [build.full()], "session_too_long", "years"),
]


@pytest.mark.parametrize(("content", "code", "says"), CASES, ids=[f"{n}-{case[1]}" for n, case in enumerate(CASES)])
def test_is_refused(content: object, code: str, says: str, tmp_path: Path) -> None:
    error = refused(tmp_path, content)
    assert (error.code, says in error.message) == (code, True), error.message


def test_a_few_events_with_a_wrong_clock_are_named(tmp_path: Path) -> None:
    events = [*build.session(), *(build.move(1000 + at) for at in range(200)), build.move(10 * YEAR_MS)]
    error = refused(tmp_path, events)
    assert error.code == "session_too_long"
    assert "1 of its 206 events stand apart" in error.message


@pytest.mark.parametrize(
    ("limits", "content", "code"),
    [
        (Limits(file_bytes=100), TEXT, "recording_too_large"),
        (Limits(text_bytes=100), TEXT, "recording_too_large"),
        (Limits(text_bytes=1000), gzip.compress(LINES * 50), "recording_too_large"),
        (Limits(text_bytes=1000), zstandard.compress(LINES * 50), "recording_too_large"),
        (Limits(events=4), TEXT, "too_many_events"),
        (Limits(session_ms=999), TEXT, "session_too_long"),
        (Limits(viewport_px=1000), TEXT, "bad_viewport"),
        (Limits(layers=0), gzip.compress(TEXT), "too_many_layers"),
    ],
)
def test_limits(limits: Limits, content: bytes, code: str, tmp_path: Path) -> None:
    assert refused(tmp_path, content, limits).code == code


def test_fields_inflate_to_no_more_than_the_text_may(tmp_path: Path) -> None:
    bomb = build.compressed_fields(build.mutation(9, [build.add(10, text=" " * 1_000_000)]))
    text = build.lines([build.meta(), build.full(), bomb])
    assert len(text) < 100_000
    assert refused(tmp_path, text, Limits(text_bytes=500_000)).code == "recording_too_large"


def gzip_bomb(path: Path, piece: bytes, total_bytes: int) -> None:
    """`piece` again and again, compressed once and repeated as raw deflate blocks: a bomb is made in no time."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole = piece * (MIB // len(piece) + 1)
    block = compressor.compress(whole) + compressor.flush(zlib.Z_FULL_FLUSH)
    header = zlib.compressobj(9, zlib.DEFLATED, 31).flush(zlib.Z_SYNC_FLUSH)[:10]
    with path.open("wb") as file:
        file.write(header)
        for _ in range(total_bytes // len(whole)):
            file.write(block)


@pytest.mark.parametrize(
    ("start", "piece", "code"),
    [
        ("blanks", b" ", "compression_bomb"),
        ("zeros", b"\0", "not_json"),
        ("events", build.dump(build.move(5)).encode() + b"\n", "compression_bomb"),
        ("array", b"[" + b" " * 1023, "compression_bomb"),
    ],
)
def test_a_2_gb_gzip_bomb_is_refused_in_seconds_with_bounded_memory(
    start: str, piece: bytes, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "bomb"
    gzip_bomb(path, piece, 2 * 1024 * MIB)
    assert path.stat().st_size < 20 * MIB, start
    limits = Limits(ratio=50, ratio_grace_bytes=2 * MIB)  # a twentieth of the default, so that it takes no time
    tracemalloc.start()
    begun = time.monotonic()
    with pytest.raises(RecordingError) as caught:
        read_recording(RawRecording("bomb", path, path.stat().st_size), limits=limits)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == code
    assert time.monotonic() - begun < 20
    assert peak_bytes < 128 * MIB


def test_a_zstd_bomb_is_refused_with_bounded_memory(tmp_path: Path) -> None:
    """One frame of run-length blocks: four bytes each stand for 128 KiB of spaces."""
    path = tmp_path / "bomb"
    run = ((128 * 1024 << 3) | (1 << 1)).to_bytes(3, "little") + b" "
    path.write_bytes(b"\x28\xb5\x2f\xfd\x00\x58" + run * (2 * 1024 * MIB // (128 * 1024)))
    tracemalloc.start()
    with pytest.raises(RecordingError) as caught:
        read_recording(RawRecording("bomb", path, path.stat().st_size))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert caught.value.code == "compression_bomb"
    assert peak_bytes < 128 * MIB


def test_a_file_that_goes_away_after_it_was_fetched(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        read_recording(RawRecording("gone.json", tmp_path / "gone.json", 10))
    assert caught.value.code == "recording_unreadable"
    assert "gone.json cannot be read" in caught.value.message
