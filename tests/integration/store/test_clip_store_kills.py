"""A clip is put while the disk runs full, or while the process is killed: nothing stands under its name."""

import errno
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from renderer.bootstrap import build_clip_store
from renderer.errors import StoreError
from renderer.settings import Settings
from renderer.store.clips.disk import disk
from renderer.store.clips.folder import FolderStore
from tests.integration.sources.object_server import BUCKET, ObjectServer
from tests.integration.store.meddler import Question, Said, meddling

NAME = "renders/ren_1/clip.mp4"
_PUT = """
import sys
from pathlib import Path
from renderer.bootstrap import build_clip_store
from renderer.errors import StoreError
from renderer.settings import Settings
store = build_clip_store(Settings())
try:
    print(store.put("renders/ren_1/clip.mp4", Path(sys.argv[1]), "video/mp4").size_bytes, flush=True)
except StoreError as error:
    print(error.code, error.retryable, error.message, flush=True)
"""


@contextmanager
def _putting(
    path: Path, environment: dict[str, str], preexec: Callable[[], None] | None = None
) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", _PUT, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, **environment},
        preexec_fn=preexec,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _wait(until: Callable[[], bool]) -> None:
    deadline_s = time.monotonic() + 30
    while not until():
        assert time.monotonic() < deadline_s
        time.sleep(0.01)


def test_killed_in_the_middle_it_leaves_nothing_that_can_be_taken_for_a_file(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    store = FolderStore(tmp_path / "clips")
    (tmp_path / "first").write_bytes(b"what was there before")
    store.put(NAME, tmp_path / "first", "video/mp4")
    incoming = tmp_path / "clips" / ".incoming"
    with (
        _putting(pipe, {"RENDERER_STORE_URL": str(tmp_path / "clips")}) as process,
        pipe.open("wb", buffering=0) as half,
    ):
        half.write(b"x" * 3_000_000)
        _wait(lambda: sum(path.stat().st_size for path in incoming.iterdir()) >= 2_000_000)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert len(list(incoming.iterdir())) == 1
    assert b"".join(store.open(NAME).blocks) == b"what was there before"
    assert [each.name for each in store.list()] == [NAME]
    assert store.sweep(older_than_s=3600) == 0  # it may be somebody's who is still writing
    assert FolderStore(tmp_path / "clips", clock=lambda: time.time() + 3601).sweep(older_than_s=3600) == 1
    assert list(incoming.iterdir()) == []
    assert b"".join(store.open(NAME).blocks) == b"what was there before"


def test_killed_between_the_parts_of_an_object(s3: ObjectServer, tmp_path: Path) -> None:
    (tmp_path / "large").write_bytes(os.urandom(20_000_000))
    with meddling(s3.port) as meddler:
        held = threading.Event()

        def hold(question: Question, ask: Callable[[], Said]) -> Said | None:
            if "partNumber=2" in question.path:
                held.set()
                return None
            return ask()

        meddler.meddle = hold
        environment = {"RENDERER_STORE_URL": f"s3://{BUCKET}/killed", "AWS_ENDPOINT_URL": meddler.endpoint}
        with _putting(tmp_path / "large", environment) as process:
            assert held.wait(60)
            process.send_signal(signal.SIGKILL)
            process.wait(10)
    assert [question.method for question in meddler.asked if "uploads" in question.path] == ["POST"]
    store = build_clip_store(Settings(data_dir=tmp_path, store_url=f"s3://{BUCKET}/killed"))
    assert list(store.list()) == []
    with pytest.raises(StoreError) as caught:
        store.find(NAME)
    assert caught.value.code == "file_not_found"
    assert store.put(NAME, tmp_path / "large", "video/mp4").size_bytes == 20_000_000


def test_what_a_killed_delete_left_is_swept_whatever_its_age(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "clips")
    grave = tmp_path / "clips" / ".gone" / "abc"
    grave.mkdir(parents=True)
    (grave / "clip.mp4").write_bytes(b"x")
    assert list(store.list()) == []
    assert store.sweep(older_than_s=3600) == 1
    assert not grave.exists()


def test_a_disk_that_runs_full(tmp_path: Path) -> None:
    """A limit on the size of files fails a write in the middle, as a full disk does, and needs no rights to set up."""
    (tmp_path / "given").write_bytes(os.urandom(3_000_000))

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_500_000, 1_500_000))

    environment = {"RENDERER_STORE_URL": str(tmp_path / "clips")}
    with _putting(tmp_path / "given", environment, limit) as process:
        said = process.communicate(timeout=60)[0]
    assert said.startswith("store_full True ")
    assert said.count("\n") == 1
    assert "make room" in said
    assert [path for path in (tmp_path / "clips").rglob("*") if path.is_file()] == []
    with _putting(tmp_path / "given", environment) as process:
        assert process.communicate(timeout=60)[0] == "3000000\n"


@pytest.mark.parametrize(
    ("number", "code", "retryable"),
    [
        (errno.ENOSPC, "store_full", True),
        (errno.EDQUOT, "store_full", True),
        (errno.EIO, "store_failed", True),
        (errno.ESTALE, "store_failed", True),
        (errno.EACCES, "store_denied", False),
        (errno.EROFS, "store_denied", False),
        (errno.ENOTDIR, "store_misconfigured", False),
    ],
)
def test_what_the_disk_says(number: int, code: str, retryable: bool) -> None:
    with pytest.raises(StoreError) as caught, disk(Path("/clips")):
        raise OSError(number, os.strerror(number))
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert os.strerror(number) in caught.value.message


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"x")
    store = FolderStore(tmp_path / "file" / "clips")
    for ask in (store.check, lambda: store.put(NAME, tmp_path / "file", "video/mp4"), lambda: store.delete(NAME)):
        with pytest.raises(StoreError) as caught:
            ask()
        assert caught.value.code == "store_misconfigured"


def test_a_disk_that_changes_what_it_is_given(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read back beside the name is looked at before it gets the name."""
    store = FolderStore(tmp_path / "clips")
    (tmp_path / "given").write_bytes(b"what was given")
    sync = os.fsync

    def spoil(descriptor: int) -> None:
        sync(descriptor)
        for path in (tmp_path / "clips" / ".incoming").iterdir():
            path.write_bytes(b"what was given, changed")

    monkeypatch.setattr(os, "fsync", spoil)
    with pytest.raises(StoreError) as caught:
        store.put(NAME, tmp_path / "given", "video/mp4")
    monkeypatch.undo()
    assert (caught.value.code, caught.value.retryable) == ("store_damaged", True)
    assert list(store.list()) == []
    assert list((tmp_path / "clips" / ".incoming").iterdir()) == []
