"""An embedded worker in the test's own process, with render processes that are real."""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar

import psutil

from renderer.bootstrap import build_clip_store, build_shared_recordings
from renderer.database.engine import Database
from renderer.jobs.model import Submission
from renderer.jobs.queue import Queue
from renderer.jobs.recordings import Recordings
from renderer.jobs.render.tree import MARK
from renderer.jobs.seen import Seen
from renderer.jobs.wake import Bell
from renderer.jobs.workforce import Workforce
from renderer.request import ClipRequest
from renderer.settings import Settings

_Found = TypeVar("_Found")

ROOT: Final = Path(__file__).parents[3]
SAMPLE: Final = ROOT / "examples" / "chat" / "session.jsonl.gz"
_ENDED: Final = ("succeeded", "failed", "canceled", "expired")
_PATIENCE_S: Final = 100.0


class Workshop:
    """Settings are in the environment, where render processes read them; `changes` are for this worker alone."""

    def __init__(self, database: Database, **changes: Any) -> None:
        self.settings = Settings().model_copy(update={"workers": 1, **changes})
        self.database = database
        self.bell = Bell()
        self.queue = Queue(database, self.settings)
        self.store = build_clip_store(self.settings)
        self.recordings = Recordings(database, build_shared_recordings(self.settings), self.settings)
        self.workforce = Workforce(self.settings, database, self.bell)

    def open(self) -> None:
        self.workforce.start()
        self.workforce.start_slots(self.bell)

    def close(self) -> None:
        self.workforce.stop()

    def upload(self, path: Path = SAMPLE, tenant: str = "acme") -> str:
        """The reference of a recording that the tenant uploads."""
        stored = self.recordings.shared.take_in([path.read_bytes()])
        self.recordings.add(tenant, stored, None)
        return f"recording:{stored.id}"

    def ask(self, recording: str = str(SAMPLE), length_ms: int = 3000, from_ms: int = 60_000, **request: Any) -> str:
        asked = {
            "recording": recording,
            "range": {"from_ms": from_ms, "to_ms": from_ms + length_ms},
            "size": "320x180",
            "fps": 5,
            "assets": "offline",
            **request,
        }
        submission = Submission(tenant="acme", key_id="key", request=ClipRequest.model_validate(asked))
        clip_id = self.queue.submit(submission).clip.id
        self.bell.wake()
        return clip_id

    def look(self, clip_id: str) -> Seen:
        return self.queue.get("acme", clip_id)

    def until(self, clip_id: str, *statuses: str) -> Seen:
        return wait_for(lambda: seen if (seen := self.look(clip_id)).clip.status in statuses else None)

    def until_ended(self, clip_id: str) -> Seen:
        return self.until(clip_id, *_ENDED)

    def statuses(self, clip_id: str) -> list[str]:
        events = self.queue.events_after("acme", clip_id, 0, limit=1000)
        return [event.data["status"] for event in events if event.kind == "status"]

    def renders(self) -> set[str]:
        """Whose files are in the store."""
        return {file.name.split("/")[1] for file in self.store.list("renders")}

    def left_over(self) -> list[Path]:
        """What renders forgot in the work folder."""
        assert self.settings.work_dir is not None
        return sorted(self.settings.work_dir.rglob("*"))


def wait_for(look: Callable[[], _Found | None], patience_s: float = _PATIENCE_S) -> _Found:
    deadline_s = time.monotonic() + patience_s
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def at_work() -> list[psutil.Process]:
    """Render processes that this process started, and all that they started: by the mark in their environment, ffmpeg by its folder."""
    found = []
    ours = os.getpid()
    work = Settings().work_dir
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == ours:
                continue
            if (MARK in process.environ() and process.environ().get("RENDERER_WORK_DIR") == str(work)) or (
                work is not None and Path(process.cwd()).is_relative_to(work)
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found
