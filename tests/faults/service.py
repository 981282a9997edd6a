"""Workers as they are started by hand, against the rows that they work on; every process that they start bears a mark."""

import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final, TypeVar

import psutil

from renderer.database.engine import Database
from renderer.database.upgrade import upgrade
from renderer.jobs.model import Submission
from renderer.jobs.queue import Queue
from renderer.jobs.seen import Seen
from renderer.request import ClipRequest
from renderer.settings import Settings

_Found = TypeVar("_Found")

ROOT: Final = Path(__file__).parents[2]
SAMPLE: Final = ROOT / "examples" / "chat" / "session.jsonl.gz"
MARK: Final = "RENDERER_TEST_MARK"
LEASE_S: Final = 4
_ENDED: Final = ("succeeded", "failed", "canceled", "expired")
_PATIENCE_S: Final = 110.0


class Service:
    """`folder`: data, store and logs. `url`: of the database; `broker`: of Celery's, without one the API's process works.

    `settings`: more of them, by the names of their variables. `before`: what the workers' command is given to, to be run.
    """

    def __init__(
        self,
        folder: Path,
        url: str,
        broker: str | None = None,
        *,
        settings: Mapping[str, str] = MappingProxyType({}),
        before: Sequence[str] = (),
    ) -> None:
        self._folder = folder
        self._mark = secrets.token_hex(8)
        self._celery = broker is not None
        self._environment = {
            **os.environ,
            MARK: self._mark,
            "RENDERER_DATA_DIR": str(folder / "data"),
            "RENDERER_DATABASE_URL": url,
            "RENDERER_STORE_URL": str(folder / "store"),
            "RENDERER_SECRET_KEY": "a secret of these tests, and of nothing else",
            "RENDERER_LEASE_S": str(LEASE_S),
            "RENDERER_WORKERS": "1",
            **({"RENDERER_BROKER_URL": broker} if broker else {}),
            **settings,
        }
        self._before = tuple(before)
        database = Database(url)
        upgrade(database)
        self.database = database
        self.queue = Queue(database, Settings(data_dir=folder / "data"))

    @contextmanager
    def worker(self) -> Iterator["subprocess.Popen[bytes]"]:
        """One more. What is left of it in the end is ended."""
        program = Path(sys.executable).parent
        command = (
            [
                str(program / "celery"),
                "-A",
                "worker",
                "worker",
                "--loglevel=warning",
                "--without-gossip",
                "--without-mingle",
            ]
            if self._celery
            else [str(program / "renderer"), "serve", "--port", "0"]
        )
        with (self._folder / f"log-{secrets.token_hex(4)}").open("wb") as log:
            process = subprocess.Popen(
                [*self._before, *command], cwd=ROOT, env=self._environment, stdout=log, stderr=log
            )
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(timeout=20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def ask(self, from_ms: int = 60_000, length_ms: int = 2000, **options: Any) -> str:
        request = ClipRequest.model_validate(
            {
                "recording": str(SAMPLE),
                "range": {"from_ms": from_ms, "to_ms": from_ms + length_ms},
                "size": "320x180",
                "fps": 10,
                **options,
            }
        )
        return self.queue.submit(Submission(tenant="acme", key_id="key", request=request)).clip.id

    def look(self, clip_id: str) -> Seen:
        return self.queue.get("acme", clip_id)

    def until(self, clip_id: str, *statuses: str) -> Seen:
        return wait_for(lambda: seen if (seen := self.look(clip_id)).clip.status in statuses else None)

    def until_ended(self, clip_id: str) -> Seen:
        return self.until(clip_id, *_ENDED)

    def processes(self, word: str = "") -> list[psutil.Process]:
        """Those that its workers started and that are alive, with `word` in their command line."""
        found = []
        for process in psutil.process_iter():
            try:
                marked = process.environ().get(MARK) == self._mark
                if marked and process.status() != psutil.STATUS_ZOMBIE and word in " ".join(process.cmdline()):
                    found.append(process)
            except psutil.Error:
                continue
        return found

    def files(self, seen: Seen) -> dict[str, Path]:
        assert seen.render is not None
        folder = self._folder / "store" / "renders" / seen.render.id
        return {file["name"]: folder / file["name"] for file in seen.render.files}

    def renders(self) -> list[str]:
        """Folders of finished and half-finished renders in the store."""
        folder = self._folder / "store" / "renders"
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def wait_for(look: Callable[[], _Found | None]) -> _Found:
    deadline_s = time.monotonic() + _PATIENCE_S
    while time.monotonic() < deadline_s:
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to pass")


def duration_ms(path: Path) -> int:
    told = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    return round(float(told.stdout) * 1000)
