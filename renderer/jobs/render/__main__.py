"""A render process: see `renderer.jobs.render.messages` for what it is told and what it tells."""

import errno
import os
import signal
import sys
import threading
import traceback
from queue import SimpleQueue
from types import FrameType
from typing import NoReturn

import msgspec

from renderer.errors import RendererError
from renderer.jobs.model import Failure
from renderer.jobs.render.messages import AnyJob, Failed, Go, Message, SurveyJob
from renderer.jobs.render.tree import MARK, NICER, end_tree

_CLEARING_S = 5.0
_DISK_FULL = (
    "a disk of the worker is full: free some space, or set RENDERER_WORK_DIR and RENDERER_CACHE_DIR to a larger one"
)


class Line:
    """To the supervisor and back. What libraries print goes to stderr."""

    def __init__(self) -> None:
        self._out = os.fdopen(os.dup(1), "wb")
        os.dup2(2, 1)
        self._writing = threading.Lock()
        self._answers: SimpleQueue[Go] = SimpleQueue()
        self.job = msgspec.json.decode(sys.stdin.buffer.readline(), type=AnyJob)
        threading.Thread(target=self._listen, name="supervisor", daemon=True).start()

    def tell(self, message: Message) -> None:
        with self._writing:
            self._out.write(msgspec.json.encode(message) + b"\n")
            self._out.flush()

    def answer(self) -> Go:
        """Waits for it; without one this process is ended while it waits."""
        return self._answers.get()

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            self._answers.put(msgspec.json.decode(line, type=Go))
        # Whoever wanted the clip is gone, or wants it no more.
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(_CLEARING_S)
        end_tree(os.getpid(), os.environ.get(MARK, ""), 0.0)


def main() -> None:
    signal.signal(signal.SIGTERM, _leave)
    line = Line()
    os.nice(NICER)
    try:
        # What Chromium, ffmpeg and pydantic need is loaded when there is a job for it.
        if isinstance(line.job, SurveyJob):
            from renderer.jobs.render.survey import survey

            survey(line, line.job.survey)
        elif line.job.kind == "clip":
            from renderer.jobs.render.clip import render_clip

            render_clip(line)
        else:
            from renderer.jobs.render.segments import film_segments

            film_segments(line)
    except RendererError as error:
        line.tell(Failed(Failure.of(error)))
    except Exception as error:
        traceback.print_exc()
        line.tell(Failed(_unexpected(error)))


def _unexpected(error: Exception) -> Failure:
    """Where and what kind, and nothing else: the message of a foreign exception may quote the recording."""
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Failure("disk_full", "setup", "ours", retryable=True, detail=_DISK_FULL)
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if "renderer" in frame.filename]
    where = f" in {os.path.basename(ours[-1].filename)}, line {ours[-1].lineno}" if ours else ""  # noqa: PTH119
    detail = f"unexpected {type(error).__name__}{where}: this is a fault of renderer, to be found in the worker's log"
    return Failure("unexpected", "capture", "ours", retryable=False, detail=detail)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    """As an exception, so that work folders and browsers are cleared away on the way out; a second one would break that off."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(128 + number)


def _run() -> int:
    try:
        main()
    except SystemExit as error:
        return error.code if isinstance(error.code, int) else 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    code = _run()
    sys.stderr.flush()
    # All is cleared away, and Python's own way out ends in an abort: a thread waits for stdin, whose lock is wanted then.
    os._exit(code)
