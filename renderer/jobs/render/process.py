"""The supervisor's end of a render process: starting it, hearing it, ending it with everything it started."""

import contextlib
import queue
import subprocess
import sys
import threading
import time
from types import TracebackType
from typing import Final, Self

import msgspec
import psutil

from renderer.jobs.render.messages import Go, Job, Message

_GRACE_S: Final = 1.0
"""From being asked to end to being ended: time to take a work folder away, well within the 2 s that a cancellation may take."""

# Of what Chromium, ffmpeg or Python may complain before they die; nobody reads more.
_LAST_WORDS: Final = 20


class RenderProcess:
    """A context manager: leaving it ends the process, its browsers and its encoders, whatever they are doing."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._complaints: list[str] = []

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "renderer.jobs.render"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        self._threads = [
            threading.Thread(target=self._listen, name="render-messages", daemon=True),
            threading.Thread(target=self._note_complaints, name="render-complaints", daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        self._say(msgspec.json.encode(self._job))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def end(self) -> None:
        """Ends it with everything it started. Once is enough, and more does no harm."""
        if self._process.returncode is not None:
            return
        end_tree(self._process.pid, _GRACE_S if self._process.poll() is None else 0.0)
        self._process.wait()
        for thread in self._threads:
            thread.join(timeout=5)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if pipe is not None:
                    pipe.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def last_words(self) -> str:
        """For logs of ours alone: it may quote anything."""
        return "\n".join(self._complaints)

    def go(self, render_id: str) -> None:
        self._say(msgspec.json.encode(Go(render_id)))

    def hear(self, timeout_s: float) -> Message | None:
        """The next message, None after `timeout_s` without one. EOFError once the process has said its last."""
        try:
            message = self._heard.get(timeout=timeout_s)
        except queue.Empty:
            return None
        if message is None:
            self._heard.put(None)
            raise EOFError
        return message

    def memory_bytes(self) -> int:
        """What the process and everything it started hold for themselves; pages that they share are not counted twice."""
        total = 0
        for process in _tree(self._process.pid):
            with contextlib.suppress(psutil.Error):
                held = process.memory_info()
                total += held.rss - getattr(held, "shared", 0)
        return total

    def _say(self, line: bytes) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        with contextlib.suppress(OSError):  # it is dead, which `hear` will say
            stdin.write(line + b"\n")
            stdin.flush()

    def _listen(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        for line in stdout:
            with contextlib.suppress(msgspec.DecodeError):
                self._heard.put(msgspec.json.decode(line, type=Message))
        self._heard.put(None)

    def _note_complaints(self) -> None:
        stderr = self._process.stderr
        assert stderr is not None
        for line in stderr:
            self._complaints.append(line.decode(errors="replace").rstrip()[:500])
            del self._complaints[:-_LAST_WORDS]


def end_tree(pid: int, grace_s: float) -> None:
    """Asks the process to end, and after `grace_s` ends it and its descendants. Chromium makes sessions of its own, so that a
    signal to the group is not enough.
    """
    known = _tree(pid)
    with contextlib.suppress(psutil.Error):
        if grace_s:
            psutil.Process(pid).terminate()
            deadline_s = time.monotonic() + grace_s
            while time.monotonic() < deadline_s and psutil.pid_exists(pid) and not _is_dead(pid):
                time.sleep(0.02)
    for process in {*known, *_tree(pid)}:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _tree(pid: int) -> list[psutil.Process]:
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return True
