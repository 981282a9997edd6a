"""Two processes with eight threads between them claim what waits: none twice, and all."""

import subprocess
import sys
from pathlib import Path

import pytest

from renderer.database.engine import Database, now_ms
from tests.unit.jobs.desk import Desk

pytestmark = pytest.mark.timeout(300)

CLIPS = 200


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_no_clip_is_claimed_twice_and_none_is_left(kind: str, request: pytest.FixtureRequest) -> None:
    url: str = request.getfixturevalue(f"{kind}_url")
    database = Database(url)
    desk = Desk(database)
    desk.clock.ms = now_ms()  # theirs is real
    asked = [
        seen.clip.id
        for seen in desk.queue.submit_many(
            [desk.submission(tenant=f"tenant-{n % 7}", priority=10 * (n % 2)) for n in range(CLIPS)]
        )
    ]
    command = [sys.executable, "-m", "tests.integration.jobs.claimer", url, "4"]
    processes = [
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[3]
        )
        for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    taken = [process.communicate(timeout=240)[0].split() for process in processes]
    assert [process.returncode for process in processes] == [0, 0]
    assert all(taken), "both had their share"
    assert sorted(taken[0] + taken[1]) == sorted(asked)
    assert {desk.status(clip_id) for clip_id in asked} == {"succeeded"}
    assert {desk.row(clip_id).attempt for clip_id in asked} == {1}
    assert len(desk.renders()) == CLIPS
    database.close()
