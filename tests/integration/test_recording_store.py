"""The recording store in one process: what it takes, what it refuses, and what is left on the disk."""

import gzip
import hashlib
import json
import random
import tracemalloc
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
import zstandard

from renderer.errors import RendererError, SetupError
from renderer.recording.limits import MIB, Limits
from renderer.recording.read import read_recording
from renderer.store.recordings.model import StoreLimits
from renderer.store.recordings.store import RecordingStore
from tests.unit import recordings
from tests.unit.recordings import START_MS, Json


class Clock:
    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> RecordingStore:
    return RecordingStore(tmp_path, clock=clock)


def _files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and "finished" not in path.parts
    )


def _lines(events: list[Json]) -> bytes:
    return recordings.lines(events).encode()


def _read(store: RecordingStore, recording_id: str) -> list[tuple[int, int, object]]:
    recording = read_recording(store.read(recording_id))
    events = [event for window in recording.windows for event in window.events]
    return [(event.at_ms, event.type, json.loads(bytes(event.raw))["data"]) for event in events]


def test_numbered_parts_make_the_same_recording_in_any_order_of_arrival(store: RecordingStore) -> None:
    events = recordings.session()
    ids = set()
    for order in ([1, 2, 3], [3, 1, 2], [2, 3, 1]):
        upload = store.begin()
        for number in order:
            store.append(upload, [_lines(events[number * 2 - 2 : number * 2])], number)
        ids.add(store.finish(upload, parts=3).id)

    assert ids == {hashlib.sha256(_lines(events)).hexdigest()}
    assert len(store.page().recordings) == 1
    recording = read_recording(store.read(ids.pop()))
    assert recording.id == hashlib.sha256(_lines(events)).hexdigest()
    assert recording.event_count == 5


def test_parts_without_numbers_are_put_in_order_of_time(store: RecordingStore) -> None:
    events = recordings.session()
    upload = store.begin()
    for part in (events[3:], events[:2], events[2:3]):
        store.append(upload, [_lines(part)])
    assert store.finish(upload).id == hashlib.sha256(_lines(events)).hexdigest()


@pytest.mark.parametrize("shape", recordings.SHAPES)
def test_parts_of_every_shape_and_compression_are_joined(store: RecordingStore, shape: str) -> None:
    events = recordings.session()
    write, _, window = recordings.SHAPES[shape]
    parts = [write(events[:2]).encode(), b"\xef\xbb\xbf" + write(events[2:4]).encode(), write(events[4:]).encode()]
    packed = [gzip.compress(parts[0]), zstandard.compress(parts[1]), parts[2]]

    upload = store.begin()
    for number, part in enumerate(packed):
        store.append(upload, [part], number)
    stored = store.finish(upload)

    recording = read_recording(store.read(stored.id))
    assert recording.event_count == len(events)
    assert [each.id for each in recording.windows] == [window]
    assert not recording.notices
    whole = upload_of(store, [write(events).encode()])
    assert _read(store, stored.id) == _read(store, whole)


def upload_of(store: RecordingStore, parts: list[bytes]) -> str:
    upload = store.begin()
    for number, part in enumerate(parts, 1):
        store.append(upload, [part], number)
    return store.finish(upload).id


def test_what_is_known_of_a_recording(store: RecordingStore, tmp_path: Path) -> None:
    stored = store.put([_lines(recordings.session())])
    assert (stored.events, stored.first_ms, stored.last_ms) == (5, START_MS, START_MS + 1000)
    assert stored.text_bytes == len(_lines(recordings.session()))
    assert stored.stored_bytes == store.read(stored.id).size_bytes < stored.text_bytes
    assert store.get(stored.id) == stored
    assert _files(tmp_path) == [f"v1/kept/{stored.id}/facts.json", f"v1/kept/{stored.id}/recording"]


def test_the_same_content_is_kept_once_however_it_came(store: RecordingStore) -> None:
    text = _lines(recordings.session())
    first = store.put([text])
    assert store.put([gzip.compress(text)]) == first
    assert store.put([text[:50], text[50:]]) == first
    assert store.page().recordings == (first,)


def test_a_part_sent_twice_counts_once(store: RecordingStore) -> None:
    text = _lines(recordings.session())
    for number in (1, None):
        upload = store.begin()
        first = store.append(upload, [text], number)
        assert store.append(upload, [gzip.compress(text)], number) == first
        assert store.finish(upload).events == 5


def test_finishing_twice_gives_the_same_answer(store: RecordingStore) -> None:
    upload = store.begin()
    store.append(upload, [_lines(recordings.session())])
    stored = store.finish(upload)
    assert store.finish(upload) == stored
    assert _refusal(lambda: store.append(upload, [b"[]"])) == "upload_finished"
    assert _refusal(lambda: store.abort(upload)) == "upload_finished"
    store.delete(stored.id)
    assert _refusal(lambda: store.finish(upload)) == "recording_not_found"


