"""Whatever is killed in the middle of work: the clip is made again, once, and nothing that was started outlives its worker."""

import contextlib
import signal
import time
from pathlib import Path

import psutil
import pytest

from tests.faults.service import Service, duration_ms, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def service(tmp_path: Path, sqlite_url: str) -> Service:
    return Service(tmp_path, sqlite_url)


def test_a_service_that_is_killed_goes_on_where_it_was_when_it_is_started_again(service: Service) -> None:
    clip_id, waiting = service.ask(), service.ask(from_ms=10_000)
    with service.worker() as first:
        service.until(clip_id, "rendering")
        wait_for(lambda: service.processes("headless"))
        first.kill()
        wait_for(lambda: not service.processes())
        assert service.look(clip_id).clip.status == "rendering"
    with service.worker():
        done, other = service.until_ended(clip_id), service.until_ended(waiting)
    assert (done.clip.status, done.clip.attempt, done.clip.error) == ("succeeded", 2, None)
    assert (other.clip.status, other.clip.attempt) == ("succeeded", 1)
    assert duration_ms(service.files(done)["clip.mp4"]) == 2000
    assert len(service.renders()) == 2
    wait_for(lambda: not service.processes())


@pytest.mark.parametrize("word", ["renderer.jobs.render", "--remote-debugging-pipe", "libx264"])
def test_what_is_killed_below_a_worker_costs_a_try_at_most(service: Service, word: str) -> None:
    clip_id = service.ask(length_ms=4000)
    with service.worker() as worker:
        wait_for(lambda: kill_one_below(worker.pid, word))
        done = service.until_ended(clip_id)
        wait_for(lambda: not service.processes("renderer.jobs.render"))
    assert (done.clip.status, done.clip.error) == ("succeeded", None)
    assert done.clip.attempt <= 2
    assert duration_ms(service.files(done)["clip.mp4"]) == 4000
    assert [render for render in service.renders() if done.render and render != done.render.id] == []


def test_a_canceled_clip_stops_within_two_seconds(service: Service) -> None:
    clip_id = service.ask(length_ms=12_000)
    with service.worker():
        service.until(clip_id, "rendering")
        wait_for(lambda: service.processes("headless"))
        began_s = time.monotonic()
        service.queue.cancel("acme", clip_id)
        service.until(clip_id, "canceled")
        took_s = time.monotonic() - began_s
        assert not service.processes("headless")
        assert not service.processes("ffmpeg")
    assert took_s < 2.0
    assert service.renders() == []


def test_a_worker_that_is_told_to_end_gives_its_clip_back_at_once(service: Service) -> None:
    clip_id = service.ask(length_ms=12_000)
    with service.worker() as worker:
        service.until(clip_id, "rendering")
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=20) == 0
    left = service.look(clip_id).clip
    assert (left.status, left.strikes, left.lease_owner) == ("queued", 0, None)
    wait_for(lambda: not service.processes())


def kill_one_below(pid: int, word: str) -> bool:
    """Encoders live for a moment: they are looked for below their worker, not among all that runs on the machine."""
    for process in psutil.Process(pid).children(recursive=True):
        with contextlib.suppress(psutil.Error):
            if word in " ".join(process.cmdline()):
                process.kill()
                return True
    return False
