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

# Four segments.
CLIP: Final[dict[str, Any]] = {"from_ms": 0, "length_ms": 40_000, "fps": 25, "overlays": "none"}
SHARED: Final = {"RENDERER_SHARED_FROM_SEGMENTS": "2"}


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


def helper_pid(service: Service, clip_id: str) -> int | None:
    """Of the render process that films a segment of the clip for another worker than the clip's own."""
    maker = service.look(clip_id).clip.lease_owner
    with service.database.read() as session:
        owners = session.scalars(select(Segment.lease_owner).where(Segment.clip_id == clip_id)).all()
    found = [owner for owner in owners if owner is not None and maker is not None and not owner.startswith(maker)]
    return int(found[0].rpartition("/")[2]) if found else None


def test_two_film_what_one_would_have_though_a_helper_is_killed(tmp_path: Path, sqlite_url: str, alone: str) -> None:
    service = Service(tmp_path, sqlite_url, settings=SHARED)
    with service.worker(), service.worker():
        clip_id = service.ask(**CLIP)
        killed = wait_for(lambda: helper_pid(service, clip_id))
        os.kill(killed, signal.SIGKILL)
        done = service.until_ended(clip_id)
        wait_for(lambda: not service.processes("renderer.jobs.render"))
    assert (done.clip.status, done.clip.attempt, done.clip.strikes) == ("succeeded", 1, 0)
    assert sha256(service.files(done)["clip.mp4"].read_bytes()).hexdigest() == alone
    assert len(service.renders()) == 1
