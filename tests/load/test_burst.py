"""A burst of requests against the service as it is started by hand, with a worker that is busy all the while."""

import asyncio
from pathlib import Path

import pytest

from scripts.bench_service import burst, serving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

# What a person still takes for an answer. The target itself, 200 ms, is for a machine that does nothing else: scripts/bench_service.py.
PATIENCE_MS = 5000.0


def test_every_clip_of_a_burst_ends_as_it_must(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        outcome = asyncio.run(burst(server, requests=200, same=20, kept=3, connections=8))
    assert outcome.codes["create 202"] == 200
    assert outcome.codes["cancel 202"] == 177
    assert outcome.statuses == {"succeeded": 23, "canceled": 177}
    assert outcome.same_files == 1
    assert {what: outcome.p99_ms(what) for what in outcome.answers_ms if outcome.p99_ms(what) > PATIENCE_MS} == {}
    log = (tmp_path / "log").read_text()
    assert log.count('"event": "clip_taken"') <= 23 + 177
    assert server.key not in log


def test_what_the_queue_has_no_room_for_is_told_to_come_again(tmp_path: Path) -> None:
    with serving(tmp_path, max_queue="4") as server:
        outcome = asyncio.run(burst(server, requests=40, same=1, kept=39, connections=8))
    accepted, refused = outcome.codes["create 202"], outcome.codes["create 429"]
    assert accepted + refused == 40
    assert refused > 20
    assert [after for after in outcome.retry_after if not 1 <= int(after) <= 600] == []
    assert outcome.statuses == {"succeeded": accepted}
