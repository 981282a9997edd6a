"""Looking through sessions when things go wrong: a process that dies, a worker that stops, a source that is away."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from renderer.database.engine import Database, now_ms
from renderer.database.tables import Batch, BatchSession, Clip
from renderer.jobs.batches import add_batch
from renderer.jobs.survey.claims import session_row
from renderer.jobs.survey.model import Source, Spec
from tests.integration.jobs.workshop import Workshop, at_work, wait_for
from tests.integration.posthog_server import Answer, Asked, PostHogServer, failure, once, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(200)]

BATCH = "bat_" + "0" * 26
CLIP = {"size": "320x180", "fps": 5, "assets": "offline"}


@pytest.fixture
def posthog() -> Iterator[PostHogServer]:
    with running() as server:
        server.store_sample()
        yield server


@pytest.fixture
def shop(
    tmp_path: Path, sqlite_url: str, posthog: PostHogServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workshop]:
    for name in ("data", "work"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RENDERER_WORK_DIR", str(tmp_path / "work"))
    monkeypatch.setenv("RENDERER_DATABASE_URL", sqlite_url)
    for name, value in posthog.settings.items():
        monkeypatch.setenv(name, value)
    shop = Workshop(Database(sqlite_url))
    yield shop
    shop.close()
    shop.database.close()
    wait_for(lambda: not at_work(), 10)


def ask(shop: Workshop, *recordings: str, source: Source | None = None) -> None:
    now = now_ms()
    with shop.database.write() as session:
        add_batch(
            session,
            batch_id=BATCH,
            tenant="acme",
            key_id="key",
            labels={},
            size=len(recordings),
            at_ms=now,
            spec=Spec(rules="built-in", clip=CLIP, source=source, dry_run=True).row(),
            listing="waiting" if source else "done",
        )
        for number, recording in enumerate(recordings, 1):
            session.add(session_row(BATCH, number, recording, now))


def sessions(shop: Workshop) -> dict[str, BatchSession]:
    with shop.database.read() as session:
        return {row.recording: row for row in session.scalars(select(BatchSession))}


def statuses(shop: Workshop) -> dict[str, str]:
    return {name: row.status for name, row in sessions(shop).items()}


def until_ended(shop: Workshop) -> dict[str, str]:
    def ended() -> dict[str, str] | None:
        with shop.database.read() as session:
            listing = session.get_one(Batch, BATCH).listing
        told = statuses(shop)
        return told if listing in {"done", "failed"} and not {"waiting", "looking"} & set(told.values()) else None

    return wait_for(ended)


def poison(name: str) -> Any:
    """Whoever asks for that session is killed, as a recording does that takes all memory."""

    def fault(asked: Asked) -> Answer | None:
        if name not in asked.path:
            return None
        for process in at_work():
            process.kill()
        return failure(500, "server_error", "error", "nobody is there to hear this")

    return fault


def test_a_session_that_kills_its_process_costs_itself_and_no_other(shop: Workshop, posthog: PostHogServer) -> None:
    sample = str(Path(__file__).parents[3] / "examples" / "chat" / "session.jsonl.gz")
    posthog.faults.append(poison("poison"))
    ask(shop, "posthog:poison", sample, "posthog:unknown")
    shop.open()
    assert until_ended(shop) == {"posthog:poison": "unreadable", sample: "matched", "posthog:unknown": "unreadable"}
    rows = sessions(shop)
    assert rows["posthog:poison"].error is not None
    assert rows["posthog:poison"].error["code"] == "render_died"
    assert rows["posthog:poison"].attempt == 3
    assert rows["posthog:unknown"].error is not None
    assert rows["posthog:unknown"].error["code"] == "recording_not_found"
    assert rows[sample].moments > 0
    assert shop.left_over() == []


def test_a_worker_that_stops_gives_back_what_it_looks_into(shop: Workshop, posthog: PostHogServer) -> None:
    def slow(asked: Asked) -> Answer | None:
        if "/session_recordings/slow" in asked.path:
            looked.append(asked.path)
            wait_for(lambda: stopped, 30)
        return None

    looked: list[str] = []
    stopped: list[bool] = []
    posthog.faults.append(slow)
    ask(shop, "posthog:slow", "posthog:other")
    shop.open()
    wait_for(lambda: looked)
    shop.close()
    assert statuses(shop) == {"posthog:slow": "waiting", "posthog:other": "waiting"}
    assert [row.attempt for row in sessions(shop).values()] == [0, 0]
    assert not at_work()
    stopped.append(True)


def test_a_source_that_is_away_for_a_moment(shop: Workshop, posthog: PostHogServer) -> None:
    def away(asked: Asked) -> Answer | None:
        is_list = asked.path.rstrip("/").endswith("/session_recordings")
        return failure(503, "server_error", "error", "come again") if is_list else None

    posthog.faults.append(once(away))
    ask(shop, source=Source(name="posthog", from_ms=now_ms() - 30 * 86_400_000, limit=10))
    shop.open()
    told = until_ended(shop)
    assert list(told.values()) == ["matched"]
    with shop.database.read() as session:
        batch = session.get_one(Batch, BATCH)
        assert (batch.listing, batch.error, batch.size) == ("done", None, 1)
        assert session.scalars(select(Clip)).all() == []
