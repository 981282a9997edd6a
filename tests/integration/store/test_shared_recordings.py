"""Uploaded recordings among machines: each has a data folder and a cache of its own, and one store is between them."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest
import zstandard

from renderer.bootstrap import (
    build_clip_store,
    build_events_path,
    build_recording_store,
    build_shared_recordings,
    build_sources,
)
from renderer.errors import RecordingError, RendererError, StoreError
from renderer.notices import Notices
from renderer.recording.decode.inflate import Text
from renderer.recording.limits import Limits
from renderer.recording.read import read_recording
from renderer.session import read_session
from renderer.settings import Settings
from renderer.sources.kept import Kept
from renderer.store.clips.model import ClipStore
from renderer.store.recordings.shared import LOCAL_S, SharedRecordings
from renderer.timeline.forms import limits as events_limits
from tests.integration.sources.object_server import BUCKET, ObjectServer
from tests.unit import recordings

TEXT = recordings.lines(recordings.session()).encode()
ID = hashlib.sha256(TEXT).hexdigest()
NAME = f"recordings/{ID}/recording"
EVENTS = json.dumps(
    [{"event": "checkout failed", "timestamp": "2025-11-17T10:00:01Z", "properties": {"$session_id": "s"}}]
).encode()


@dataclass(frozen=True)
class Machine:
    settings: Settings

    @property
    def recordings(self) -> SharedRecordings:
        """As another process on it would make them."""
        return build_shared_recordings(self.settings)

    @property
    def store(self) -> ClipStore:
        return build_clip_store(self.settings)

    def text(self, recording_id: str = ID) -> bytes:
        return b"".join(Text(self.recordings.read(recording_id), Limits(), Notices()))

    def files(self) -> list[Path]:
        return [path for path in self.settings.data_dir.rglob("*") if path.is_file() and path.parent.name != "finished"]

    def at(self, later_s: float) -> SharedRecordings:
        """When that much time has passed."""
        return SharedRecordings(
            build_recording_store(self.settings),
            self.store,
            Kept(self.settings.recording_cache_dir / "uploads"),
            is_shared=True,
            clock=lambda: time.time() + later_s,
        )


Machines = Callable[[str], Machine]
STORES = ("s3", "folder")


@pytest.fixture(params=STORES)
def machines(request: pytest.FixtureRequest, s3: ObjectServer, tmp_path: Path) -> Machines:
    url = f"s3://{BUCKET}/{uuid4().hex}" if request.param == "s3" else str(tmp_path / "shared")
    return lambda name: Machine(Settings(data_dir=tmp_path / name, store_url=url))


@pytest.fixture
def alone(tmp_path: Path) -> Machine:
    """Without a store of its own."""
    return Machine(Settings(data_dir=tmp_path / "alone"))


def _refused(ask: Callable[[], object], code: str = "recording_not_found") -> RendererError:
    with pytest.raises(RendererError) as caught:
        ask()
    assert caught.value.code == code
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_what_one_machine_took_in_another_one_reads(machines: Machines, pack: Callable[[bytes], bytes]) -> None:
    api, worker = machines("api"), machines("worker")
    stored = api.recordings.take_in([pack(TEXT)])
    assert stored.id == ID
    assert (api.text(), worker.text()) == (TEXT, TEXT)
    raw = worker.recordings.read(ID)
    assert (raw.id, raw.name) == (ID, f"recording:{ID[:12]}…")
    assert read_recording(raw).event_count == 5
    fetched = build_sources(worker.settings).fetch(f"recording:{ID}")
    assert fetched.raw == raw


def test_an_upload_in_parts_that_is_finished_twice(machines: Machines) -> None:
    api, worker = machines("api"), machines("worker")
    lines = TEXT.splitlines(keepends=True)
    upload = api.recordings.local.begin()
    for number, part in enumerate((lines[:2], lines[2:]), 1):
        api.recordings.local.append(upload, part, number)
    _refused(lambda: worker.recordings.read(ID))
    first = api.recordings.finish(upload, 2)
    assert first.id == ID
    assert worker.text() == TEXT
    assert api.recordings.finish(upload, 2) == first


def test_a_second_read_fetches_nothing(machines: Machines, monkeypatch: pytest.MonkeyPatch) -> None:
    machines("api").recordings.take_in([TEXT])
    worker = machines("worker")
    first = worker.recordings.read(ID)
    monkeypatch.setattr(type(worker.store), "open", lambda *_: pytest.fail("it was fetched again"))
    assert worker.recordings.read(ID) == first
    assert machines("api").text() == TEXT  # of its own copy


@pytest.mark.parametrize("where", ["api", "worker", "third"])
def test_what_was_deleted_anywhere_is_gone_everywhere(machines: Machines, where: str) -> None:
    api, worker = machines("api"), machines("worker")
    api.recordings.take_in([TEXT])
    name = api.recordings.put_events(ID, [EVENTS])
    assert worker.text() == TEXT
    assert worker.recordings.events_path(name).read_bytes() == EVENTS

    build_shared_recordings(machines(where).settings).delete(ID)

    assert list(api.store.list()) == []
    for machine in (api, worker, machines("third")):
        _refused(lambda machine=machine: machine.recordings.read(ID))  # type: ignore[misc]
        _refused(lambda machine=machine: machine.recordings.events_path(name))  # type: ignore[misc]
        _refused(lambda machine=machine: build_sources(machine.settings).fetch(f"recording:{ID}"))  # type: ignore[misc]
        assert machine.files() == []
    build_shared_recordings(api.settings).delete(ID)
    api.recordings.delete("no id")


def test_it_can_be_uploaded_again_after_it_was_deleted(machines: Machines) -> None:
    api, worker = machines("api"), machines("worker")
    for _ in range(2):
        api.recordings.take_in([TEXT])
        assert worker.text() == TEXT
        worker.recordings.delete(ID)


def test_two_machines_take_in_the_same(machines: Machines) -> None:
    one, two = machines("one"), machines("two")
    assert one.recordings.take_in([TEXT]).id == two.recordings.take_in([gzip.compress(TEXT)]).id == ID
    assert [name for name, _ in one.recordings.ages()] == [ID]
    assert one.text() == two.text() == TEXT


def test_its_own_copy_is_dropped_after_a_day(machines: Machines) -> None:
    api = machines("api")
    api.recordings.take_in([TEXT])
    assert api.at(LOCAL_S + 10).read(ID).path.is_relative_to(api.settings.recording_cache_dir)
    assert build_recording_store(api.settings).read(ID).size_bytes > 0  # still there for who was given it before
    assert api.at(LOCAL_S + 3700).sweep() == 0
    _refused(lambda: build_recording_store(api.settings).read(ID))
    assert api.text() == TEXT


def test_the_ages_of_what_is_kept(machines: Machines, alone: Machine) -> None:
    for machine in (machines("api"), alone):
        assert list(machine.recordings.ages()) == []
        machine.recordings.take_in([TEXT])
        machine.recordings.put_events(ID, [EVENTS])
        other = machine.recordings.take_in([recordings.dump([recordings.custom(1, "x")]).encode()])
        found = dict(machine.recordings.ages())
        assert set(found) == {ID, other.id}
        assert all(abs(at_ms - time.time() * 1000) < 60_000 for at_ms in found.values())


def test_what_was_damaged_on_the_way_is_not_read_and_mended_by_uploading_again(
    machines: Machines, tmp_path: Path
) -> None:
    api, worker = machines("api"), machines("worker")
    api.recordings.take_in([TEXT])
    for bad in (zstandard.compress(TEXT[:-20]), zstandard.compress(TEXT)[:-5], b"", TEXT.replace(b"1", b"2")):
        (tmp_path / "bad").write_bytes(bad)
        api.store.put(NAME, tmp_path / "bad", "application/octet-stream")
        with pytest.raises(StoreError) as caught:
            worker.recordings.read(ID)
        assert (caught.value.code, caught.value.retryable) == ("store_damaged", True)
        assert worker.files() == []
    api.recordings.take_in([TEXT])
    assert worker.text() == TEXT


def test_a_store_that_is_away_is_told_and_nothing_is_lost(
    s3: ObjectServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(Settings(data_dir=tmp_path / "api", store_url=f"s3://{BUCKET}/{uuid4().hex}"))
    store = machine.recordings.local
    upload = store.begin()
    store.append(upload, [TEXT])
    with monkeypatch.context() as away:
        away.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        for ask in (lambda: machine.recordings.finish(upload), lambda: machine.recordings.read(ID)):
            assert _refused(ask, "store_unreachable").retryable
    assert machine.recordings.finish(upload).id == ID
    assert machine.text() == TEXT


def test_a_refused_recording_leaves_nothing(machines: Machines) -> None:
    api = machines("api")
    _refused(lambda: api.recordings.take_in([b"hello"]), "not_json")
    assert list(api.store.list()) == []
    assert api.files() == []


@pytest.mark.parametrize("bad", ["", "none", 64 * "G", ID[:-1], ID + "0", "../" + ID, ID.upper()])
def test_what_is_no_id_is_not_found(machines: Machines, alone: Machine, bad: str) -> None:
    for machine in (machines("api"), alone):
        _refused(lambda machine=machine: machine.recordings.read(bad))  # type: ignore[misc]
        _refused(lambda machine=machine: machine.recordings.put_events(bad, [EVENTS]))  # type: ignore[misc]
        machine.recordings.delete(bad)


def test_without_a_shared_store_the_folder_is_all(alone: Machine) -> None:
    alone.recordings.take_in([TEXT])
    name = alone.recordings.put_events(ID, [EVENTS])
    assert alone.text() == TEXT
    assert build_events_path(alone.settings, name).read_bytes() == EVENTS
    assert alone.at(0).local.page().recordings[0].id == ID
    assert [file.name for file in alone.store.list()] == [name]
    alone.recordings.delete(ID)
    _refused(lambda: alone.recordings.read(ID))
    _refused(lambda: alone.recordings.events_path(name))
    assert alone.files() == []


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_events_come_as_they_were_sent_and_are_read(machines: Machines, pack: Callable[[bytes], bytes]) -> None:
    api, worker = machines("api"), machines("worker")
    api.recordings.take_in([TEXT])
    sent = pack(EVENTS)
    name = api.recordings.put_events(ID, [sent[:10], sent[10:]])
    assert name == f"recordings/{ID}/events-{hashlib.sha256(sent).hexdigest()}"
    assert api.recordings.put_events(ID, [sent]) == name
    path = worker.recordings.events_path(name)
    assert path.read_bytes() == sent
    session = read_session(f"recording:{ID}", str(path), sources=build_sources(worker.settings))
    assert session.events_digest == hashlib.sha256(EVENTS).hexdigest()


def test_events_of_one_tenant_go_without_those_of_another(machines: Machines) -> None:
    api, worker = machines("api"), machines("worker")
    api.recordings.take_in([TEXT])
    mine = api.recordings.put_events(ID, [EVENTS])
    theirs = api.recordings.put_events(ID, [EVENTS.replace(b"failed", b"done")])
    assert worker.recordings.events_path(mine) != worker.recordings.events_path(theirs)
    api.recordings.delete_events(mine)
    _refused(lambda: worker.recordings.events_path(mine))
    assert b"done" in worker.recordings.events_path(theirs).read_bytes()
    assert worker.text() == TEXT
    for name in (mine, "", NAME, f"recordings/{ID}", "recordings/../secret", "renders/ren_1/clip.mp4"):
        api.recordings.delete_events(name)
        _refused(lambda name=name: api.recordings.events_path(name))  # type: ignore[misc]
    assert len(list(api.store.list())) == 2


BAD_EVENTS = {
    "empty": (b"", "empty_file"),
    "not JSON": (b"hello", "not_json"),
    "something else": (b'["a", 1]', "not_events"),
    "damaged": (gzip.compress(EVENTS * 50)[:-9], "truncated_gzip"),
    "a bomb": (gzip.compress(b"[" + b" " * 90_000_000 + b"]"), "compression_bomb"),
    "a zip": (b"PK\x03\x04" + bytes(40), "unsupported_compression"),
}


@pytest.mark.parametrize("kind", BAD_EVENTS)
def test_events_that_are_none_are_refused_and_leave_nothing(alone: Machine, kind: str) -> None:
    data, code = BAD_EVENTS[kind]
    error = _refused(lambda: alone.recordings.put_events(ID, [data]), code)
    assert isinstance(error, RecordingError)
    assert "the events file" in error.message
    assert list(alone.store.list()) == []
    assert alone.files() == []


def test_events_are_bounded_while_they_come(alone: Machine) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while True:
            sent += 1024**2
            yield b" " * 1024**2

    _refused(lambda: alone.recordings.put_events(ID, endless()), "events_too_large")
    assert sent <= events_limits.MAX_FILE_BYTES + 1024**2
    assert alone.files() == []


def test_an_upload_that_breaks_off_leaves_nothing(alone: Machine) -> None:
    def breaks() -> Iterator[bytes]:
        yield EVENTS[:20]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        alone.recordings.put_events(ID, breaks())
    assert alone.files() == []


def test_a_bad_address_of_the_store_is_no_matter_to_who_reads_a_file(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", store_url="ftp://nowhere")
    (tmp_path / "session.jsonl").write_bytes(TEXT)
    assert build_sources(settings).fetch(str(tmp_path / "session.jsonl")).raw.size_bytes == len(TEXT)
    _refused(lambda: build_sources(settings).fetch(f"recording:{ID}"), "bad_store_url")


def test_a_machine_without_anything_reads_it_in_a_process_of_its_own(machines: Machines) -> None:
    """The program as a worker starts it, with nothing but the environment."""
    machines("api").recordings.take_in([TEXT])
    settings = machines("worker").settings
    done = subprocess.run(
        [Path(sys.executable).with_name("renderer"), "inspect", f"recording:{ID}", "--json"],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "RENDERER_DATA_DIR": str(settings.data_dir), "RENDERER_STORE_URL": settings.store_url or ""},
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["recording"]["id"] == ID