@pytest.mark.parametrize(
    ("numbers", "parts", "says"),
    [
        ([1, 3], None, "1 parts have not arrived (2)"),
        ([2, 3], None, "(1)"),
        ([0, 2], None, "(1)"),
        ([1, 2], 4, "2 parts have not arrived (3, 4)"),
        ([1, 2, 3], 2, "3 different parts have arrived and not 2"),
        ([1, 12], None, "(2, 3, 4, 5, 6, …)"),
        ([None], 2, "1 different parts have arrived and not 2"),
        ([], None, "no part"),
    ],
)
def test_gaps_are_named_and_can_be_filled(
    store: RecordingStore, numbers: list[int | None], parts: int | None, says: str
) -> None:
    upload = store.begin()
    for number in numbers:
        store.append(upload, [recordings.dump([recordings.move(number or 0)]).encode()], number)
    with pytest.raises(RendererError) as caught:
        store.finish(upload, parts)
    assert (caught.value.code, caught.value.exit_code) == ("missing_parts", 2)
    assert says in caught.value.message
    assert not store.page().recordings
    if numbers == [1, 3]:
        store.append(upload, [recordings.dump([recordings.move(2)]).encode()], 2)
        assert store.finish(upload).events == 3


def test_parts_that_contradict_one_another_are_refused(store: RecordingStore) -> None:
    upload = store.begin()
    store.append(upload, [_lines(recordings.session())], 1)
    assert _refusal(lambda: store.append(upload, [_lines(recordings.session()[:3])], 1)) == "part_conflict"
    assert _refusal(lambda: store.append(upload, [_lines(recordings.session())])) == "mixed_parts"
    assert _refusal(lambda: store.append(upload, [_lines(recordings.session())], -1)) == "bad_part_number"
    assert store.finish(upload).events == 5


def _refusal(work: Callable[[], object]) -> str:
    with pytest.raises(RendererError) as caught:
        work()
    assert caught.value.exit_code == 2
    assert "\n" not in caught.value.message
    return caught.value.code


BAD_PARTS = {
    "bomb": (gzip.compress(b"[" + b" " * (200 * MIB), mtime=0), "compression_bomb"),
    "bomb in a bomb": (gzip.compress(zstandard.compress(b"[" + b" " * (200 * MIB)), mtime=0), "compression_bomb"),
    "four layers": (gzip.compress(gzip.compress(gzip.compress(gzip.compress(b"[]")))), "too_many_layers"),
    "cut gzip": (gzip.compress(recordings.dump(recordings.session()).encode())[:-20], "truncated_gzip"),
    "zip": (b"PK\x03\x04" + bytes(30), "unsupported_compression"),
    "text": (b"hello", "not_json"),
    "cut JSON": (b'[{"type": 4, "data": {', "truncated_json"),
    "no events": (b'{"status": "ok"}', "not_a_recording"),
    "nothing": (b"", "empty_file"),
    "deep": (b"[" * 50_000 + b"]" * 50_000, "json_too_deep"),
}


@pytest.mark.parametrize("name", BAD_PARTS)
def test_a_bad_part_is_refused_before_it_is_kept_and_leaves_nothing(
    store: RecordingStore, tmp_path: Path, name: str
) -> None:
    part, code = BAD_PARTS[name]
    upload = store.begin()
    good = _lines(recordings.session())
    store.append(upload, [good], 1)
    before = _files(tmp_path)
    assert _refusal(lambda: store.append(upload, [part], 2)) == code
    assert _files(tmp_path) == before
    assert store.finish(upload).id == hashlib.sha256(good).hexdigest()
    assert _refusal(lambda: store.put([part])) == code
    assert len(_files(tmp_path)) == 2


def test_limits_hold_for_parts_and_for_the_whole(tmp_path: Path) -> None:
    part = recordings.lines([recordings.custom(at, "x" * 1000) for at in range(40)]).encode()
    limits = StoreLimits(part_bytes=50_000, parts=3, recording=Limits(text_bytes=110_000, events=100))
    store = RecordingStore(tmp_path, limits)
    upload = store.begin()
    asked = 0

    def endless() -> Iterator[bytes]:
        nonlocal asked
        while True:
            asked += 1
            yield b" " * 10_000

    assert _refusal(lambda: store.append(upload, endless(), 1)) == "part_too_large"
    assert asked == 6
    assert _refusal(lambda: store.append(upload, [gzip.compress(4 * part)], 1)) == "recording_too_large"
    store.append(upload, [part], 1)
    store.append(upload, [part + b"\n"], 2)
    assert _refusal(lambda: store.append(upload, [part], 3)) == "recording_too_large"
    small = recordings.dump([recordings.move(at) for at in range(30)]).encode()
    store.append(upload, [small], 3)
    assert _refusal(lambda: store.append(upload, [small], 4)) == "too_many_parts"
    assert _refusal(lambda: store.finish(upload)) == "too_many_events"
    assert not store.page().recordings


def test_text_that_is_too_good_to_be_compressed_is_kept_as_it_is_and_can_be_read(tmp_path: Path) -> None:
    limits = StoreLimits(recording=Limits(ratio_grace_bytes=100_000))
    store = RecordingStore(tmp_path, limits)
    text = recordings.lines([*recordings.session(), *[recordings.move(2000)] * 5000]).encode()
    stored = store.put([text])
    assert stored.id == hashlib.sha256(text).hexdigest()
    assert store.read(stored.id).path.read_bytes() == text
    assert stored.stored_bytes == len(text)


