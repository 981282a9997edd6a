"""The supervisor's end of a render process: starting it, hearing it, ending it with everything it started."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

import msgspec
import psutil

from renderer.errors import SetupError
from renderer.jobs.render.messages import AnyJob, Failed, Go, Made, Message
from renderer.jobs.render.tree import MARK, end_tree, is_dead, step_back, tree, wait_for_end

_TOLD_TO_END: Final = (-signal.SIGTERM, 128 + signal.SIGTERM)

_GRACE_S: Final = 1.0
"""From being asked to end to being ended: time to take a work folder away, well within the 2 s that a cancellation may take."""

# After its last message: all is cleared away by then.
_LEAVING_S: Final = 5.0

# Of what Chromium, ffmpeg or Python may complain before they die; nobody reads more.
_LAST_WORDS: Final = 20


class RenderProcess:
    """A context manager: leaving it ends the process, its browsers and its encoders, whatever they are doing."""

    def __init__(self, job: AnyJob) -> None:
        self._job = job
        self._heard: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._complaints: list[str] = []
        self._mark = uuid4().hex
        self._stepped_back: set[int] = set()
        self._is_leaving = self._is_over = False
        self.was_told_to_end = False
        """Once it has ended: somebody else than we asked for it, as when the whole machine or container stops."""

    def __enter__(self) -> Self:
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "renderer.jobs.render"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
                env={**os.environ, MARK: self._mark},
            )
        except OSError as error:
            raise SetupError(
                "no_render_process",
                f"no process can be started: {os.strerror(error.errno or 0)}; check this machine's memory and limits",
                retryable=True,
            ) from error
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
        if self._is_over:
            return
        self._is_over = True
        pid = self._process.pid
        had_ended = wait_for_end(pid, _LEAVING_S) if self._is_leaving else is_dead(pid)
        end_tree(pid, self._mark, _GRACE_S)
        self.was_told_to_end = had_ended and self._process.wait() in _TOLD_TO_END
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
        self._is_leaving = isinstance(message, Made | Failed)
        return message

    def memory_bytes(self) -> int:
        """What the process and everything it started hold for themselves; pages that they share are not counted twice."""
        total = 0
        for process in self._running():
            with contextlib.suppress(psutil.Error):
                held = process.memory_info()
                total += held.rss - getattr(held, "shared", 0)
        return total

    def _running(self) -> list[psutil.Process]:
        running = tree(self._process.pid)
        step_back(running, self._stepped_back)
        return running

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
