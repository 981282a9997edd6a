"""The embedded worker and real renders: what it makes, how it stops, what it does not let pass."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import delete

from renderer.database.engine import Database
from renderer.database.tables import UploadedRecording
from renderer.errors import RequestError
from tests.integration.jobs.workshop import Workshop, at_work, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

Open = Callable[..., Workshop]


@pytest.fixture
def place(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("data", "work", "clips"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("RENDERER_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("RENDERER_WORK_DIR", str(tmp_path / "work"))
    monkeypatch.setenv("RENDERER_DATABASE_URL", sqlite_url)
    return tmp_path


@pytest.fixture
def opened(place: Path, sqlite_url: str) -> Iterator[Open]:
    shops: list[Workshop] = []

    def opened(**changes: object) -> Workshop:
        shops.append(Workshop(Database(sqlite_url), **changes))
        shops[-1].open()
        return shops[-1]

    yield opened
    for shop in shops:
        shop.close()
        shop.database.close()
    wait_for(lambda: not at_work(), 10)


def probe(path: Path) -> Any:
    command = ["ffprobe", "-v", "error", "-count_frames", "-show_streams", "-show_format", "-of", "json", str(path)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def test_a_clip_whose_files_in_the_store_are_what_was_asked_for(opened: Open, tmp_path: Path) -> None:
    shop = opened()
    seen = shop.until_ended(shop.ask(outputs=[{"format": "mp4"}, {"format": "gif"}]))
    assert (seen.clip.status, seen.clip.error) == ("succeeded", None)
    assert seen.render is not None
    assert [file["kind"] for file in seen.render.files] == [
        *("mp4", "gif", "poster", "captions", "summary", "manifest")
    ]
    for file in seen.render.files:
        data = b"".join(shop.store.open(f"renders/{seen.render.id}/{file['name']}").blocks)
        (tmp_path / file["name"]).write_bytes(data)
        assert (len(data), sha256(data).hexdigest()) == (file["bytes"], file["sha256"])
    found = probe(tmp_path / "clip.mp4")
    (video,) = found["streams"]
    assert (video["width"], video["height"], video["avg_frame_rate"]) == (320, 180, "5/1")
    assert int(video["nb_read_frames"]) == 15, "all of it can be decoded"
    assert round(float(found["format"]["duration"]) * 1000) == 3000
    assert seen.render.files[0]["duration_ms"] == 3000
    with Image.open(tmp_path / "clip.png") as poster:
        assert len(poster.convert("RGB").getcolors(100_000) or [1] * 100) > 20, "something is on it"
    manifest = (tmp_path / "clip.json").read_text()
    assert {Path(file["path"]).name for file in json.loads(manifest)["files"]} == {
        *("clip.mp4", "clip.gif", "clip.png", "clip.vtt", "clip.md")
    }
    assert str(tmp_path) not in manifest, "no folder of this machine"
    assert shop.statuses(seen.clip.id) == [*("queued", "fetching", "rendering", "encoding", "publishing", "succeeded")]
    assert seen.clip.session == json.loads(manifest)["recording"]["id"]
    assert shop.left_over() == []
    wait_for(lambda: not at_work(), 5)


def test_twenty_that_ask_for_the_same_are_made_once(opened: Open) -> None:
    shop = opened(workers=2)
    recording = shop.upload()
    clips = [shop.ask(recording, length_ms=2000) for _ in range(20)]
    seen = [shop.until_ended(clip_id) for clip_id in clips]
    assert {each.clip.status for each in seen} == {"succeeded"}
    assert {each.render.id for each in seen if each.render} == shop.renders()
    assert len(shop.renders()) == 1
    assert sum(each.clip.attempt for each in seen) == 1
    late = shop.look(shop.ask(recording, length_ms=2000))
    assert late.clip.status == "succeeded", "who asks later has it at once"


def test_the_same_in_other_words_is_made_once(opened: Open) -> None:
    """Neither is an upload, and one names the end of the recording: only the plans tell."""
    shop = opened(workers=2)
    ranges = {"from_ms": 71_000}, {"from_ms": 71_000, "to_ms": 72_864}
    first, second = (shop.ask(range=each) for each in ranges)
    seen = [shop.until_ended(clip_id) for clip_id in (first, second)]
    assert {each.clip.status for each in seen} == {"succeeded"}
    assert len(shop.renders()) == 1


def test_a_canceled_clip_stops_within_two_seconds_and_leaves_nothing(opened: Open) -> None:
    shop = opened()
    clip_id = shop.ask(length_ms=12_000, from_ms=0, fps=25)
    shop.until(clip_id, "rendering")
    wait_for(lambda: [process for process in at_work() if "headless" in process.name()])
    began_s = time.monotonic()
    shop.queue.cancel("acme", clip_id)
    shop.until(clip_id, "canceled")
    took_s = time.monotonic() - began_s
    assert at_work() == [], "once it is called canceled, nothing of it goes on"
    assert took_s < 2.0
    assert shop.renders() == set()
    assert shop.left_over() == []


def test_a_worker_that_stops_gives_back_what_it_has_and_another_goes_on(opened: Open) -> None:
    first = opened()
    clip_id = first.ask(length_ms=4000)
    first.until(clip_id, "rendering")
    began_s = time.monotonic()
    first.workforce.stop()
    assert time.monotonic() - began_s < 3
    left = first.look(clip_id).clip
    assert (left.status, left.strikes, left.retries, left.lease_owner) == ("queued", 0, 0, None)
    assert at_work() == []
    assert first.left_over() == []
    done = opened().until_ended(clip_id)
    assert (done.clip.status, done.clip.attempt) == ("succeeded", 2)


def test_a_render_process_that_is_told_to_end_by_somebody_else_is_nobodys_fault(opened: Open) -> None:
    """As when a container stops: everything in it is told at once."""
    shop = opened()
    clip_id = shop.ask()
    shop.until(clip_id, "rendering")
    (process,) = [each for each in at_work() if "renderer.jobs.render" in " ".join(each.cmdline())]
    process.send_signal(signal.SIGTERM)
    done = shop.until_ended(clip_id)
    assert (done.clip.status, done.clip.attempt, done.clip.strikes) == ("succeeded", 2, 0)


def test_killed_with_everything_in_the_middle_nothing_goes_on(opened: Open) -> None:
    """Its browsers and encoders have lost their parent, and are found all the same."""
    shop = opened()
    clip_id = shop.ask(length_ms=12_000, from_ms=0, fps=25)
    shop.until(clip_id, "rendering")
    wait_for(lambda: [process for process in at_work() if "headless" in process.name()])
    before = at_work()
    (process,) = [each for each in before if "renderer.jobs.render" in " ".join(each.cmdline())]
    os.kill(process.pid, signal.SIGKILL)
    shop.until(clip_id, "queued")
    assert [each for each in before if each.is_running() and each.status() != "zombie"] == []
    shop.queue.cancel("acme", clip_id)


@pytest.mark.parametrize(
    ("limit", "code"),
    [({"clip_memory_bytes": 50_000_000}, "render_memory"), ({"clip_timeout_s": 1.5}, "render_timeout")],
    ids=["memory", "time"],
)
def test_a_render_beyond_its_limits_is_ended_tried_once_more_and_put_away(
    limit: dict[str, object], code: str, opened: Open
) -> None:
    shop = opened(**limit)
    clip_id = shop.ask(length_ms=12_000, from_ms=0, fps=25)
    seen = shop.until_ended(clip_id)
    assert seen.clip.error is not None
    assert (seen.clip.status, seen.clip.error["code"], seen.clip.attempt) == ("failed", code, 2)
    assert at_work() == []
    assert shop.renders() == set()
    with pytest.raises(RequestError) as told:
        shop.ask(length_ms=1000)
    assert told.value.code == "recording_quarantined"


def test_what_cannot_be_rendered_fails_honestly_and_once(opened: Open, tmp_path: Path) -> None:
    shop = opened()
    (tmp_path / "none.json").write_text("[1, 2, 3]")
    seen = shop.until_ended(shop.ask(str(tmp_path / "none.json")))
    assert seen.clip.error is not None
    assert (seen.clip.status, seen.clip.error["fault"], seen.clip.attempt) == ("failed", "input", 1)
    assert shop.statuses(seen.clip.id) == ["queued", "fetching", "failed"]


def test_a_recording_that_was_deleted_meanwhile(opened: Open, place: Path, sqlite_url: str) -> None:
    waiting = Workshop(Database(sqlite_url))
    recording = waiting.upload()
    clip_id = waiting.ask(recording)
    with waiting.database.write() as session:
        session.execute(delete(UploadedRecording))
    seen = opened().until_ended(clip_id)
    assert seen.clip.error is not None
    assert (seen.clip.status, seen.clip.error["code"]) == ("failed", "recording_not_found")


def test_a_machine_on_which_no_process_can_be_started_is_no_fault_of_a_recording(
    opened: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python = sys.executable
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    shop = opened()
    clip_id = shop.ask()
    wait_for(lambda: shop.look(clip_id).clip.retries == 1)
    left = shop.look(clip_id).clip
    assert (left.status, left.strikes) == ("queued", 0)
    told = [event.data["after"] for event in shop.queue.events_after("acme", clip_id, 0) if "after" in event.data]
    assert [(each["code"], each["fault"], each["retryable"]) for each in told] == [("no_render_process", "ours", True)]
    monkeypatch.setattr(sys, "executable", python)
    assert shop.until_ended(clip_id).clip.status == "succeeded"


def test_relative_paths_in_settings_mean_where_the_service_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RENDERER_DATA_DIR", "data")
    monkeypatch.setenv("RENDERER_WORK_DIR", "work")
    shop = Workshop(Database(f"sqlite:///{tmp_path}/data/renderer.db"))
    shop.open()
    try:
        seen = shop.until_ended(shop.ask(shop.upload(), length_ms=1000))
    finally:
        shop.close()
        shop.database.close()
    assert (seen.clip.status, seen.clip.error) == ("succeeded", None)
    assert seen.render is not None
    assert (tmp_path / "data" / "clips" / "renders" / seen.render.id / "clip.mp4").is_file()
