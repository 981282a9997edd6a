"""A disk that is full while a clip is made or published: the clip waits for room, and nothing half-written is left."""

import os
import subprocess
from pathlib import Path

import pytest

from renderer.jobs.seen import Seen
from tests.faults.service import Service, duration_ms, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

SIZE_BYTES = 8 * 1024**2
# A disk of its own for the worker that nobody else sees, full but for a page; needs no rights where users may have namespaces.
SMALL_DISK = (
    'mount -t tmpfs -o size={size} none "$1" && head -c {ballast} /dev/zero >"$1/ballast" && shift && exec "$@"'
)


def small_disk(at: Path) -> list[str]:
    at.mkdir()
    script = SMALL_DISK.format(size=SIZE_BYTES, ballast=SIZE_BYTES - 4096)
    own = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "--user", "--map-root-user"]
    return [*own, "sh", "-c", script, "sh", str(at)]


def until_there_is_room(service: Service, disk: Path, code: str) -> Seen:
    """Of a clip that a worker on a full disk puts back, until the disk is empty."""
    clip_id = service.ask()
    wait_for(lambda: service.look(clip_id).clip.retries == 1)
    left = service.look(clip_id).clip
    assert (left.status, left.strikes) == ("queued", 0)
    told = [event.data["after"] for event in service.queue.events_after("acme", clip_id, 0) if "after" in event.data]
    assert [(each["code"], each["fault"], each["retryable"]) for each in told] == [(code, "ours", True)]
    assert [path.name for path in disk.rglob("*") if path.is_file()] == ["ballast"]
    (disk / "ballast").unlink()
    done = service.until_ended(clip_id)
    assert (done.clip.status, done.clip.attempt, done.clip.error) == ("succeeded", 2, None)
    return done


def seen_by(worker: "subprocess.Popen[bytes]", path: Path) -> Path:
    return Path(f"/proc/{worker.pid}/root{path}")


def test_a_clip_waits_for_room_in_the_store_and_is_published_whole(tmp_path: Path, sqlite_url: str) -> None:
    service = Service(tmp_path, sqlite_url, before=small_disk(tmp_path / "store"))
    with service.worker() as worker:
        store = seen_by(worker, tmp_path / "store")
        done = until_there_is_room(service, store, "store_full")
        assert done.render is not None
        (render,) = (store / "renders").iterdir()
        assert render.name == done.render.id
        assert duration_ms(render / "clip.mp4") == 2000


def test_a_clip_waits_for_room_to_work_in(tmp_path: Path, sqlite_url: str) -> None:
    work = tmp_path / "work"
    service = Service(tmp_path, sqlite_url, settings={"RENDERER_WORK_DIR": str(work)}, before=small_disk(work))
    with service.worker() as worker:
        done = until_there_is_room(service, seen_by(worker, work), "spool_full")
        assert done.render is not None
        assert duration_ms(tmp_path / "store" / "renders" / done.render.id / "clip.mp4") == 2000
