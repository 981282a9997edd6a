"""The recording store among processes: several at once, and some that are killed."""

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits
from renderer.store.recordings.store import RecordingStore
from tests.unit import recordings

# Every process of these tests is this program: a store, and what to do with it.
_PROGRAM = """
import sys, time
from pathlib import Path
from renderer.store.recordings.store import RecordingStore
store = RecordingStore(Path(sys.argv[1]))
def say(*words): print(*words, flush=True)
say("ready")
sys.stdin.readline()
"""


@contextmanager
def _process(folder: Path, work: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Waits before its work until a line comes in."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM + work, str(folder), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def _go(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def _whole(store: RecordingStore, recording_id: str) -> bytes:
    text = b"".join(Text(store.read(recording_id), Limits(), Notices()))
    assert hashlib.sha256(text).hexdigest() == recording_id
    return text


def _part(number: int) -> bytes:
    return recordings.lines([recordings.custom(number * 10 + at, f"part {number}") for at in range(3)]).encode()


_APPEND_AND_FINISH = """
upload, own = sys.argv[2], sys.argv[3].split(",")
for number in own:
    part = Path(sys.argv[4], number).read_bytes()
    store.append(upload, [part[:20], part[20:]], int(number))
say("appended")
sys.stdin.readline()
say(store.finish(upload, 40).id)
"""


def test_processes_fill_and_finish_one_upload_together(tmp_path: Path) -> None:
    parts = tmp_path / "parts"
    parts.mkdir()
    for number in range(1, 41):
        (parts / str(number)).write_bytes(_part(number))
    store = RecordingStore(tmp_path / "store")
    upload = store.begin()
    own = [
        ",".join(str(number) for number in range(1, 41) if number % 3 in which) for which in ((0, 1), (1, 2), (2, 0))
    ]
    arguments = [(tmp_path / "store", _APPEND_AND_FINISH, upload, each, str(parts)) for each in own]
    with _process(*arguments[0]) as one, _process(*arguments[1]) as two, _process(*arguments[2]) as three:
        for stage in ("appended", None):
            for process in (one, two, three):
                _go(process)
            said = {_said(process) for process in (one, two, three)}
            assert stage is None or said == {stage}
    expected = b"".join(_part(number) for number in range(1, 41))
    assert said == {hashlib.sha256(expected).hexdigest()}
    assert _whole(store, said.pop()) == expected
    assert len(store.page().recordings) == 1


_PUT_THE_SAME = """
for round in range(25):
    text = b'{"type": 4, "data": {}, "timestamp": 17600000000%02d}' % round
    stored = store.put([text])
    assert store.get(stored.id) == stored
say("done")
"""


def test_processes_that_store_the_same_keep_it_once(tmp_path: Path) -> None:
    with _process(tmp_path, _PUT_THE_SAME) as one, _process(tmp_path, _PUT_THE_SAME) as two:
        _go(one)
        _go(two)
        assert [_said(one), _said(two)] == ["done", "done"]
    store = RecordingStore(tmp_path)
    stored = store.page().recordings
    assert len(stored) == 25
    for each in stored:
        _whole(store, each.id)
    assert list((tmp_path / "v1" / "uploads").iterdir()) == []


_BREAK_OFF = """
def forever(text):
    yield text[:50]
    say("sending")
    time.sleep(60)
upload = store.begin()
store.append(upload, [Path(sys.argv[2]).read_bytes()], 1)
say(upload)
store.append(upload, forever(Path(sys.argv[2]).read_bytes()), 2)
"""


def test_killed_in_the_middle_of_a_part_the_upload_goes_on_without_it(tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(_part(1))
    with _process(tmp_path / "store", _BREAK_OFF, str(tmp_path / "part")) as process:
        _go(process)
        upload = _said(process)
        assert _said(process) == "sending"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    store = RecordingStore(tmp_path / "store")
    store.append(upload, [_part(2)], 2)
    assert _whole(store, store.finish(upload, 2).id) == _part(1) + _part(2)
    assert list((tmp_path / "store" / "v1" / "uploads").iterdir()) == []


_ALL_DAY = """
import itertools, json
for round in itertools.count(int(sys.argv[2])):
    upload = store.begin()
    say(json.dumps(["begun", upload]))
    for number in (1, 2, 3):
        text = b'{"type": 5, "data": {"tag": "r%d p%d", "payload": "%s"}, "timestamp": 1760000000000}\\n' % (round, number, b"x" * 5000)
        store.append(upload, [text], number)
        say(json.dumps(["appended", upload]))
    stored = store.finish(upload, 3)
    say(json.dumps(["stored", stored.id]))
    if round % 3 == 0:
        say(json.dumps(["deleting", stored.id]))
        store.delete(stored.id)
        say(json.dumps(["deleted", stored.id]))
"""


@pytest.mark.slow
def test_killed_at_any_moment_what_was_confirmed_is_there_and_nothing_half(tmp_path: Path) -> None:
    chance = random.Random(7)
    told: dict[str, list[str]] = {"begun": [], "appended": [], "stored": [], "deleting": [], "deleted": []}
    for round_ in range(8):
        with _process(tmp_path, _ALL_DAY, str(round_ * 1000)) as process:
            _go(process)
            said = [_said(process) for _ in range(chance.randint(3, 30))]
            time.sleep(chance.uniform(0, 0.03))
            os.kill(process.pid, signal.SIGKILL)
            assert process.stdout  # communicate() would pass over what readline() has read ahead
            said += process.stdout.read().splitlines()
        for what, which in map(json.loads, said):
            told[what].append(which)
    stored, deleting, deleted = set(told["stored"]), set(told["deleting"]), set(told["deleted"])
    store = RecordingStore(tmp_path)
    kept = {each.id for each in store.page(limit=1000).recordings}
    assert len(stored) >= 5
    assert stored - deleting <= kept
    assert not deleted & kept
    for recording_id in kept:
        assert _whole(store, recording_id).count(b"\n") == 3
    under_way = [path.name for path in (tmp_path / "v1" / "uploads").iterdir()]
    for upload in under_way:
        confirmed = told["appended"].count(upload)
        if confirmed:
            assert confirmed <= store.finish(upload).events <= confirmed + 1
    tomorrow = RecordingStore(tmp_path, clock=lambda: time.time() + 200_000)
    tomorrow.sweep()
    left = {path.relative_to(tmp_path / "v1").parts[0] for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {"kept"}
