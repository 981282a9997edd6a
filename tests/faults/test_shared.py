"""A long clip that two workers film: it is what one alone would have filmed, and whoever helps may go."""

import os
import signal
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import select

from renderer.database.tables import Segment
from tests.faults.service import Service, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

# Four segments, of which a worker films one at a time: a helper comes for two.
CLIP: Final[dict[str, Any]] = {"from_ms": 0, "length_ms": 40_000, "fps": 25, "overlays": "none"}
# Leases are longer than anybody is held up here.
SHARED: Final = {"RENDERER_SHARED_FROM_SEGMENTS": "2", "RENDERER_LEASE_S": "60", "RENDERER_BROWSERS": "1"}


@pytest.fixture
def alone(tmp_path: Path) -> str:
    """Digest of the clip that one worker films."""
    folder = tmp_path / "alone"
    folder.mkdir()
    service = Service(folder, f"sqlite:///{folder}/renderer.db")
    clip_id = service.ask(**CLIP)
    with service.worker():
        done = service.until_ended(clip_id)
    assert done.clip.status == "succeeded"
    return sha256(service.files(done)["clip.mp4"].read_bytes()).hexdigest()


def filming(service: Service, clip_id: str) -> dict[str, int]:
    """The render processes that film a segment of the clip now, by their workers."""
    with service.database.read() as session:
        owners = session.scalars(select(Segment.lease_owner).where(Segment.clip_id == clip_id)).all()
    parts = [owner.rpartition("/") for owner in owners if owner is not None]
    return {worker: int(pid) for worker, _, pid in parts}


def test_two_film_what_one_would_have_though_a_helper_is_killed(tmp_path: Path, sqlite_url: str, alone: str) -> None:
    service = Service(tmp_path, sqlite_url, settings=SHARED)
    with service.worker(), service.worker():
        clip_id = service.ask(**CLIP)
        maker_pid = wait_for(lambda: next(iter(filming(service, clip_id).values()), None))
        os.kill(maker_pid, signal.SIGSTOP)  # lest it has filmed all before a helper is ready
        helper_pid = wait_for(
            lambda: next((pid for pid in filming(service, clip_id).values() if pid != maker_pid), None)
        )
        os.kill(helper_pid, signal.SIGKILL)
        os.kill(maker_pid, signal.SIGCONT)
        done = service.until_ended(clip_id)
        wait_for(lambda: not service.processes("renderer.jobs.render"))
    assert (done.clip.status, done.clip.attempt, done.clip.strikes) == ("succeeded", 1, 0)
    assert sha256(service.files(done)["clip.mp4"].read_bytes()).hexdigest() == alone
    assert len(service.renders()) == 1