def test_deleted_is_gone_for_good(store: RecordingStore, tmp_path: Path) -> None:
    text = _lines([*recordings.session(), recordings.custom(5, "canary-9f3a")])
    stored = store.put([text])
    opened = store.read(stored.id).path.open("rb")
    store.delete(stored.id)
    assert _files(tmp_path) == []
    for work in (store.get, store.read, store.delete):
        assert _refusal(partial(work, stored.id)) == "recording_not_found"
    assert not store.page().recordings
    with opened:
        assert zstandard.ZstdDecompressor().decompressobj().decompress(opened.read()) == text
    assert store.put([text]).id == stored.id


@pytest.mark.parametrize("name", ["", "x", "../kept", "A" * 64, "0" * 63, "0" * 64, "../" + "0" * 61])
def test_ids_name_nothing_but_recordings(store: RecordingStore, tmp_path: Path, name: str) -> None:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "facts.json").write_text("{}")
    for work in (store.get, store.read, store.delete):
        assert _refusal(partial(work, name)) == "recording_not_found"
    assert _refusal(lambda: store.finish(name)) == "upload_not_found"
    assert _refusal(lambda: store.abort(name)) == "upload_not_found"
    assert _refusal(lambda: store.append(name, [b"[]"])) == "upload_not_found"


def test_pages_go_from_the_newest_to_the_oldest(store: RecordingStore) -> None:
    assert store.page().recordings == ()
    ids = [store.put([_lines(recordings.session()[:count])]).id for count in range(1, 6)]
    seen, cursor = [], None
    for _ in range(3):
        page = store.page(cursor, limit=2)
        seen += [stored.id for stored in page.recordings]
        cursor = page.next_cursor
        if len(seen) == 2:
            store.put([b'{"type":4,"data":{},"timestamp":1760000000000}'])  # newer than the cursor: not on later pages
    assert seen == ids[::-1]
    assert cursor is None
    assert _refusal(lambda: store.page("x")) == "bad_cursor"
    assert _refusal(lambda: store.page(limit=0)) == "bad_limit"


def test_abandoned_uploads_are_swept_and_others_are_not(store: RecordingStore, tmp_path: Path, clock: Clock) -> None:
    left, used, finished = store.begin(), store.begin(), store.begin()
    for upload in (left, used, finished):
        store.append(upload, [_lines(recordings.session())], 1)
    store.finish(finished)
    clock.now_s += 80_000
    store.append(used, [_lines(recordings.session())], 2)
    clock.now_s += 80_000
    assert store.sweep() == 1
    assert store.sweep() == 0
    assert _refusal(lambda: store.append(left, [b"[]"])) == "upload_not_found"
    assert store.finish(used, parts=2).events == 10
    clock.now_s += 200_000
    store.begin()
    assert len(store.page().recordings) == 2
    assert not [name for name in _files(tmp_path) if left in name or used in name]


def test_a_sender_that_breaks_off_leaves_nothing_of_the_part(store: RecordingStore, tmp_path: Path) -> None:
    def broken() -> Iterator[bytes]:
        yield _lines(recordings.session())
        raise ConnectionResetError("the client went away")

    upload = store.begin()
    before = _files(tmp_path)
    with pytest.raises(ConnectionResetError):
        store.append(upload, broken(), 1)
    assert _files(tmp_path) == before
    with pytest.raises(ConnectionResetError):
        store.put(broken())
    assert _files(tmp_path) == before


def test_an_upload_that_is_aborted_while_a_part_is_coming_says_so(store: RecordingStore, tmp_path: Path) -> None:
    upload = store.begin()

    def aborted() -> Iterator[bytes]:
        yield _lines(recordings.session())
        store.abort(upload)

    assert _refusal(lambda: store.append(upload, aborted())) == "upload_not_found"
    assert _files(tmp_path) == []


def test_a_disk_that_cannot_be_written_is_ours_to_mend(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SetupError, match="RENDERER_DATA_DIR") as caught:
        RecordingStore(tmp_path / "file" / "recordings").begin()
    assert caught.value.code == "store_unwritable"


def test_nobody_else_may_look_into_it(store: RecordingStore, tmp_path: Path) -> None:
    stored = store.put([_lines(recordings.session())])
    for folder in (tmp_path / "v1", tmp_path / "v1" / "kept", store.read(stored.id).path.parent):
        assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.slow
def test_large_parts_are_taken_with_bounded_memory(store: RecordingStore) -> None:
    letters = random.Random(1).choices("abcdefghijklmnop", k=100_000)
    line = json.dumps(recordings.custom(1, "".join(letters))) + "\n"
    packed = gzip.compress((line * 500).encode(), compresslevel=1)
    tracemalloc.start()
    try:
        stored = store.put(packed[at : at + MIB] for at in range(0, len(packed), MIB))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored.text_bytes == 500 * len(line)
    assert peak < 15 * MIB < stored.text_bytes / 3
