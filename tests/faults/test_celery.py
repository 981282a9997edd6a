"""Several Celery workers on PostgreSQL and Redis, of which each may go at any moment."""

import json
import signal
from pathlib import Path

import pytest

from tests.faults.service import Service, duration_ms, wait_for
from tests.services.postgres import PostgresServer
from tests.services.redis import RedisServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

CLIPS = 4


@pytest.fixture
def service(tmp_path: Path, postgres_url: str, redis_url: str) -> Service:
    return Service(tmp_path, postgres_url, redis_url)


def test_no_clip_is_lost_and_none_made_twice_when_a_worker_the_broker_and_the_database_go(
    service: Service, postgres_server: PostgresServer, redis_server: RedisServer
) -> None:
    clips = [service.ask(from_ms=5000 * number) for number in range(CLIPS)]
    with service.worker() as first, service.worker():
        service.until(clips[0], "rendering", "encoding", "publishing", "succeeded")
        redis_server.stop()
        first.send_signal(signal.SIGKILL)
        redis_server.start()
        service.until(clips[1], "rendering", "encoding", "publishing", "succeeded")
        postgres_server.stop()
        postgres_server.start()
        ended = [service.until_ended(clip_id) for clip_id in clips]
    assert [(seen.clip.status, seen.clip.error) for seen in ended] == [("succeeded", None)] * CLIPS
    assert [duration_ms(service.files(seen)["clip.mp4"]) for seen in ended] == [2000] * CLIPS
    renders = {seen.render.id for seen in ended if seen.render is not None}
    assert len(renders) == CLIPS
    assert [status for seen in ended for status in _statuses(service, seen.clip.id)].count("succeeded") == CLIPS
    wait_for(lambda: not service.processes("renderer.jobs.render"))


def _statuses(service: Service, clip_id: str) -> list[str]:
    return [
        str(event.data.get("status"))
        for event in service.queue.events_after("acme", clip_id, 0, limit=1000)
        if event.kind == "status"
    ]


def test_a_worker_logs_lines_of_json(service: Service, tmp_path: Path) -> None:
    clip_id = service.ask()
    with service.worker():
        service.until_ended(clip_id)
    (log,) = tmp_path.glob("log-*")
    lines = [line for line in log.read_text().splitlines() if line.startswith("{")]
    told = [json.loads(line) for line in lines]
    assert {"worker_started", "clip_taken", "clip_left"} <= {line["event"] for line in told}
    assert clip_id in {line.get("clip") for line in told}
