"""A store that lies or takes its time, under a worker with real renders."""

import threading
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from renderer.database.engine import Database
from tests.integration.jobs.workshop import Workshop, at_work, wait_for
from tests.integration.sources.object_server import BUCKET, ObjectServer
from tests.integration.store.meddler import Meddler, Question, Said, meddling

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture
def meddler(s3: ObjectServer) -> Iterator[Meddler]:
    s3.delete("jobs/")
    with meddling(s3.port) as meddler:
        yield meddler


@pytest.fixture
def shop(
    meddler: Meddler, s3: ObjectServer, tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    for name in ("data", "work"):
        (tmp_path / name).mkdir()
    for name, value in s3.environment(meddler.port).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RENDERER_WORK_DIR", str(tmp_path / "work"))
    monkeypatch.setenv("RENDERER_DATABASE_URL", sqlite_url)
    monkeypatch.setenv("RENDERER_STORE_URL", f"s3://{BUCKET}/jobs")
    shop = Workshop(Database(sqlite_url), lease_s=3.0)
    shop.open()
    yield shop
    shop.close()
    shop.database.close()
    wait_for(lambda: not at_work(), 10)


def test_a_store_that_says_it_kept_a_clip_and_did_not(shop: Workshop, meddler: Meddler) -> None:
    def loses(question: Question, ask: object) -> Said:
        lost = question.method == "PUT" and question.path.endswith(".mp4")
        return Said(200, {"ETag": '"e"'}, b"") if lost else ask()  # type: ignore[operator]

    meddler.meddle = loses
    clip_id = shop.ask()
    wait_for(lambda: shop.look(clip_id).clip.retries == 1)
    left = shop.look(clip_id).clip
    assert (left.status, left.strikes, left.render_id) == ("queued", 0, None)
    meddler.meddle = None
    done = shop.until_ended(clip_id)
    assert (done.clip.status, done.clip.attempt) == ("succeeded", 2)
    assert done.render is not None
    for file in done.render.files:
        data = b"".join(shop.store.open(f"renders/{done.render.id}/{file['name']}").blocks)
        assert sha256(data).hexdigest() == file["sha256"]
    wait_for(lambda: shop.renders() == {done.render.id if done.render else ""})


def test_a_slow_store_costs_time_and_nothing_else(shop: Workshop, meddler: Meddler) -> None:
    """Longer than a lease: it is held meanwhile."""
    pauses = threading.Semaphore(1)

    def slowly(question: Question, ask: object) -> Said:
        if question.method == "PUT" and pauses.acquire(blocking=False):
            time.sleep(4)
        return ask()  # type: ignore[operator,no-any-return]

    meddler.meddle = slowly
    done = shop.until_ended(shop.ask())
    assert (done.clip.status, done.clip.attempt, done.clip.strikes) == ("succeeded", 1, 0)
    assert not pauses.acquire(blocking=False), "it was slow"
